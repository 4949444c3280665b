// Assemble: from the profiles of the flows to the result of the audit, by correlation, topology and policy.
#pragma once

#include <span>
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

/// assemble numbers and links the flows of `collected`, tries the keys given for media, names their assets, lists the certificates and
/// judges. `captures` are the source's; `base` is what is known beforehand (tool, command, policies).
AuditResult assemble(PipelineResult collected, std::vector<CaptureSummary> captures, const CertificateStore& certificates,
                     const Judgement& judgement, std::span<const GivenSrtpKey> srtp_keys, AuditResult base);

}  // namespace sealtrace
