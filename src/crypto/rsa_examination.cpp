#include "crypto/rsa_examination.hpp"

#include <gmp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <numeric>
#include <thread>
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

/// kGuardBits: a fraction loses less than two units of its last place, and doubles what it lost, on each level of the tree.
constexpr mp_bitcnt_t kGuardBits = 64;

mp_bitcnt_t bits_of(const Integer& number) { return mpz_sizeinbase(number.get(), 2); }

/// share_out calls `work(i, scratch)` for each i below `count`, on as many threads as told; each has a scratch number of its own, and takes
/// the next i when it is done with one, for near the root of a tree there are few and large ones.
template <typename Work>
void share_out(std::size_t count, unsigned num_threads, const Work& work) {
  const std::size_t num_shares = std::clamp<std::size_t>(num_threads, 1, std::max<std::size_t>(count, 1));
  std::atomic<std::size_t> next{0};
  const auto take_share = [&] {
    Integer scratch;
    for (std::size_t i = next++; i < count; i = next++) work(i, scratch);
  };
  std::vector<std::jthread> threads;
  for (std::size_t share = 1; share < num_shares; ++share) threads.emplace_back(take_share);
  take_share();
}

/// Products is the tree of the products of numbers: the numbers first, and the product of all, alone, last.
class Products {
 public:
  Products(Level numbers, unsigned num_threads) : num_threads_{num_threads} {
    tree_.push_back(std::move(numbers));
    Level sums(tree_.front().size());  // of each product, divided by each of its numbers in turn: 1 for a number
    for (Integer& sum : sums) mpz_set_ui(sum.get(), 1);
    while (tree_.back().size() > 1) add_level(sums);
    sum_ = std::move(sums.front());
  }

  /// cofactors gives for each number the product of all others modulo that number, and uses the tree up. With P the product and S the sum
  /// of P / n over all numbers, S = P / n modulo n: so n times the fraction of S / n. That is found for all by multiplication alone, from
  /// the fraction S / P down the tree (D. J. Bernstein, Scaled remainder trees).
  Level cofactors() {
    Level fractions(1);
    mp_bitcnt_t places = bits_of(tree_.back().front()) + kGuardBits;
    mpz_mul_2exp(fractions.front().get(), sum_.get(), places);
    mpz_tdiv_q(fractions.front().get(), fractions.front().get(), tree_.back().front().get());
    while (tree_.size() > 1) descend(fractions);
    const Level& numbers = tree_.front();
    Integer product;
    Integer half;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      places = bits_of(numbers[i]) + kGuardBits;
      mpz_mul(product.get(), fractions[i].get(), numbers[i].get());
      mpz_set_ui(half.get(), 0);
      mpz_setbit(half.get(), places - 1);
      mpz_add(product.get(), product.get(), half.get());  // to the nearest: what was lost is far less than a half
      mpz_tdiv_q_2exp(fractions[i].get(), product.get(), places);
      mpz_mod(fractions[i].get(), fractions[i].get(), numbers[i].get());
    }
    return fractions;
  }
  [[nodiscard]] const Level& numbers() const { return tree_.front(); }

 private:
  void add_level(Level& sums) {
    const Level& below = tree_.back();
    Level above((below.size() + 1) / 2);
    Level above_sums(above.size());
    // Of a number of the level above first its sum, which takes twice as long, then its product: so two threads share the root too.
    share_out(2 * above.size(), num_threads_, [&](std::size_t task, Integer&) {
      const bool of_sum = task < above.size();
      const std::size_t i = of_sum ? task : task - above.size();
      const std::size_t left = 2 * i;
      const bool alone = left + 1 == below.size();
      if (of_sum && alone) {
        above_sums[i] = std::move(sums[left]);
      } else if (of_sum) {
        mpz_mul(above_sums[i].get(), sums[left].get(), below[left + 1].get());
        mpz_addmul(above_sums[i].get(), sums[left + 1].get(), below[left].get());
      } else if (alone) {
        mpz_set(above[i].get(), below[left].get());
      } else {
        mpz_mul(above[i].get(), below[left].get(), below[left + 1].get());
      }
    });
    sums = std::move(above_sums);
    tree_.push_back(std::move(above));
  }

  /// descend turns the fractions of the last level into those of the one before it, and drops the last. A fraction has as many places as
  /// its number has bits, and kGuardBits.
  void descend(Level& fractions) {
    const Level above = std::move(tree_.back());
    tree_.pop_back();
    const Level& below = tree_.back();
    Level here(below.size());
    share_out(below.size(), num_threads_, [&](std::size_t i, Integer& product) {
      const std::size_t sibling = i ^ 1;
      if (sibling == below.size()) {
        here[i] = std::move(fractions[i / 2]);
        return;
      }
      const mp_bitcnt_t places = bits_of(above[i / 2]) + kGuardBits;
      mpz_mul(product.get(), fractions[i / 2].get(), below[sibling].get());
      mpz_tdiv_r_2exp(product.get(), product.get(), places);
      mpz_tdiv_q_2exp(here[i].get(), product.get(), places - bits_of(below[i]) - kGuardBits);
    });
    fractions = std::move(here);
  }

  std::vector<Level> tree_;
  Integer sum_;
  unsigned num_threads_;
};

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

std::vector<bool> find_shared_primes(std::span<const Bytes> moduli, unsigned num_threads) {
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
  Products products{std::move(leaves), num_threads};
  const Level cofactors = products.cofactors();
  Integer common;
  for (std::size_t i = 0; i < cofactors.size(); ++i) {
    mpz_gcd(common.get(), cofactors[i].get(), products.numbers()[i].get());
    if (mpz_cmp_ui(common.get(), 1) == 0) continue;
    for (std::size_t j = first_of[i]; j < order.size() && std::ranges::equal(moduli[order[j]], moduli[order[first_of[i]]]); ++j) {
      shared[order[j]] = true;
    }
  }
  return shared;
}

}  // namespace sealtrace
