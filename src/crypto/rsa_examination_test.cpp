#include "crypto/rsa_examination.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets octets_of(std::uint64_t number) {
  Octets octets;
  for (int shift = 56; shift >= 0; shift -= 8) octets.push_back(static_cast<std::uint8_t>(number >> shift));
  return octets;
}

std::vector<bool> found(const std::vector<Octets>& moduli, unsigned num_threads) {
  return find_shared_primes(std::vector<Bytes>(moduli.begin(), moduli.end()), num_threads);
}

/// by_pairs asks each pair: equal moduli are one.
std::vector<bool> by_pairs(const std::vector<std::uint64_t>& moduli) {
  std::vector<bool> shared(moduli.size(), false);
  for (std::size_t i = 0; i < moduli.size(); ++i) {
    for (const std::uint64_t other : moduli) {
      if (other != moduli[i] && std::gcd(other, moduli[i]) != 1) shared[i] = true;
    }
  }
  return shared;
}

TEST(SharedPrimes, AreThoseThatEachPairShows) {
  std::mt19937_64 random{7};
  std::vector<std::uint64_t> primes;
  for (std::uint64_t number = 1001; primes.size() < 400; number += 2) {
    bool prime = true;
    for (std::uint64_t factor = 3; factor * factor <= number; factor += 2) prime = prime && number % factor != 0;
    if (prime) primes.push_back(number);
  }
  for (std::size_t size = 0; size <= 70; ++size) {
    std::vector<std::uint64_t> numbers;
    std::vector<Octets> moduli;
    for (std::size_t i = 0; i < size; ++i) {
      std::uint64_t product = 1;
      for (std::size_t factors = 1 + random() % 5; factors > 0; --factors) product *= primes[random() % primes.size()];
      numbers.push_back(i > 0 && random() % 8 == 0 ? numbers.back() : product);
      moduli.push_back(octets_of(numbers.back()));
    }
    const std::vector<bool> expected = by_pairs(numbers);
    EXPECT_EQ(found(moduli, 1), expected) << size << " moduli";
    EXPECT_EQ(found(moduli, 3), expected) << size << " moduli, three threads";
  }
}

TEST(SharedPrimes, NeitherEmptyNorZeroNorOneHarms) {
  const std::vector<Octets> moduli{{}, octets_of(0), octets_of(1), octets_of(15), octets_of(35), octets_of(77)};
  EXPECT_EQ(found(moduli, 1), (std::vector<bool>{false, false, false, true, true, true}));
}

}  // namespace
}  // namespace sealtrace
