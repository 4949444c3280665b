// The authentication tag of SRTP and SRTCP packets: whether a key is the one that made it.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "crypto/aead.hpp"
#include "crypto/free_by.hpp"
#include "crypto/srtp_key_derivation.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// SrtpVerifier checks packets with the session keys of one kind of stream. HMAC-SHA1 covers what was sent (RFC 3711 section 4.2), so
/// nothing is decrypted; AES-GCM (RFC 7714) tells only while it decrypts: its plaintext is overwritten at once and goes nowhere.
class SrtpVerifier {
 public:
  /// `tag_bytes` is the length of the tag; `mki` is what packets have to carry beside it (RFC 3711 section 3.1).
  SrtpVerifier(SrtpSessionKeys keys, std::size_t tag_bytes, SecretOctets mki);

  /// rtp_holds checks an SRTP packet under a roll-over counter (RFC 3711 section 3.3.1). `header_bytes` is where the payload begins;
  /// with it as long as the packet nothing is taken for encrypted (RFC 7714 section 16.1.3).
  [[nodiscard]] bool rtp_holds(Bytes packet, std::size_t header_bytes, std::uint32_t roll_over_counter);
  /// rtcp_holds checks an SRTCP packet, which carries its index (RFC 3711 section 3.4, RFC 7714 section 9).
  [[nodiscard]] bool rtcp_holds(Bytes packet);

 private:
  struct Sealed {
    Bytes first_aad;
    Bytes second_aad;
    Bytes ciphertext;
    Bytes tag;
  };
  [[nodiscard]] bool aead() const { return keys_.authentication.empty(); }
  [[nodiscard]] bool hmac_holds(Bytes covered, Bytes suffix, Bytes tag);
  [[nodiscard]] bool gcm_holds(const Sealed& sealed, std::uint32_t ssrc, std::uint32_t high, std::uint32_t low, bool rtcp);

  SrtpSessionKeys keys_;
  std::size_t tag_bytes_;
  SecretOctets mki_;
  Owned<EVP_MAC_CTX, EVP_MAC_CTX_free> mac_;
  std::optional<AeadOpener> opener_;
};

/// SrtpAuthenticator checks packets with a master key: it derives the session keys anew where the key derivation rate asks for it.
class SrtpAuthenticator {
 public:
  explicit SrtpAuthenticator(const SrtpMasterKey& key) : key_{key} {}

  /// verifies_rtp says that a tag can tell at all: not when the session agreed on none (UNAUTHENTICATED_SRTP, RFC 4568 section 6.3.3), nor
  /// with a key of another length than its suite's.
  [[nodiscard]] bool verifies_rtp() const { return has_lengths_of_suite(key_) && !key_.unauthenticated_srtp; }
  [[nodiscard]] bool rtp_holds(Bytes packet, std::size_t header_bytes, std::uint32_t roll_over_counter);
  [[nodiscard]] bool rtcp_holds(Bytes packet);
  /// rtcp_encrypted reads the bit by which an SRTCP packet says that it is encrypted (RFC 3711 section 3.4).
  [[nodiscard]] bool rtcp_encrypted(Bytes packet) const;

 private:
  /// rtcp_index gives that bit and the index behind it; 0 for a packet that is too short for any.
  [[nodiscard]] std::uint32_t rtcp_index(Bytes packet) const;
  /// Epoch is the verifier of the packets between two derivations.
  struct Epoch {
    std::uint64_t number = 0;
    std::unique_ptr<SrtpVerifier> verifier;
  };
  SrtpVerifier& verifier(Epoch& last, SrtpStream stream, std::uint64_t index);

  SrtpMasterKey key_;
  Epoch rtp_;
  Epoch rtcp_;
};

}  // namespace sealtrace
