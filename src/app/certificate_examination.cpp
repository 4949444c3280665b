#include "app/certificate_examination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>
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

/// Chains are the distinct chains of uses, each under the stores that its holder is judged by.
class Chains {
 public:
  Chains(const CertificateOctets& octets, const TrustSettings& trust, const CertificateList& known)
      : octets_{octets}, trust_{trust}, known_{known} {}

  /// add gives the number of the use's chain.
  std::size_t add(const CertificateUse& use) {
    const auto partner = trust_.partner_ca.find(use.partner_domain);
    const CertificateList* partner_ca = partner == trust_.partner_ca.end() ? nullptr : &partner->second;
    const auto [place, fresh] = numbers_.try_emplace({partner_ca, use.chain}, chains_.size());
    if (fresh) chains_.push_back(&place->first);
    return place->second;
  }

  /// outcomes checks every chain, on as many threads as told.
  [[nodiscard]] std::vector<ChainOutcome> outcomes(unsigned num_threads) const {
    std::vector<ChainOutcome> all(chains_.size());
    std::atomic<std::size_t> next{0};
    const auto take = [&] {
      for (std::size_t i = next++; i < all.size(); i = next++) all[i] = outcome(*chains_[i]);
    };
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < std::min<std::size_t>(num_threads, all.size()); ++i) threads.emplace_back(take);
    take();
    return all;
  }

 private:
  using Chain = std::pair<const CertificateList*, std::vector<std::uint32_t>>;

  [[nodiscard]] ChainOutcome outcome(const Chain& chain) const {
    std::vector<Bytes> sent;
    for (const std::uint32_t certificate : chain.second) sent.push_back(octets_(certificate));
    return check_chain(sent, {.internal_ca = &trust_.internal_ca, .public_ca = &trust_.public_ca, .partner_ca = chain.first}, known_);
  }

  const CertificateOctets& octets_;
  const TrustSettings& trust_;
  const CertificateList& known_;
  std::map<Chain, std::size_t> numbers_;
  std::vector<const Chain*> chains_;
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
  std::vector<std::size_t> chain_of;
  std::vector<bool> judged(num_certificates, false);
  for (const CertificateUse& use : uses) {
    chain_of.push_back(chains.add(use));
    judged[use.chain.front()] = true;
  }
  const std::vector<ChainOutcome> outcomes = chains.outcomes(num_threads);
  for (const std::size_t number : chain_of) examination.chains.push_back(outcomes[number]);
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
