// Session keys of SRTP and SRTCP from a master key.
#pragma once

#include <cstdint>

#include "model/srtp.hpp"

namespace sealtrace {

/// SrtpStream says whether keys are for media or for its control packets.
enum class SrtpStream : std::uint8_t { rtp, rtcp };

/// SrtpSessionKeys are what packets are protected with (RFC 3711 section 4.3.1). Of a suite with AES-GCM `authentication` is empty.
struct SrtpSessionKeys {
  SecretOctets encryption;
  SecretOctets salt;
  SecretOctets authentication;
};

/// has_lengths_of_suite says that a master key can be used: key and salt have the lengths of its suite.
bool has_lengths_of_suite(const SrtpMasterKey& key);

/// derive_session_keys runs the key derivation of RFC 3711 section 4.3, with AES of 192 and 256 bits as RFC 6188 section 3 has it and
/// the shorter salt of RFC 7714 section 11 filled up with zeros. `epoch` is the packet's index divided by the key derivation rate: 0 when
/// keys are derived once. Of SRTCP, too, it is 48 bits long, as implementations read section 4.3.2. `key` has_lengths_of_suite.
SrtpSessionKeys derive_session_keys(const SrtpMasterKey& key, SrtpStream stream, std::uint64_t epoch);

}  // namespace sealtrace
