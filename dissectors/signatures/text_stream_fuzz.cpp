// SMTP, FTP, IMAP and POP3 say the same however their streams are cut, and point only at octets they were given.
//
// Input: one octet that chooses the protocol, then testing::fuzzed_script.
#include "dissect/scripted_fuzz.hpp"
#include "dissectors/signatures/text_stream.hpp"

using namespace sealtrace;

namespace {

template <TextProtocol kProtocol>
constexpr Dissector kOne{.name = "text",
                         .probe = [](const ProbeInput&) { return Recognition::yes; },
                         .open = [](const Services&) -> std::unique_ptr<Session> { return std::make_unique<TextStream>(kProtocol); }};

template <TextProtocol kProtocol>
void check(const std::vector<testing::FuzzedRun>& script) {
  testing::says_the_same_however_cut(testing::checked<kOne<kProtocol>>, script);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 13;
  if (size == 0) return 0;
  const auto script = testing::fuzzed_script({data + 1, std::min(size - 1, kMaxInput)});
  switch (TextProtocol{static_cast<std::uint8_t>(data[0] % 4)}) {
    case TextProtocol::smtp: check<TextProtocol::smtp>(script); break;
    case TextProtocol::ftp: check<TextProtocol::ftp>(script); break;
    case TextProtocol::imap: check<TextProtocol::imap>(script); break;
    case TextProtocol::pop3: check<TextProtocol::pop3>(script); break;
  }
  return 0;
}
