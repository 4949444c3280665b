// SecretOctets: keys. They are wiped when they go, and nothing prints them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/seeded_hash.hpp"

namespace sealtrace {

/// wipe overwrites octets that nobody reads any more.
inline void wipe(std::span<std::uint8_t> secret) {
  volatile std::uint8_t* const octets = secret.data();  // volatile: the compiler may not leave the writes out
  for (std::size_t i = 0; i < secret.size(); ++i) octets[i] = 0;
}

inline void wipe(std::string& secret) {
  volatile char* const octets = secret.data();
  for (std::size_t i = 0; i < secret.size(); ++i) octets[i] = 0;
}

/// SecretOctets holds a key as long as it is needed. Its octets are overwritten when it is destroyed, assigned to or moved from; it has no
/// way into a stream or a report.
class SecretOctets {
 public:
  SecretOctets() = default;
  explicit SecretOctets(std::span<const std::uint8_t> octets) : octets_(octets.begin(), octets.end()) {}
  SecretOctets(const SecretOctets&) = default;
  SecretOctets(SecretOctets&& other) noexcept : octets_{std::exchange(other.octets_, {})} {}
  SecretOctets& operator=(const SecretOctets& other) {
    if (this != &other) *this = SecretOctets{other};
    return *this;
  }
  SecretOctets& operator=(SecretOctets&& other) noexcept {
    octets_.swap(other.octets_);
    return *this;
  }
  ~SecretOctets() { wipe(octets_); }

  [[nodiscard]] std::span<const std::uint8_t> octets() const { return octets_; }
  [[nodiscard]] std::size_t size() const { return octets_.size(); }
  [[nodiscard]] bool empty() const { return octets_.empty(); }
  bool operator==(const SecretOctets&) const = default;

 private:
  std::vector<std::uint8_t> octets_;
};

/// SecretHash and SameSecret serve tables that borrow secrets.
struct SecretHash {
  using is_avalanching = void;
  SeededHash hash;
  std::uint64_t operator()(std::span<const std::uint8_t> secret) const { return hash(secret); }
};
struct SameSecret {
  bool operator()(std::span<const std::uint8_t> one, std::span<const std::uint8_t> two) const { return std::ranges::equal(one, two); }
};

}  // namespace sealtrace
