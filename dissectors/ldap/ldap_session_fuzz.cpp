// A session says the same however its stream is cut; a probe keeps its word; no head and no buffer that is cut is whole; a datagram that
// ends early shows no more than the whole one.
#include "dissect/scripted_fuzz.hpp"
#include "dissectors/ldap/ldap_parse.hpp"
#include "dissectors/ldap/ldap_probe.hpp"
#include "dissectors/ldap/ldap_security_layer.hpp"

using namespace sealtrace;

namespace {

/// check_cuts aborts when `parse` reads a cut of `octets` otherwise than by asking for more, until there is enough, and then always the
/// same.
template <typename Parse>
void check_cuts(Bytes octets, Parse parse) {
  const auto whole = parse(octets);
  bool enough = false;
  for (std::size_t length = 0; length <= std::min<std::size_t>(octets.size(), 128); ++length) {
    const auto cut = parse(octets.first(length));
    const bool waits = !cut && cut.error().code == ParseErrorCode::need_more;
    if (enough && (waits || cut.has_value() != whole.has_value())) std::abort();
    enough = enough || !waits;
  }
}

void check_datagram(Bytes octets) {
  const auto words = [](Bytes datagram) {
    testing::ScriptedFlow flow{testing::checked<kLdapDissector>};
    flow.datagrams({testing::from_client(std::string{as_text(datagram)})});
    std::erase_if(flow.words, [](const std::string& word) { return !word.starts_with("c clear"); });
    return flow.words;
  };
  const auto whole = words(octets);
  for (const std::size_t length : {octets.size() / 2, octets.size() - std::min<std::size_t>(octets.size(), 1)}) {
    const auto cut = words(octets.first(length));
    if (cut.size() > whole.size() || !std::equal(cut.begin(), cut.end(), whole.begin())) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 14;
  const auto script = testing::fuzzed_script({data, std::min(size, kMaxInput)});
  testing::says_the_same_however_cut(testing::checked<kLdapDissector>, script);
  for (const auto& run : script) {
    const Bytes octets = as_bytes(run.said.octets);
    check_cuts(octets, [](Bytes cut) { return parse_ldap_head(cut); });
    check_cuts(octets, [](Bytes cut) { return parse_ldap_buffer(cut); });
    check_datagram(octets);
    testing::keeps_its_word(kLdapDissector, octets, 389);
  }
  return 0;
}
