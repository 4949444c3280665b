#include "report/test_digests.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "report/community_id.hpp"

namespace sealtrace {

namespace {

/// padded_message appends 0x80, zeros and the length in bits, as all three digests do.
std::vector<std::uint8_t> padded_message(std::span<const std::uint8_t> message, std::endian order) {
  std::vector<std::uint8_t> padded(message.begin(), message.end());
  padded.push_back(0x80);
  while (padded.size() % 64 != 56) padded.push_back(0);
  const std::uint64_t num_bits = message.size() * 8;
  for (unsigned i = 0; i < 8; ++i) padded.push_back(static_cast<std::uint8_t>(num_bits >> 8 * (order == std::endian::big ? 7 - i : i)));
  return padded;
}

std::uint32_t word_at(const std::vector<std::uint8_t>& octets, std::size_t at, std::endian order) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word = word << 8U | octets[at + (order == std::endian::big ? i : 3 - i)];
  return word;
}

std::vector<std::uint8_t> octets_of(std::span<const std::uint32_t> words, std::endian order) {
  std::vector<std::uint8_t> octets;
  for (const std::uint32_t word : words) {
    for (unsigned i = 0; i < 4; ++i) octets.push_back(static_cast<std::uint8_t>(word >> 8 * (order == std::endian::big ? 3 - i : i)));
  }
  return octets;
}

std::string hex(const std::vector<std::uint8_t>& octets) { return fmt::format("{:02x}", fmt::join(octets, "")); }

std::span<const std::uint8_t> octets_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

// RFC 1321
std::string md5_hex(std::string_view text) {
  constexpr unsigned kShift[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  const std::vector<std::uint8_t> octets = padded_message(octets_of(text), std::endian::little);
  std::array<std::uint32_t, 4> state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  for (std::size_t block = 0; block < octets.size(); block += 64) {
    auto [a, b, c, d] = state;
    for (unsigned i = 0; i < 64; ++i) {
      std::uint32_t mixed = 0;
      unsigned index = 0;
      switch (i / 16) {
        case 0: mixed = (b & c) | (~b & d), index = i; break;
        case 1: mixed = (d & b) | (~d & c), index = (5 * i + 1) % 16; break;
        case 2: mixed = b ^ c ^ d, index = (3 * i + 5) % 16; break;
        default: mixed = c ^ (b | ~d), index = 7 * i % 16; break;
      }
      const auto sine = static_cast<std::uint32_t>(std::floor(std::abs(std::sin(i + 1.0)) * 4294967296.0));
      mixed += a + sine + word_at(octets, block + 4 * index, std::endian::little);
      a = d;
      d = c;
      c = b;
      b += std::rotl(mixed, static_cast<int>(kShift[i / 16][i % 4]));
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
  }
  return hex(octets_of(state, std::endian::little));
}

// FIPS 180-4 section 6.1
std::array<std::uint8_t, 20> sha1(std::span<const std::uint8_t> message) {
  const std::vector<std::uint8_t> octets = padded_message(message, std::endian::big);
  std::array<std::uint32_t, 5> state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  for (std::size_t block = 0; block < octets.size(); block += 64) {
    std::array<std::uint32_t, 80> schedule{};
    for (std::size_t i = 0; i < 80; ++i) {
      schedule[i] = i < 16 ? word_at(octets, block + 4 * i, std::endian::big)
                           : std::rotl(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1);
    }
    auto [a, b, c, d, e] = state;
    for (std::size_t i = 0; i < 80; ++i) {
      const std::uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                                  : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                                  : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                           : (b ^ c ^ d) + 0xCA62C1D6;
      const std::uint32_t next = std::rotl(a, 5) + mixed + e + schedule[i];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = next;
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
  }
  const std::vector<std::uint8_t> digest = octets_of(state, std::endian::big);
  std::array<std::uint8_t, 20> result{};
  std::ranges::copy(digest, result.begin());
  return result;
}

/// root_fraction is the first 32 bits of the fraction of a prime's square (or cube) root, which SHA-256's constants are (FIPS 180-4
/// section 4.2.2).
std::uint32_t root_fraction(unsigned prime, bool cube) {
  const long double root = cube ? std::cbrt(static_cast<long double>(prime)) : std::sqrt(static_cast<long double>(prime));
  return static_cast<std::uint32_t>((root - std::floor(root)) * 4294967296.0L);
}

std::vector<unsigned> first_primes(std::size_t count) {
  std::vector<unsigned> primes;
  for (unsigned candidate = 2; primes.size() < count; ++candidate) {
    if (std::ranges::none_of(primes, [candidate](unsigned prime) { return candidate % prime == 0; })) primes.push_back(candidate);
  }
  return primes;
}

// FIPS 180-4 section 6.2
std::string sha256_hex(std::string_view text) {
  const std::vector<std::uint8_t> octets = padded_message(octets_of(text), std::endian::big);
  const std::vector<unsigned> primes = first_primes(64);
  std::array<std::uint32_t, 8> state{};
  for (std::size_t i = 0; i < 8; ++i) state[i] = root_fraction(primes[i], false);
  for (std::size_t block = 0; block < octets.size(); block += 64) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 64; ++i) {
      if (i < 16) {
        w[i] = word_at(octets, block + 4 * i, std::endian::big);
        continue;
      }
      const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ w[i - 15] >> 3U;
      const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ w[i - 2] >> 10U;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    std::array<std::uint32_t, 8> v = state;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::uint32_t s1 = std::rotr(v[4], 6) ^ std::rotr(v[4], 11) ^ std::rotr(v[4], 25);
      const std::uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + root_fraction(primes[i], true) + w[i];
      const std::uint32_t s0 = std::rotr(v[0], 2) ^ std::rotr(v[0], 13) ^ std::rotr(v[0], 22);
      const std::uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
    }
    for (std::size_t i = 0; i < 8; ++i) state[i] += v[i];
  }
  return hex(octets_of(state, std::endian::big));
}

}  // namespace

Hashers test_hashers() { return {.md5_hex = md5_hex, .sha256_hex = sha256_hex, .sha1 = sha1}; }

TEST(TestDigests, give_the_published_digests_of_abc) {
  const Hashers hashers = test_hashers();
  EXPECT_EQ(hashers.md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hashers.sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::string sha1_base64;
  append_base64(sha1_base64, hashers.sha1(octets_of("abc")));
  EXPECT_EQ(sha1_base64, "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
}

}  // namespace sealtrace
