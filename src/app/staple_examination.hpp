// OCSP responses that servers stapled, each held once against each chain that it was sent with.
#pragma once

#include "app/certificate_examination.hpp"
#include "crypto/staple_store.hpp"
#include "model/audit.hpp"

namespace sealtrace {

/// kMaxStapledStatuses bounds the pairs of response and certificate that are read, 300 microseconds each.
inline constexpr std::size_t kMaxStapledStatuses = 100'000;

/// list_staples fills `result.staples` for the chains of its flows, which are named by their places in `result.certificates`. Issuers that
/// were not sent are looked for in the stores of the topology. `staples`, `trust` and the certificates' octets must outlive the result: a
/// response is read when it is asked for.
void list_staples(AuditResult& result, const StapleStore& staples, const CertificateOctets& octets, const TrustSettings& trust);

}  // namespace sealtrace
