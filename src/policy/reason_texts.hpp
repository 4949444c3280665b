// The words of findings whose reason says more of what is wrong, and of the cure, than any row can.
#pragma once

#include "policy/policy_texts.hpp"
#include "policy/reason.hpp"

namespace sealtrace {

/// reason_texts gives the words of a reason that is wrong in the same way on every row, such as a suite that does not encrypt; null where
/// the row's words are to be taken. An exception of the row that has words of its own goes before both.
const PolicyTexts* reason_texts(Reason reason);

}  // namespace sealtrace
