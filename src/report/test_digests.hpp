// MD5, SHA-1 and SHA-256 for tests: the report has no cryptography of its own, and its tests must check the published vectors whole.
#pragma once

#include "report/options.hpp"

namespace sealtrace {

Hashers test_hashers();

}  // namespace sealtrace
