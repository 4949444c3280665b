#include "app/staple_examination.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "crypto/ocsp_response.hpp"

namespace sealtrace {

void list_staples(AuditResult& result, const StapleStore& staples, const CertificateOctets& octets, const TrustSettings& trust) {
  std::vector<const CertificateList*> anchors{&trust.internal_ca, &trust.public_ca};
  for (const auto& [domain, list] : trust.partner_ca) anchors.push_back(&list);
  const auto checker = std::make_shared<OcspChecker>(std::move(anchors));
  std::vector<std::uint32_t> chain;
  for (const FlowProfile& flow : result.flows) {
    if (!flow.tls || flow.tls->server_staples.empty()) continue;
    chain.clear();
    for (const CertificateId id : flow.tls->server_chain) chain.push_back(value(id));
    for (const Staple& staple : flow.tls->server_staples) {
      if (staple.place >= chain.size() || chain[staple.place] >= result.certificates.size()) continue;
      const StapleKey key = staple_key(staple.response, staple.place, chain);
      if (result.staples.contains(key)) continue;
      if (result.staples.size() == kMaxStapledStatuses) {
        ++result.budgets_exceeded["stapled_responses"];
        return;
      }
      const Bytes issuer = key.issuer < result.certificates.size() ? octets(key.issuer) : Bytes{};
      const auto read = [checker, response = staples.octets(staple.response), certificate = octets(key.certificate), issuer] {
        return checker->check(response, certificate, issuer);
      };
      result.staples.emplace(key, Lazy<StapledStatus>{read});
    }
  }
}

}  // namespace sealtrace
