// Assemble: from the profiles of the flows to the result of the audit, by correlation, topology and policy.
#pragma once

#include <vector>

#include "app/pipeline.hpp"
#include "model/audit.hpp"
#include "model/srtp.hpp"
#include "model/topology.hpp"
#include "policy/judge.hpp"
#include "policy/policy.hpp"

namespace sealtrace {

/// Judgement is what an audit is judged by; it outlives every result made of it.
struct Judgement {
  Topology topology;
  Policy policy;
  JudgeOptions options;
};

/// Secrets are the keys that an audit may use. `ignored`: none, wherever it comes from.
struct Secrets {
  std::vector<GivenSrtpKey> srtp_keys;
  bool ignored = false;
};

/// assemble numbers and links the flows of `collected`, tries the keys given for media, names their assets, lists the certificates and
/// judges. `captures` are the source's; `base` is what is known beforehand (tool, command, policies).
AuditResult assemble(PipelineResult collected, std::vector<CaptureSummary> captures, const CertificateStore& certificates,
                     const Judgement& judgement, const Secrets& secrets, AuditResult base);

}  // namespace sealtrace
