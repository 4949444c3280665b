#include "crypto/rsa_examination.hpp"

#include <gmp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <utility>

namespace sealtrace {
namespace {

constexpr std::array<std::uint32_t, 38> kPrimes{3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
                                                73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
constexpr std::uint32_t kGenerator = 65537;

/// kPowers holds for each prime a bit for every residue that is a power of the generator.
using Residues = std::array<std::uint64_t, 3>;  // 167 residues
consteval std::array<Residues, kPrimes.size()> make_powers() {
  std::array<Residues, kPrimes.size()> powers{};
  for (std::size_t i = 0; i < kPrimes.size(); ++i) {
    std::uint32_t power = 1;
    do {
      powers[i][power / 64] |= std::uint64_t{1} << (power % 64);
      power = power * (kGenerator % kPrimes[i]) % kPrimes[i];
    } while (power != 1);
  }
  return powers;
}
constexpr std::array<Residues, kPrimes.size()> kPowers = make_powers();

/// Integer owns one of GMP's.
class Integer {
 public:
  Integer() { mpz_init(value_); }
  explicit Integer(Bytes big_endian) : Integer{} { mpz_import(value_, big_endian.size(), 1, 1, 1, 0, big_endian.data()); }
  Integer(const Integer&) = delete;
  Integer& operator=(const Integer&) = delete;
  Integer(Integer&& other) noexcept : Integer{} { mpz_swap(value_, other.value_); }
  Integer& operator=(Integer&& other) noexcept {
    mpz_swap(value_, other.value_);
    return *this;
  }
  ~Integer() { mpz_clear(value_); }
  [[nodiscard]] mpz_ptr get() { return value_; }
  [[nodiscard]] mpz_srcptr get() const { return value_; }

 private:
  mpz_t value_;
};

using Level = std::vector<Integer>;

/// product_tree has the leaves first and their product, alone, last.
std::vector<Level> product_tree(Level leaves) {
  std::vector<Level> tree;
  tree.push_back(std::move(leaves));
  while (tree.back().size() > 1) {
    const Level& below = tree.back();
    Level above((below.size() + 1) / 2);
    for (std::size_t i = 0; i < above.size(); ++i) {
      if (2 * i + 1 < below.size()) {
        mpz_mul(above[i].get(), below[2 * i].get(), below[2 * i + 1].get());
      } else {
        mpz_set(above[i].get(), below[2 * i].get());
      }
    }
    tree.push_back(std::move(above));
  }
  return tree;
}

/// remainders gives the product of the tree modulo the square of each leaf.
Level remainders(std::vector<Level> tree) {
  Level above = std::move(tree.back());
  tree.pop_back();
  Integer square;
  while (!tree.empty()) {
    const Level level = std::move(tree.back());
    tree.pop_back();
    Level here(level.size());
    for (std::size_t i = 0; i < level.size(); ++i) {
      mpz_mul(square.get(), level[i].get(), level[i].get());
      mpz_mod(here[i].get(), above[i / 2].get(), square.get());
    }
    above = std::move(here);
  }
  return above;
}

}  // namespace

bool has_roca_fingerprint(Bytes modulus) {
  if (modulus.empty()) return false;
  const Integer number{modulus};
  for (std::size_t i = 0; i < kPrimes.size(); ++i) {
    const auto residue = static_cast<std::size_t>(mpz_fdiv_ui(number.get(), kPrimes[i]));
    if ((kPowers[i][residue / 64] >> (residue % 64) & 1) == 0) return false;
  }
  return true;
}

std::vector<bool> find_shared_primes(std::span<const Bytes> moduli) {
  std::vector<bool> shared(moduli.size(), false);
  std::vector<std::size_t> order(moduli.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto less = [&](std::size_t a, std::size_t b) { return std::ranges::lexicographical_compare(moduli[a], moduli[b]); };
  std::ranges::sort(order, less);
  Level leaves;
  std::vector<std::size_t> first_of;  // of each leaf, its first place in `order`
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (moduli[order[i]].empty() || (i > 0 && std::ranges::equal(moduli[order[i]], moduli[order[i - 1]]))) continue;
    leaves.emplace_back(moduli[order[i]]);
    if (mpz_sgn(leaves.back().get()) == 0) {
      leaves.pop_back();
    } else {
      first_of.push_back(i);
    }
  }
  if (leaves.size() < 2) return shared;
  Level numbers(leaves.size());
  for (std::size_t i = 0; i < leaves.size(); ++i) mpz_set(numbers[i].get(), leaves[i].get());
  const Level rest = remainders(product_tree(std::move(leaves)));
  Integer common;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    mpz_divexact(common.get(), rest[i].get(), numbers[i].get());
    mpz_gcd(common.get(), common.get(), numbers[i].get());
    if (mpz_cmp_ui(common.get(), 1) == 0) continue;
    for (std::size_t j = first_of[i]; j < order.size() && std::ranges::equal(moduli[order[j]], moduli[order[first_of[i]]]); ++j) {
      shared[order[j]] = true;
    }
  }
  return shared;
}

}  // namespace sealtrace
