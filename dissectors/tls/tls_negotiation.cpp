#include "dissectors/tls/tls_negotiation.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace sealtrace {

std::optional<std::uint16_t> null_suite_mac_bytes(const TlsNegotiation& negotiation) {
  constexpr std::array<std::pair<std::string_view, std::uint16_t>, 5> kMacs{
      {{"_MD5", 16}, {"_SHA", 20}, {"_SHA256", 32}, {"_SHA384", 48}, {"_GOSTR3411", 32}}};
  if (!negotiation.server_hello_seen || negotiation.is_tls13() || negotiation.compression_method != 0) return std::nullopt;
  const CipherSuiteInfo* suite = find_cipher_suite(negotiation.cipher_suite);
  if (suite == nullptr || !cipher_traits(negotiation.cipher_suite).null_encryption) return std::nullopt;
  for (const auto& [suffix, mac_bytes] : kMacs) {
    if (suite->name.ends_with(suffix)) return mac_bytes;
  }
  return 0;  // TLS_NULL_WITH_NULL_NULL
}

}  // namespace sealtrace
