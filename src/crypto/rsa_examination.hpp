// What the modulus of an RSA key tells about how its primes were made.
#pragma once

#include <span>
#include <vector>

#include "wire/bytes.hpp"

namespace sealtrace {

/// has_roca_fingerprint is true for a modulus that is a power of 65537 modulo each of the first 38 odd primes, as the keys of
/// CVE-2017-15361 are (Nemec et al., "The Return of Coppersmith's Attack", section 2.2); another modulus is so once in 240 million.
bool has_roca_fingerprint(Bytes modulus);

/// find_shared_primes says of each modulus whether it has a factor in common with another, different one: Bernstein's batch GCD. Equal
/// moduli are one. The cost is quasi-linear (docs/certificates.md has figures), the memory about 45 times that of the moduli. The answer
/// does not depend on `num_threads`.
std::vector<bool> find_shared_primes(std::span<const Bytes> moduli, unsigned num_threads = 1);

}  // namespace sealtrace
