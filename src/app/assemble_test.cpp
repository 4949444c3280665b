#include "app/assemble.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "policy/policy_loader.hpp"

namespace sealtrace {
namespace {

FlowProfile flow_with(CertificateId server_certificate) {
  FlowProfile flow;
  flow.tls = std::make_unique<TlsProfile>();
  flow.tls->server_chain = {server_certificate};
  return flow;
}

/// shown gives the certificate of each flow as reports name it.
std::vector<std::string> shown(const AuditResult& result) {
  std::vector<std::string> names;
  for (const FlowProfile& flow : result.flows) names.push_back(result.certificates[value(flow.tls->server_chain.front())].sha256);
  return names;
}

TEST(Assemble, FlowsThatAreTakenBackKeepTheirCertificates) {
  CertificateStore store{7};
  std::vector<FlowProfile> flows;
  std::vector<std::string> expected;
  for (const char* octets : {"one", "two", "three", "four", "five"}) {
    const CertificateId id = store.intern(as_bytes(octets));
    flows.push_back(flow_with(id));
    expected.push_back(upper_hex(store.sha256(id)));
  }
  Judgement judgement;
  judgement.policies.push_back(load_policy("lync-2013"));
  for (int round = 0; round < 3; ++round) {
    AuditResult result =
        assemble({.flows = std::move(flows), .damage = {}, .flow_counters = {}}, {}, {.certificates = store}, judgement, {}, {});
    EXPECT_EQ(shown(result), expected) << "round " << round;
    flows = disassemble(std::move(result), store);
  }
}

}  // namespace
}  // namespace sealtrace
