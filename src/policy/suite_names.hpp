// Suites by the names that packs and cases write.
#pragma once

#include <optional>
#include <string_view>

#include "model/tls_numbers.hpp"

namespace sealtrace {

/// find_suite_named gives the suite that IANA calls `name`; nullopt when it calls none so.
std::optional<CipherSuite> find_suite_named(std::string_view name);

}  // namespace sealtrace
