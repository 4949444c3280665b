// JudgeTest: a small audit and the flows in it, for the tests of the steps from flows to verdicts. Only tests include it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "policy/judge.hpp"
#include "policy/policy_loader.hpp"

namespace sealtrace::testing {

inline constexpr CipherSuite kEcdheRsaAes256Gcm{0xC030};

// Where each asset of a JudgeTest stands in its result.
inline constexpr std::uint32_t kFrontEnd1 = 0;
inline constexpr std::uint32_t kFrontEnd2 = 1;
inline constexpr std::uint32_t kClients = 2;
inline constexpr std::uint32_t kStranger = 3;
inline constexpr std::uint32_t kEdgeAv = 4;

inline const IpAddress kClientAddress = *IpAddress::parse("10.0.1.1");
inline const IpAddress kServerAddress = *IpAddress::parse("10.0.1.2");

inline Timestamp at(int seconds) { return Timestamp{std::chrono::seconds{seconds}}; }

inline Asset named(std::string name, std::initializer_list<Role> roles, AssetKind kind = AssetKind::host) {
  Asset asset{.kind = kind, .name = std::move(name), .roles = {}, .zone = "internal", .domain = {}};
  for (const Role role : roles) asset.roles.set(static_cast<std::size_t>(role));
  return asset;
}

/// tls_flow is an ordinary TLS 1.2 session between two assets, `number` telling flows apart.
inline FlowProfile tls_flow(std::uint32_t client, std::uint32_t server, std::uint16_t port, ClientAuthStatus status, int number = 0) {
  FlowProfile flow;
  flow.start_seen = flow.initiator_seen = flow.responder_seen = flow.responder_accepted = true;
  flow.initiator.asset = client;
  flow.responder.asset = server;
  flow.initiator.endpoint = {.address = kClientAddress, .port = static_cast<std::uint16_t>(50'000 + number)};
  flow.responder.endpoint = {.address = kServerAddress, .port = port};
  flow.payload_bytes = 5000;
  flow.closed = CloseReason::tcp_close;
  flow.first_frame = FrameNumber{static_cast<std::uint64_t>(100 * number + 1)};
  flow.last_frame = FrameNumber{static_cast<std::uint64_t>(100 * number + 50)};
  flow.start = at(10 * number);
  flow.end = at(10 * number + 5);
  flow.tls = std::make_unique<TlsProfile>();
  flow.tls->established = flow.tls->client_hello_seen = flow.tls->server_hello_seen = true;
  flow.tls->version = TlsVersion::tls1_2;
  flow.tls->cipher_suite = kEcdheRsaAes256Gcm;
  flow.tls->frames.server_hello =
      TimedEvidence{Evidence{.frame = FrameNumber{static_cast<std::uint64_t>(100 * number + 5)}}, at(10 * number + 1)};
  flow.tls->frames.server_finished = Evidence{.frame = FrameNumber{static_cast<std::uint64_t>(100 * number + 9)}};
  const bool mutual = status == ClientAuthStatus::mutual;
  flow.tls->client_auth = {.requested = mutual, .presented = mutual, .certificate_verify_seen = mutual, .status = status};
  return flow;
}

/// plain_flow is the same without TLS, over either transport.
inline FlowProfile plain_flow(std::uint32_t client, std::uint32_t server, std::uint16_t port, Transport transport, int number = 0) {
  FlowProfile flow = tls_flow(client, server, port, ClientAuthStatus::none, number);
  flow.transport = transport;
  flow.tls.reset();
  return flow;
}

/// JudgeTest is an audit of two Front Ends, an edge, a network of clients and a stranger, whose flows a test adds and `run` judges.
class JudgeTest : public ::testing::Test {
 protected:
  JudgeTest() {
    result.assets = {named("fe01", {Role::front_end}), named("fe02", {Role::front_end}),
                     named("10.20.0.0/16", {Role::client}, AssetKind::network), named("10.9.9.9", {}, AssetKind::address),
                     named("edge", {Role::edge_av})};
    topology.hosts = {{.fqdn = "fe01", .roles = result.assets[0].roles, .addresses = {}, .web = {}, .publishes = {}},
                      {.fqdn = "fe02", .roles = result.assets[1].roles, .addresses = {}, .web = {}, .publishes = {}}};
    topology.networks = {{.name = "10.20.0.0/16", .cidr = {}, .roles = result.assets[2].roles}};
  }

  void run(const JudgeOptions& options = {}) { judge(result, policy, topology, options); }
  const RowVerdict& row(std::string_view id) { return *std::ranges::find(result.rows, id, &RowVerdict::id); }

  Policy policy = load_policy("lync-2013");
  Topology topology;
  AuditResult result;
};

}  // namespace sealtrace::testing
