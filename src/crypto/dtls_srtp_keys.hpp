// DTLS-SRTP: the master keys of SRTP out of a DTLS handshake (RFC 5764 section 4.2).
#pragma once

#include <cstdint>
#include <optional>

#include "crypto/tls_key_schedule.hpp"
#include "model/srtp.hpp"

namespace sealtrace {

/// DtlsSrtpHandshake is what the keys follow from. `hash` is that of the PRF; `mki` what the server's use_srtp extension says.
struct DtlsSrtpHandshake {
  std::uint16_t profile = 0;
  TlsHash hash{};
  Bytes master_secret;
  Bytes client_random;
  Bytes server_random;
  Bytes mki;
};

/// DtlsSrtpKeys are the master keys under which either end sends, RTP and RTCP alike.
struct DtlsSrtpKeys {
  SrtpMasterKey client;
  SrtpMasterKey server;
};

/// dtls_srtp_keys exports the keys of a handshake; nothing for a profile that is not known.
std::optional<DtlsSrtpKeys> dtls_srtp_keys(const DtlsSrtpHandshake& handshake);

}  // namespace sealtrace
