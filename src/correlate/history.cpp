#include "correlate/history.hpp"

#include <variant>

#include "correlate/overloaded.hpp"

namespace sealtrace {
namespace {

constexpr char kNoLetter = '\0';
/// ChangeCipherSpec is written c by both sides: C is the ClientHello.
constexpr char kChangeCipherSpec = 'c';

/// letter gives the small letter of a fact; docs/records.md lists them.
char letter(const FactBody& body) {
  return std::visit(Overloaded{
                        [](const TlsClientHello&) { return 'c'; },
                        [](const TlsServerHello& hello) { return hello.hello_retry_request ? 'j' : 's'; },
                        [](const TlsHelloVerifyRequest&) { return 'y'; },
                        [](const TlsCertificates&) { return 'x'; },
                        [](const TlsCertificateStatus&) { return 'u'; },
                        [](const TlsServerKeyExchange&) { return 'k'; },
                        [](const TlsEncryptedExtensions&) { return kNoLetter; },
                        [](const TlsCertificateRequest&) { return 'r'; },
                        [](const TlsServerHelloDone&) { return 'n'; },
                        [](const TlsClientKeyExchange&) { return 'k'; },
                        [](const TlsCertificateVerify&) { return 'v'; },
                        [](const TlsNewSessionTicket&) { return 't'; },
                        [](const TlsChangeCipherSpec&) { return kChangeCipherSpec; },
                        [](const TlsFinished&) { return 'f'; },
                        [](const TlsEncryptedHandshake&) { return 'e'; },
                        [](const TlsApplicationData&) { return 'd'; },
                        [](const TlsAlert&) { return 'l'; },
                        [](const TlsHeartbeat&) { return 'b'; },
                        [](const TlsHelloRequest&) { return 'h'; },
                        [](const TlsOtherHandshake&) { return 'z'; },
                        [](const TlsJoinedMidStream&) { return 'm'; },
                        [](const TlsPseudoHello&) { return 'p'; },
                        [](const MessageUnreadable&) { return 'q'; },
                        [](const StreamGap&) { return 'g'; },
                        [](const ProtocolRecognised&) { return kNoLetter; },
                        [](const TlsPrecededBy&) { return kNoLetter; },
                        [](const HeldOf<ApplicationFacts> auto&) { return kNoLetter; },
                        [](const BudgetExceeded&) { return kNoLetter; },
                        [](const SrtpKeyExported&) { return kNoLetter; },
                    },
                    body);
}

}  // namespace

void TlsHistory::add(const Fact& fact) {
  char next = letter(fact.body);
  if (next == kNoLetter) return;
  const bool runs_are_one = next == 'd' || next == 'e';
  const bool always_small = std::holds_alternative<TlsChangeCipherSpec>(fact.body);
  if (fact.sender == Side::initiator && !always_small) next = static_cast<char>(next - 'a' + 'A');
  if (runs_are_one && !letters_.empty() && letters_.back() == next) return;
  if (letters_.size() == kMaxHistoryLetters) {
    cut_ = true;
    return;
  }
  letters_.push_back(next);
}

}  // namespace sealtrace
