// facts_of: facts out of a line of words, for the tests of this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "model/fact.hpp"
#include "model/flow_profile.hpp"

namespace sealtrace::testing {

/// Handshake are the values of a script's hellos and tickets.
struct ScriptValues {
  TlsVersion version = TlsVersion::tls1_2;
  CipherSuite cipher_suite{0xC030};
  OpaqueHash offered_session_id{};
  OpaqueHash session_id{};
  OpaqueHash offered_ticket{};
  OpaqueHash issued_ticket{1};
  bool extended_master_secret = true;
};

/// fact_body makes the fact of one word (without its side mark).
inline FactBody fact_body(const std::string& word, Side sender, const ScriptValues& values) {
  if (word == "hello" && sender == Side::initiator) {
    TlsClientHello hello;
    hello.form = is_dtls(values.version) ? TlsHelloForm::dtls : TlsHelloForm::tls;
    hello.legacy_version = 0x0303;
    hello.session_id = values.offered_session_id;
    (values.version == TlsVersion::tls1_3 ? hello.psk_identity : hello.session_ticket) = values.offered_ticket;
    hello.extended_master_secret = values.extended_master_secret;
    hello.renegotiation_info = true;
    hello.server_name = "pool01.contoso.com";
    return hello;
  }
  if (word == "hello" || word == "retry" || word == "psk-hello") {
    TlsServerHello hello;
    hello.version = values.version;
    hello.cipher_suite = values.cipher_suite;
    hello.session_id = values.session_id;
    hello.extended_master_secret = values.extended_master_secret;
    hello.renegotiation_info = true;
    hello.hello_retry_request = word == "retry";
    hello.pre_shared_key = word == "psk-hello";
    return hello;
  }
  static const std::map<std::string, FactBody> kBodies{
      {"cookie", TlsHelloVerifyRequest{}},
      {"cert", TlsCertificates{.chain = {CertificateId{7}, CertificateId{8}}, .staples = {}}},
      {"no-cert", TlsCertificates{}},
      {"status", TlsCertificateStatus{}},
      {"req", TlsCertificateRequest{.num_certificate_authorities = 3}},
      {"done", TlsServerHelloDone{}},
      {"verify", TlsCertificateVerify{}},
      {"verified", TlsCertificateVerify{.signature = Check::passed}},
      {"forged", TlsCertificateVerify{.signature = Check::failed}},
      {"unknown-scheme", TlsCertificateVerify{.signature = Check::not_possible}},
      {"ee", TlsEncryptedExtensions{}},
      {"checked", TlsFinished{.verify_data = Check::passed}},
      {"wrong-fin", TlsFinished{.verify_data = Check::failed}},
      {"ccs", TlsChangeCipherSpec{}},
      {"fin", TlsFinished{}},
      {"enc", TlsEncryptedHandshake{.record_bytes = 80}},
      {"data", TlsApplicationData{.record_bytes = 400}},
      {"alert-sized", TlsApplicationData{.record_bytes = 19}},
      {"fatal", TlsAlert{.encrypted = false, .level = AlertLevel::fatal, .description = AlertDescription{42}}},
      {"warning-41", TlsAlert{.encrypted = false, .level = AlertLevel::warning, .description = AlertDescription::no_certificate}},
      {"notify", TlsAlert{.encrypted = false, .level = AlertLevel::warning, .description = AlertDescription::close_notify}},
      {"alert", TlsAlert{.encrypted = true}},
      {"gap", StreamGap{.missing_bytes = 100, .within_handshake = true}},
      {"later-gap", StreamGap{.missing_bytes = 100, .within_handshake = false}},
      {"unreadable", MessageUnreadable{.field = "extensions", .malformed = true}},
      {"budget", BudgetExceeded{.budget = "handshake_bytes"}},
      {"mid", TlsJoinedMidStream{.record_version = 0x0303}},
      {"pseudo", TlsPseudoHello{}},
      {"ask-again", TlsHelloRequest{}},
  };
  if (word == "kx") return sender == Side::initiator ? FactBody{TlsClientKeyExchange{}} : FactBody{TlsServerKeyExchange{}};
  if (word == "200" || word == "400") {
    HttpMessage answer;
    answer.status = word == "200" ? 200 : 400;
    return answer;
  }
  if (word == "ticket") return TlsNewSessionTicket{.ticket = values.issued_ticket};
  const auto found = kBodies.find(word);
  if (found == kBodies.end()) throw std::invalid_argument{"no such word: " + word};
  return found->second;
}

/// facts_of reads words apart by spaces: ">" marks the client's (the initiator's), "<" the server's; "*" behind it what secrets showed.
/// Frames count from 1.
inline std::vector<Fact> facts_of(std::string_view script, const ScriptValues& values = {}) {
  std::vector<Fact> facts;
  std::istringstream words{std::string{script}};
  for (std::string word; words >> word;) {
    const Side sender = word.front() == '>' ? Side::initiator : Side::responder;
    const bool decrypted = word.size() > 1 && word[1] == '*';
    Fact fact{.body = fact_body(word.substr(decrypted ? 2 : 1), sender, values), .sender = sender, .time = {}, .evidence = {}};
    fact.decrypted = decrypted;
    fact.evidence.frame = FrameNumber{facts.size() + 1};
    facts.push_back(std::move(fact));
  }
  return facts;
}

/// How a flow ended, and what of it was seen.
struct FlowShape {
  CloseReason closed = CloseReason::end_of_capture;
  bool reset = false;
  bool client_seen = true;
  bool server_seen = true;
  bool truncated = false;
  bool conflicting = false;
  std::uint64_t missing_bytes = 0;
};

inline FlowProfile flow_of(const FlowShape& shape) {
  FlowProfile flow;
  flow.start_seen = true;
  flow.closed = shape.closed;
  flow.reset = shape.reset;
  flow.initiator_seen = shape.client_seen;
  flow.responder_seen = shape.server_seen;
  flow.responder_accepted = shape.server_seen;
  flow.truncated = shape.truncated;
  flow.conflicting = shape.conflicting;
  flow.missing_bytes = shape.missing_bytes;
  flow.initiator.endpoint.port = 50000;
  flow.responder.endpoint.port = 5061;
  return flow;
}

inline constexpr std::string_view kMutual = ">hello <hello <cert <kx <req <done >cert >kx >verify >ccs >fin <ccs <fin >data <data";
inline constexpr std::string_view kDeclined = ">hello <hello <cert <kx <req <done >no-cert >kx >ccs >fin <ccs <fin >data <data";
inline constexpr std::string_view kOneWay = ">hello <hello <cert <kx <done >kx >ccs >fin <ccs <fin >data <data";
inline constexpr std::string_view kResumed = ">hello <hello <ccs <fin >ccs >fin >data <data";

}  // namespace sealtrace::testing
