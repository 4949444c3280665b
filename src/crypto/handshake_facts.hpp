// From handshake messages in the clear to the facts of the model, certificates and OCSP responses interned on the way: what TLS and DTLS
// sessions report alike. For hellos see proto/tls_facts.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "crypto/certificate_store.hpp"
#include "crypto/staple_store.hpp"
#include "model/fact.hpp"
#include "proto/tls_handshake.hpp"

namespace sealtrace {

/// kMaxChainCertificates bounds a chain, in certificates: OpenSSL verifies no path longer than 100.
inline constexpr std::size_t kMaxChainCertificates = 100;

/// InternedChain is what a Certificate message names, as far as chain and store have room.
struct InternedChain {
  TlsCertificates fact;
  bool whole = true;

  void add(Bytes der, CertificateStore& certificates);
};

/// intern_chain interns the certificates of a message in their order.
InternedChain intern_chain(const BlockList<3>& ders, CertificateStore& certificates);

/// report_chain hands on the facts of a chain: the certificates that found room, and that some found none.
template <typename Report>
void report_chain(InternedChain chain, Report report) {
  if (chain.whole || !chain.fact.chain.empty()) report(std::move(chain.fact));
  if (!chain.whole) report(BudgetExceeded{.budget = "tls_certificates"});
}

/// HandshakeContext is what reading a message depends on. `staples` may be null: OCSP responses are not kept. `version` is none and
/// `cipher_suite` 0 before a ServerHello.
struct HandshakeContext {
  StapleStore* staples = nullptr;
  std::uint64_t hash_key = 0;  ///< for OpaqueHash
  TlsVersion version = TlsVersion::none;
  CipherSuite cipher_suite{};
};

/// handshake_fact is the one fact of a message of TLS 1.2 or DTLS 1.2 and below that is neither a hello, a HelloVerifyRequest nor a
/// Certificate; a type that it does not read is TlsOtherHandshake.
FactBody handshake_fact(HandshakeType type, Bytes body, const HandshakeContext& context);

}  // namespace sealtrace
