#include "policy/judge_flow.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "policy/judge_fixture.hpp"
#include "policy/policy_loader.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

// Property: taking information away never makes a pass. Every combination of what a TLS profile can say is judged, then judged again
// with less.

using Weakening = void (*)(FlowProfile&);

constexpr Weakening kWeakenings[] = {
    [](FlowProfile& flow) { flow.tls->established = false; },
    [](FlowProfile& flow) { flow.tls->client_auth.presented.reset(); },
    [](FlowProfile& flow) { flow.tls->client_auth.certificate_verify_seen.reset(); },
    [](FlowProfile& flow) { flow.tls->client_auth.requested.reset(); },
    [](FlowProfile& flow) { flow.tls->client_auth.lineage = FlowId{}; },
    [](FlowProfile& flow) { flow.tls->client_auth.strength = InferenceStrength::none; },
    [](FlowProfile& flow) { flow.tls->client_auth.basis = Basis::assumed; },
    [](FlowProfile& flow) { flow.tls->client_auth = {}; },
    [](FlowProfile& flow) { flow.tls->client_auth.status = ClientAuthStatus::not_observable; },
    [](FlowProfile& flow) { flow.tls->version = TlsVersion::none; },
    [](FlowProfile& flow) { flow.tls->cipher_suite = CipherSuite{0xFEFE}; },
    [](FlowProfile& flow) { flow.tls->handshake_damaged = true; },
    [](FlowProfile& flow) { flow.conflicting = true; },
    [](FlowProfile& flow) { flow.tls->clear_bytes_before = 1; },
    [](FlowProfile& flow) { flow.tls.reset(); },
};

TEST(JudgeFlow, TakingInformationAwayNeverMakesAPass) {
  const Policy policy = load_policy("lync-2013");
  PolicyRow row = *policy.find_row("server-to-server");
  std::uint64_t num_passes = 0;
  const auto passes = [&](const FlowProfile& flow) { return info(judge_flow(row, {}, flow).reason).status == Status::pass; };
  const auto check = [&](Requirement requirement, bool accept, ClientAuth auth, bool established, TlsVersion version, std::uint16_t suite) {
    row.requirement = requirement;
    row.accept_strong_inference = accept;
    const auto make = [&] {
      FlowProfile flow = tls_flow(0, 1, 5061, ClientAuthStatus::one_way);
      flow.tls->client_auth = auth;
      flow.tls->established = established;
      flow.tls->version = version;
      flow.tls->cipher_suite = CipherSuite{suite};
      return flow;
    };
    const bool before = passes(make());
    num_passes += before ? 1 : 0;
    if (before) {
      ASSERT_TRUE(established);
      if (requirement == Requirement::mtls) {
        ASSERT_EQ(auth.status, ClientAuthStatus::mutual);
      }
      return;
    }
    for (const Weakening weaken : kWeakenings) {
      FlowProfile flow = make();
      weaken(flow);
      ASSERT_FALSE(passes(flow));
    }
  };
  for (int status = 0; status <= 5; ++status) {
    for (int basis = 0; basis <= 6; ++basis) {
      for (int observed = 0; observed < 9; ++observed) {
        for (int strength = 0; strength <= (static_cast<Basis>(basis) == Basis::inferred ? 2 : 0); ++strength) {
          for (const bool lineage : {false, true}) {
            if (lineage && static_cast<Basis>(basis) != Basis::lineage) continue;
            const auto seen = [](int value) { return value == 0 ? std::optional<bool>{} : std::optional<bool>{value == 1}; };
            const ClientAuth auth{.requested = true,
                                  .presented = seen(observed % 3),
                                  .certificate_verify_seen = seen(observed / 3),
                                  .status = static_cast<ClientAuthStatus>(status),
                                  .basis = static_cast<Basis>(basis),
                                  .cause = NotObservableCause::none,
                                  .strength = static_cast<InferenceStrength>(strength),
                                  .lineage = lineage ? FlowId{3} : FlowId{}};
            for (const bool established : {false, true}) {
              for (const std::uint16_t suite : {std::uint16_t{0xC030}, std::uint16_t{0x0001}, std::uint16_t{0xFEFE}}) {
                check(Requirement::mtls, true, auth, established, TlsVersion::tls1_2, suite);
                check(Requirement::mtls, false, auth, established, TlsVersion::tls1_0, suite);
                check(Requirement::tls, false, auth, established, TlsVersion::ssl2, suite);
                check(Requirement::tls, false, auth, established, TlsVersion::tls1_3, suite);
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(num_passes, 100U);
}

TEST(JudgeFlow, AnInferencePassesOnlyWhereThePolicyAcceptsItAndOnlyAStrongOne) {
  const Policy policy = load_policy("lync-2013");
  PolicyRow row = *policy.find_row("server-to-server");
  FlowProfile flow = tls_flow(0, 1, 5061, ClientAuthStatus::mutual);
  flow.tls->client_auth.basis = Basis::inferred;
  flow.tls->client_auth.strength = InferenceStrength::strong;
  EXPECT_EQ(judge_flow(row, {}, flow).reason, Reason::inferred_only);
  row.accept_strong_inference = true;
  EXPECT_EQ(judge_flow(row, {}, flow).reason, Reason::mutual_tls_inferred);
  flow.tls->client_auth.strength = InferenceStrength::probable;
  EXPECT_EQ(judge_flow(row, {}, flow).reason, Reason::inferred_only);
}

TEST(JudgeFlow, WhatWasNotFollowedToItsEndDoesNotPass) {
  const Policy policy = load_policy("lync-2013");
  FlowProfile flow = tls_flow(0, 1, 5061, ClientAuthStatus::mutual);
  EXPECT_EQ(judge_flow(*policy.find_row("server-to-server"), {}, flow).reason, Reason::mutual_tls);
  flow.limited = true;
  EXPECT_EQ(judge_flow(*policy.find_row("server-to-server"), {}, flow).reason, Reason::limit_reached);
  EXPECT_EQ(judge_flow(*policy.find_row("client-to-server"), {}, flow).reason, Reason::limit_reached);
}

struct DamageCase {
  const char* name;
  void (*damage)(FlowProfile&);
  Reason reason;
};

class Damage : public ::testing::TestWithParam<DamageCase> {};

TEST_P(Damage, LeavesAnUnfinishedHandshakeOpen) {
  const Policy policy = load_policy("lync-2013");
  FlowProfile flow = tls_flow(0, 1, 5061, ClientAuthStatus::none);
  flow.tls->established = false;
  EXPECT_EQ(judge_flow(*policy.find_row("client-to-server"), {}, flow).reason, Reason::handshake_aborted)
      << "without damage it was given up";
  GetParam().damage(flow);
  EXPECT_EQ(judge_flow(*policy.find_row("client-to-server"), {}, flow).reason, GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    JudgeFlow, Damage,
    ::testing::Values(
        DamageCase{"AGap", [](FlowProfile& flow) { flow.missing_bytes = 1; }, Reason::handshake_gap},
        DamageCase{"ACutFrame", [](FlowProfile& flow) { flow.truncated = true; }, Reason::frames_truncated},
        DamageCase{"NoServer", [](FlowProfile& flow) { flow.responder_seen = false; }, Reason::server_not_seen},
        DamageCase{"NoClient", [](FlowProfile& flow) { flow.initiator_seen = false; }, Reason::client_not_seen},
        DamageCase{"AnUnreadableMessage", [](FlowProfile& flow) { flow.tls->handshake_damaged = true; }, Reason::handshake_unreadable},
        DamageCase{"AMissingStart", [](FlowProfile& flow) { flow.tls->joined_mid_stream = true; }, Reason::joined_mid_stream},
        DamageCase{"ConflictingOctets", [](FlowProfile& flow) { flow.conflicting = true; }, Reason::conflicting_octets},
        DamageCase{"AnEvictedFlow", [](FlowProfile& flow) { flow.closed = CloseReason::evicted; }, Reason::flow_evicted},
        DamageCase{"AReachedLimit", [](FlowProfile& flow) { flow.limited = true; }, Reason::limit_reached},
        DamageCase{"AnIdleEnd", [](FlowProfile& flow) { flow.closed = CloseReason::timed_out; }, Reason::capture_ended},
        DamageCase{"TheEndOfTheCapture", [](FlowProfile& flow) { flow.closed = CloseReason::end_of_capture; }, Reason::capture_ended}),
    [](const auto& instance) { return instance.param.name; });

/// smb_flow is SMB to a file store whose sides were seen encrypted, or not.
FlowProfile smb_flow(bool client_encrypts, bool server_encrypts) {
  FlowProfile flow = plain_flow(kFrontEnd1, kFrontEnd2, 445, Transport::tcp);
  flow.protocols = {"smb"};
  flow.application = std::make_unique<ApplicationProfile>();
  flow.application->protections = {
      {.protocol = "smb", .how = "SMB 3 encryption", .first = Evidence{.frame = FrameNumber{3}}, .by = {client_encrypts, server_encrypts}}};
  return flow;
}

TEST_F(JudgeTest, OneSideAloneIsNotProtectedByItsOwnWord) {
  result.flows.push_back(smb_flow(true, true));
  result.flows.push_back(smb_flow(true, false));
  result.flows.push_back(smb_flow(false, true));
  result.flows.push_back(smb_flow(true, true));
  result.flows.back().unread = true;
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "protected_by_other");
  for (std::size_t i = 1; i < result.flows.size(); ++i) EXPECT_EQ(result.judged[i].results[0].reason, "requests_missed") << i;
}

TEST_F(JudgeTest, ATlsThatFailedHidesNothingThatWasRead) {
  FlowProfile flow = smb_flow(false, false);
  flow.tls = std::make_unique<TlsProfile>();
  flow.closed = CloseReason::tcp_close;
  flow.start_seen = flow.initiator_seen = flow.responder_seen = true;
  flow.application->protections.clear();
  result.flows.push_back(std::move(flow));
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "handshake_aborted");
  result.flows[0].application->clear = {{.protocol = "smb", .what = "read response", .first = Evidence{.frame = FrameNumber{2}}}};
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "clear_traffic");
}

TEST_F(JudgeTest, DataInClearBesideEncryptedMessagesIsNotProtected) {
  for (const std::string_view what : {"read response", "write request", "create request", "compressed message"}) {
    result.flows.clear();
    result.flows.push_back(smb_flow(true, true));
    result.flows.back().application->clear = {
        {.protocol = "smb", .what = "tree connect request", .first = Evidence{.frame = FrameNumber{2}}},
        {.protocol = "smb", .what = what, .first = Evidence{.frame = FrameNumber{9}}}};
    run();
    EXPECT_EQ(result.judged[0].results[0].reason, "clear_traffic") << what;
  }
}

TEST_F(JudgeTest, ALayerThatMayOnlySignIsNoProtection) {
  result.flows.push_back(smb_flow(true, true));
  result.flows.back().protocols = {"ldap"};
  result.flows.back().application->protections.front().protocol = "ldap";
  result.flows.back().application->protections.front().how = "SASL layer";
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "protection_not_proved");
  result.flows.back().application->protections.front().how = "SASL layer, sealed";
  run();
  EXPECT_EQ(result.judged[0].results[0].reason, "protected_by_other");
}

}  // namespace
}  // namespace sealtrace
