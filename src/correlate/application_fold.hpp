// add_application_fact: application facts to the profile of their flow.
#pragma once

#include "model/application_profile.hpp"
#include "model/fact.hpp"

namespace sealtrace {

/// add_application_fact adds what `fact` says to `profile`; the first evidence of each statement stays.
void add_application_fact(ApplicationProfile& profile, Fact& fact);

}  // namespace sealtrace
