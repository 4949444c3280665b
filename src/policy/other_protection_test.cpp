// What is protected by a protocol other than TLS: what proves it, and what only sets it up.
#include <gtest/gtest.h>

#include <memory>
#include <string_view>

#include "policy/content_class.hpp"
#include "policy/judge_flow.hpp"
#include "policy/policy_loader.hpp"

namespace sealtrace {
namespace {

/// datagrams is a flow of UDP that was seen whole and carries this protocol.
FlowProfile datagrams(StaticText protocol) {
  FlowProfile flow;
  flow.transport = Transport::udp;
  flow.start_seen = flow.initiator_seen = flow.responder_seen = true;
  flow.payload_bytes = 5000;
  flow.protocols = {protocol};
  flow.application = std::make_unique<ApplicationProfile>();
  return flow;
}

void set_up(FlowProfile& flow, StaticText protocol, StaticText what) {
  flow.application->clear.push_back({.protocol = protocol, .what = what, .sender = Side::initiator, .first = {}});
}

void protect(FlowProfile& flow, StaticText protocol, StaticText how, bool initiator = true, bool responder = true) {
  flow.application->protections.push_back({.protocol = protocol, .how = how, .first = {}, .by = {initiator, responder}});
}

Reason judged(const FlowProfile& flow) {
  static const Policy policy = load_policy("lync-2013");
  return judge_flow(*policy.find_row("infrastructure"), {}, flow).reason;
}

TEST(OtherProtection, AKeyExchangeProtectsNothingByItself) {
  FlowProfile ike = datagrams("ike");
  set_up(ike, "ike", "IKE version 2 exchange");
  EXPECT_EQ(judged(ike), Reason::keys_agreed);
  FlowProfile wireguard = datagrams("wireguard");
  set_up(wireguard, "wireguard", "WireGuard handshake");
  EXPECT_EQ(judged(wireguard), Reason::keys_agreed);
  FlowProfile openvpn = datagrams("openvpn");
  protect(openvpn, "openvpn", "OpenVPN");
  EXPECT_EQ(judged(openvpn), Reason::protection_not_proved);
}

TEST(OtherProtection, AKeyExchangeBesideAnythingElseIsNotAlone) {
  FlowProfile unknown = datagrams("ike");
  set_up(unknown, "ike", "IKE version 2 exchange");
  unknown.unrecognised = OctetTraits{};
  EXPECT_NE(info(judged(unknown)).status, Status::not_applicable);
  FlowProfile read = datagrams("ike");
  set_up(read, "ike", "IKE version 2 exchange");
  set_up(read, "snmp", "SNMP 2c message");
  read.protocols.push_back("snmp");
  EXPECT_EQ(judged(read), Reason::clear_traffic);
}

TEST(OtherProtection, WhatIkeSetUpProtects) {
  FlowProfile flow = datagrams("esp");
  flow.protocols.push_back("ike");
  set_up(flow, "ike", "IKE version 2 exchange");
  protect(flow, "esp", "ESP in UDP");
  EXPECT_EQ(judged(flow), Reason::protected_by_other);
  protect(flow, "esp", "ESP, too few packets to tell whether it encrypts");
  EXPECT_EQ(judged(flow), Reason::protection_not_proved);
}

TEST(OtherProtection, DatagramsThatNobodyRecognisedAreNoPass) {
  FlowProfile flow = datagrams("wireguard");
  protect(flow, "wireguard", "WireGuard transport data");
  EXPECT_EQ(judged(flow), Reason::protected_by_other);
  flow.unrecognised = OctetTraits{};
  EXPECT_EQ(judged(flow), Reason::protocol_not_recognised);
}

TEST(OtherProtection, WhoAnswersMustProtectToo) {
  FlowProfile flow = datagrams("wireguard");
  protect(flow, "wireguard", "WireGuard transport data", true, false);
  EXPECT_NE(judged(flow), Reason::protected_by_other);
  flow.responder_seen = false;  // captured one way, or sent one way
  EXPECT_EQ(judged(flow), Reason::protected_by_other);
}

}  // namespace
}  // namespace sealtrace
