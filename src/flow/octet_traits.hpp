// octet_traits: how octets look that nobody recognised.
#pragma once

#include "model/octet_traits.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// octet_traits reads at most 256 octets of `bytes`.
OctetTraits octet_traits(Bytes bytes);

}  // namespace sealtrace
