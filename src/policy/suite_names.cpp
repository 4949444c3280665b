#include "policy/suite_names.hpp"

#include <cstdint>
#include <map>

namespace sealtrace {

std::optional<CipherSuite> find_suite_named(std::string_view name) {
  static const std::map<std::string_view, CipherSuite> kCodes = [] {
    std::map<std::string_view, CipherSuite> codes;
    for (std::uint32_t code = 0; code <= 0xFFFF; ++code) {
      if (const CipherSuiteInfo* suite = find_cipher_suite(CipherSuite{static_cast<std::uint16_t>(code)})) codes[suite->name] = suite->code;
    }
    return codes;
  }();
  const auto found = kCodes.find(name);
  if (found == kCodes.end()) return std::nullopt;
  return found->second;
}

}  // namespace sealtrace
