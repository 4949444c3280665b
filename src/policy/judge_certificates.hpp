// judge_certificates: the rules about certificates on every use of one. Pure: uses, what was found out about them, policy and time in;
// findings and rows out. No verdict of a leg changes: a certificate that breaks a rule is a finding of its own row (docs/evidence.md).
#pragma once

#include <vector>

#include "model/audit.hpp"
#include "model/certificate_use.hpp"
#include "model/topology.hpp"
#include "policy/judge.hpp"
#include "policy/policy.hpp"

namespace sealtrace {

/// judge_certificates adds a row for each rule of the policy and the findings of what breaks one, and brings `overall` and `exit_code` up
/// to date. Without a topology that names hosts, no rule is about anybody, and no row is added. `examination.chains` is parallel to `uses`;
/// `now` is when the audit is made. The result points into the policy's strings.
void judge_certificates(AuditResult& result, const Policy& policy, const Topology& topology, const JudgeOptions& options,
                        const std::vector<CertificateUse>& uses, const CertificateExamination& examination, Timestamp now);

}  // namespace sealtrace
