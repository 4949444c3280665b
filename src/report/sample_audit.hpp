// A made-up audit of a small deployment for tests: one leg fails, some pass, one stays open, some rows were never observed.
#pragma once

#include "model/audit.hpp"

namespace sealtrace {

AuditResult sample_audit();

/// hostile_text is text that a peer may choose: escape sequences, bidirectional controls, a broken sequence, markup.
std::string hostile_text();

}  // namespace sealtrace
