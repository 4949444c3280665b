// A session says the same however its stream is cut; a probe keeps its word; no token that is cut is whole.
#include "dissect/scripted_fuzz.hpp"
#include "dissectors/xmpp/xmpp_probe.hpp"

using namespace sealtrace;

namespace {

/// check_tokens reads tokens, each of which must not be there before its last octet; but character data may end anywhere.
void check_tokens(Bytes octets) {
  constexpr std::size_t kMaxTokens = 64;
  XmlScanner scanner;
  for (std::size_t i = 0; i < kMaxTokens; ++i) {
    XmlScanner again = scanner;
    const auto token = scanner.next(octets);
    if (!token) return;
    if (token->length == 0 || token->length > octets.size()) std::abort();
    if (token->kind != XmlTokenKind::text) {
      if (again.next(octets.first(token->length - 1))) std::abort();
      if (!again.next(octets.first(token->length))) std::abort();
      XmlAttributes attributes{token->attributes};
      while (const auto attribute = attributes.next()) {
        if (attribute->name.empty() || xml_unescaped(attribute->value, 16).size() > 16) std::abort();
      }
    }
    octets = octets.subspan(token->length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 14;
  const auto script = testing::fuzzed_script({data, std::min(size, kMaxInput)});
  testing::says_the_same_however_cut(testing::checked<kXmppDissector>, script);
  for (const auto& run : script) {
    check_tokens(as_bytes(run.said.octets));
    testing::keeps_its_word(kXmppDissector, as_bytes(run.said.octets), 5269);
  }
  return 0;
}
