// SHA-256 by OpenSSL, with what is costly prepared once.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "wire/bytes.hpp"
#include "wire/stream_digest.hpp"

namespace sealtrace {

using Sha256 = std::array<std::uint8_t, 32>;

/// sha256 hashes `octets` in one call; each thread keeps one context.
Sha256 sha256(Bytes octets);

/// upper_hex spells octets as the contract does hashes: upper-case, no separators.
std::string upper_hex(Bytes octets);

/// Sha256Stream hashes a file as it passes by.
class Sha256Stream final : public StreamDigest {
 public:
  Sha256Stream();
  void update(Bytes octets) override;
  /// finish gives upper-case hex and may be called once.
  std::string finish() override;

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace sealtrace
