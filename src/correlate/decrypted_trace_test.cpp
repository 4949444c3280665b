// What decrypted handshakes show of client authentication.
#include "correlate/decrypted_trace.hpp"

#include <gtest/gtest.h>

#include <string>

#include "correlate/fact_script.hpp"
#include "correlate/fold.hpp"

namespace sealtrace {
namespace {

using testing::facts_of;
using testing::flow_of;
using testing::FlowShape;
using testing::ScriptValues;
using enum ClientAuthStatus;

const std::string kFlight = ">hello <hello <data <*ee <*cert <*verified <*checked >data ";
const std::string kFlightThatAsks = ">hello <hello <data <*ee <*req <*cert <*verified <*checked >data ";

struct Case {
  std::string name;
  std::string script;
  ClientAuthStatus status = none;
  NotObservableCause cause = NotObservableCause::none;
  std::optional<bool> signature_valid{};
  FlowShape shape{};
};

const Case kCases[] = {
    {"proved: signature and Finished verified, and the server went on", kFlightThatAsks + ">*cert >*verified >*checked <data <*ticket",
     mutual, NotObservableCause::none, true},
    {"the server's data is going on, too", kFlightThatAsks + ">*cert >*verified >*checked <*data", mutual, NotObservableCause::none, true},
    {"nobody asked", kFlight + ">*checked <*ticket", one_way},
    {"nobody asked, and the server hung up without a word", kFlight + ">*checked", one_way, {}, {}, {.closed = CloseReason::tcp_close}},
    {"refused in HTTP: 400 to the first request, and the end",
     kFlightThatAsks + ">*cert >*verified >*checked <*data <*400",
     rejected,
     {},
     true,
     {.closed = CloseReason::tcp_close}},
    {"a later 400 says nothing of the certificate",
     kFlightThatAsks + ">*cert >*verified >*checked <*data <*200 <*400",
     mutual,
     {},
     true,
     {.closed = CloseReason::tcp_close}},
    {"declined", kFlightThatAsks + ">*no-cert >*checked <*ticket", declined},
    {"declined and refused", kFlightThatAsks + ">*no-cert >*checked <*fatal", declined, {}, {}, {.closed = CloseReason::tcp_close}},
    {"refused after the proof",
     kFlightThatAsks + ">*cert >*verified >*checked <*fatal",
     rejected,
     {},
     true,
     {.closed = CloseReason::tcp_close}},
    {"closed without a word after the proof",
     kFlightThatAsks + ">*cert >*verified >*checked",
     rejected,
     {},
     true,
     {.closed = CloseReason::tcp_close}},
    {"the capture ended after the proof", kFlightThatAsks + ">*cert >*verified >*checked", not_observable,
     NotObservableCause::still_running, true},
    {"a ticket before the client's Finished is no answer to it", kFlightThatAsks + "<*ticket >*cert >*verified >*checked", not_observable,
     NotObservableCause::still_running, true},
    {"a signature that is not the certificate's proves nothing", kFlightThatAsks + ">*cert >*forged >*checked <*ticket", not_observable,
     NotObservableCause::conflicting, false},
    {"a signature that cannot be checked proves nothing", kFlightThatAsks + ">*cert >*unknown-scheme >*checked <*ticket", not_observable,
     NotObservableCause::unreadable},
    {"a Finished that is wrong proves nothing", kFlightThatAsks + ">*cert >*verified >*wrong-fin <*ticket", not_observable,
     NotObservableCause::conflicting, true},
    {"a Finished that was not checked proves nothing", kFlightThatAsks + ">*cert >*verified >*fin <*ticket", not_observable,
     NotObservableCause::unreadable, true},
    {"without the server's whole flight nothing is known", ">hello <hello <data <*ee <*cert >data >*checked <*ticket", not_observable,
     NotObservableCause::encrypted},
    {"a certificate after the handshake", kFlight + ">*checked <*ticket <*req >*cert >*verified >*checked <*data", mutual,
     NotObservableCause::none, true},
    {"asked after the handshake, declined", kFlight + ">*checked <*ticket <*req >*no-cert >*checked <*data", declined},
    {"asked after the handshake, no answer yet", kFlight + ">*checked <*ticket <*req <*data", one_way},
};

TEST(DecryptedTrace, SaysWhatTheHandshakeOfTls13Showed) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    FlowProfile flow = flow_of(row.shape);
    std::vector<Fact> facts = facts_of(row.script, {.version = TlsVersion::tls1_3});
    fold(flow, facts, false);
    const ClientAuth& auth = flow.tls->client_auth;
    EXPECT_EQ(to_string(auth.status), to_string(row.status));
    EXPECT_EQ(to_string(auth.cause), to_string(row.cause));
    EXPECT_EQ(auth.signature_valid, row.signature_valid);
    EXPECT_TRUE(flow.tls->decrypted);
  }
}

TEST(DecryptedTrace, CuttingAFlowNeverMakesAnythingMutual) {
  for (const Case& row : kCases) {
    const bool refused_later = row.script.find("<*400") != std::string::npos;  // by HTTP, when TLS had gone on
    if (row.status == mutual || refused_later) continue;
    std::vector<Fact> whole = facts_of(row.script, {.version = TlsVersion::tls1_3});
    for (std::size_t length = 0; length < whole.size(); ++length) {
      std::vector<Fact> cut = facts_of(row.script, {.version = TlsVersion::tls1_3});
      cut.resize(length);
      FlowProfile flow = flow_of(row.shape);
      fold(flow, cut, false);
      const ClientAuthStatus status = flow.tls ? flow.tls->client_auth.status : none;
      EXPECT_NE(to_string(status), to_string(mutual)) << row.name << " at " << length;
    }
  }
}

const std::string kFirst = ">hello <hello <cert <kx <done >kx >ccs >fin <ccs <fin <enc >*checked <*checked ";

TEST(DecryptedTrace, SaysWhatARenegotiationShowed) {
  const std::string again = ">*hello <*hello <*cert <*kx ";
  const std::pair<std::string, ClientAuthStatus> cases[] = {
      {kFirst + again + "<*req <*done >*cert >*kx >*verified >*checked <*checked", mutual},
      {kFirst + again + "<*req <*done >*no-cert >*kx >*checked <*checked", declined},
      {kFirst + again + "<*done >*kx >*checked <*checked", one_way},
      {kFirst + "<*ask-again", one_way},
      {kFirst + again + "<*req <*done >*cert >*kx >*forged >*checked <*checked", not_observable},
  };
  for (const auto& [script, status] : cases) {
    FlowProfile flow = flow_of({});
    std::vector<Fact> facts = facts_of(script);
    fold(flow, facts, false);
    EXPECT_EQ(to_string(flow.tls->client_auth.status), to_string(status)) << script;
  }
}

TEST(DecryptedTrace, AFinishedOfDtlsThatCoversOtherMessagesRefutesWhatWasSeen) {
  const std::string full = ">hello <hello <cert <kx <req <done >cert >kx >verified >ccs >fin ";
  const std::pair<std::string, ClientAuthStatus> cases[] = {
      {full + ">*checked <ccs <fin <*checked", mutual},
      {full + ">*fin <ccs <fin <*fin", mutual},  // not checked
      {full + ">*wrong-fin <ccs <fin <*fin", not_observable},
      {full + ">*checked <ccs <fin <*wrong-fin", not_observable},
  };
  for (const auto& [script, status] : cases) {
    FlowProfile flow = flow_of({});
    std::vector<Fact> facts = facts_of(script, {.version = TlsVersion::dtls1_2});
    fold(flow, facts, false);
    EXPECT_EQ(to_string(flow.tls->client_auth.status), to_string(status)) << script;
    const NotObservableCause cause = status == not_observable ? NotObservableCause::conflicting : NotObservableCause::none;
    EXPECT_EQ(to_string(flow.tls->client_auth.cause), to_string(cause)) << script;
  }
}

TEST(DecryptedTrace, SecretsThatOpenNothingDecryptNothing) {
  FlowProfile flow = flow_of({});
  std::vector<Fact> facts = facts_of(std::string{testing::kMutual} + " >*unreadable", {.version = TlsVersion::dtls1_2});
  Fact exported{.body = Boxed<SrtpKeyExported>{SrtpKeyExported{}}, .sender = Side::responder, .channel = 3, .time = {}, .evidence = {}};
  exported.decrypted = true;
  facts.push_back(exported);
  fold(flow, facts, false);
  EXPECT_FALSE(flow.tls->decrypted);
  EXPECT_TRUE(flow.tls->decryption_failed);
  EXPECT_EQ(to_string(flow.tls->client_auth.status), to_string(mutual)) << "that was in the clear";
  ASSERT_EQ(flow.tls->srtp_keys.size(), 1U);
  EXPECT_EQ(flow.tls->srtp_keys[0].channel, 3U);
  EXPECT_EQ(flow.tls->srtp_keys[0].sender, Side::responder);
}

}  // namespace
}  // namespace sealtrace
