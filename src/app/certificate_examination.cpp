#include "app/certificate_examination.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "crypto/certificate_fields.hpp"
#include "crypto/rsa_examination.hpp"

namespace sealtrace {
namespace {

/// kMaxKnownIssuers bounds the intermediates that are tried for a chain that lacks one.
constexpr std::size_t kMaxKnownIssuers = 1024;

void read_store(CertificateList& list, const std::vector<std::string>& files, const std::filesystem::path& folder,
                std::vector<std::string>& problems) {
  for (const std::string& name : files) {
    const std::filesystem::path path = folder / name;
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error || size > kMaxTrustFileBytes) {
      problems.push_back(fmt::format("{}: this file of the topology's trust could not be read", path.string()));
      continue;
    }
    std::ifstream file{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (list.add_pem(text) == 0) problems.push_back(fmt::format("{}: no certificate in this file of the topology's trust", path.string()));
  }
}

/// Chains remembers what became of each distinct chain under each set of stores.
class Chains {
 public:
  Chains(const CertificateOctets& octets, const TrustSettings& trust, const CertificateList& known)
      : octets_{octets}, trust_{trust}, known_{known} {}

  const ChainOutcome& outcome(const CertificateUse& use) {
    const auto partner = trust_.partner_ca.find(use.partner_domain);
    const CertificateList* partner_ca = partner == trust_.partner_ca.end() ? nullptr : &partner->second;
    const auto [place, fresh] = outcomes_.try_emplace({partner_ca, use.chain});
    if (!fresh) return place->second;
    std::vector<Bytes> sent;
    for (const std::uint32_t certificate : use.chain) sent.push_back(octets_(certificate));
    place->second =
        check_chain(sent, {.internal_ca = &trust_.internal_ca, .public_ca = &trust_.public_ca, .partner_ca = partner_ca}, known_);
    return place->second;
  }

 private:
  const CertificateOctets& octets_;
  const TrustSettings& trust_;
  const CertificateList& known_;
  std::map<std::pair<const CertificateList*, std::vector<std::uint32_t>>, ChainOutcome> outcomes_;
};

/// add_known_issuers adds the CA certificates that were sent, and those of the stores that are no roots are found by being anchors.
void add_known_issuers(CertificateList& known, const std::vector<CertificateUse>& uses, const CertificateOctets& octets) {
  std::map<std::uint32_t, bool> seen;
  for (const CertificateUse& use : uses) {
    for (std::size_t i = 1; i < use.chain.size() && known.size() < kMaxKnownIssuers; ++i) {
      if (seen.try_emplace(use.chain[i], true).second) known.add_der(octets(use.chain[i]));
    }
  }
}

}  // namespace

TrustSettings read_trust(const Topology& topology, const std::filesystem::path& topology_file) {
  TrustSettings trust;
  const std::filesystem::path folder = topology_file.parent_path();
  read_store(trust.internal_ca, topology.trust.internal_ca, folder, trust.problems);
  read_store(trust.public_ca, topology.trust.public_ca, folder, trust.problems);
  for (const auto& [domain, files] : topology.trust.partner_ca) read_store(trust.partner_ca[domain], files, folder, trust.problems);
  return trust;
}

CertificateExamination examine_certificates(const std::vector<CertificateUse>& uses, std::size_t num_certificates,
                                            const CertificateOctets& octets, const TrustSettings& trust, unsigned num_threads) {
  CertificateExamination examination;
  CertificateList known;
  add_known_issuers(known, uses, octets);
  Chains chains{octets, trust, known};
  examination.chains.reserve(uses.size());
  std::vector<bool> judged(num_certificates, false);
  for (const CertificateUse& use : uses) {
    examination.chains.push_back(chains.outcome(use));
    judged[use.chain.front()] = true;
  }
  examination.roca.assign(num_certificates, false);
  examination.shared_prime.assign(num_certificates, false);
  std::vector<Bytes> moduli;
  std::vector<std::uint32_t> owners;
  for (std::uint32_t i = 0; i < num_certificates; ++i) {
    if (!judged[i]) continue;
    const Bytes modulus = read_rsa_modulus(octets(i));
    if (modulus.empty()) continue;
    examination.roca[i] = has_roca_fingerprint(modulus);
    moduli.push_back(modulus);
    owners.push_back(i);
  }
  const std::vector<bool> shared = find_shared_primes(moduli, num_threads);
  for (std::size_t i = 0; i < owners.size(); ++i) examination.shared_prime[owners[i]] = shared[i];
  return examination;
}

}  // namespace sealtrace
