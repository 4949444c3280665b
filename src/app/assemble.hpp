// Assemble: from the profiles of the flows to the result of the audit, by correlation, topology and policy.
#pragma once

#include <vector>

#include "app/certificate_examination.hpp"
#include "app/pipeline.hpp"
#include "model/audit.hpp"
#include "model/srtp.hpp"
#include "model/topology.hpp"
#include "policy/judge_by.hpp"
#include "policy/policy.hpp"

namespace sealtrace {

/// Judgement is what an audit is judged by; it outlives every result made of it.
struct Judgement {
  Topology topology;
  std::vector<Policy> policies;  ///< at least one
  JudgeOptions options;
  TrustSettings trust{};
};

/// Secrets are the keys that an audit may use. `ignored`: none, wherever it comes from.
struct Secrets {
  std::vector<GivenSrtpKey> srtp_keys;
  bool ignored = false;
};

/// SeenOctets are the stores into which the sessions put what OpenSSL reads afterwards. `staples` may be null.
struct SeenOctets {
  const CertificateStore& certificates;
  const StapleStore* staples = nullptr;
};

/// assemble numbers and links the flows of `collected`, tries the keys given for media, names their assets, lists the certificates and
/// judges. `captures` are the source's; `base` is what is known beforehand (tool, command, policies).
AuditResult assemble(PipelineResult collected, std::vector<CaptureSummary> captures, const SeenOctets& seen, const Judgement& judgement,
                     const Secrets& secrets, AuditResult base, bool last = true);

/// Of a report on the way (not `last`) nothing is linked by session descriptions: linking uses them up.

/// disassemble gives the flows of a result as they were collected, to be assembled again with more of them: `certificates` is the store as
/// it was then.
std::vector<FlowProfile> disassemble(AuditResult result, const CertificateStore& certificates);

}  // namespace sealtrace
