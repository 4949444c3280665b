#include "crypto/dtls_srtp_keys.hpp"

#include <vector>

namespace sealtrace {

std::optional<DtlsSrtpKeys> dtls_srtp_keys(const DtlsSrtpHandshake& handshake) {
  const auto suite = srtp_suite_of_profile(handshake.profile);
  if (!suite) return std::nullopt;
  const std::size_t key_bytes = traits(*suite).key_bytes;
  const std::size_t salt_bytes = traits(*suite).salt_bytes;
  // client_write_SRTP_master_key, server_write_SRTP_master_key, client_write_SRTP_master_salt, server_write_SRTP_master_salt
  const SecretOctets exported = tls12_exported(handshake.hash, handshake.master_secret, "EXTRACTOR-dtls_srtp", handshake.client_random,
                                               handshake.server_random, 2 * (key_bytes + salt_bytes));
  const auto share = [&](std::size_t place) {
    const Bytes key = exported.octets().subspan(place * key_bytes, key_bytes);
    const Bytes salt = exported.octets().subspan(2 * key_bytes + place * salt_bytes, salt_bytes);
    std::vector<std::uint8_t> both{key.begin(), key.end()};
    both.insert(both.end(), salt.begin(), salt.end());
    SrtpMasterKey master{.suite = *suite, .key_and_salt = SecretOctets{both}, .mki = SecretOctets{handshake.mki}};
    wipe(both);
    return master;
  };
  return DtlsSrtpKeys{.client = share(0), .server = share(1)};
}

}  // namespace sealtrace
