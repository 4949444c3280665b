// FixedHeader: fields of a header of known size after one length check, for the path that every packet takes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "wire/bytes.hpp"

namespace sealtrace {

/// FixedHeader borrows exactly kBytes octets, or is absent. Whether they are there is checked once, when it is made, and
/// asked like an optional before the first read; where a field lies is checked by the compiler. It does what ByteReader does where a check
/// per field would be felt (packet headers, checksums); everything of variable shape is read with ByteReader.
template <std::size_t kBytes>
class FixedHeader {
 public:
  /// at borrows the kBytes octets from `offset` on; absent when `bytes` ends before them.
  static FixedHeader at(Bytes bytes, std::size_t offset = 0) {
    if (offset > bytes.size() || bytes.size() - offset < kBytes) return FixedHeader{nullptr};
    const std::uint8_t* const octets = bytes.data() + offset;
    if (octets == nullptr) std::unreachable();  // so that asking whether it is there is this one check
    return FixedHeader{octets};
  }
  explicit operator bool() const { return octets_ != nullptr; }

  /// u8, be16, be32, be64 read the big-endian integer at octet kAt.
  template <std::size_t kAt>
  [[nodiscard]] std::uint8_t u8() const {
    return load<std::uint8_t, kAt>();
  }
  template <std::size_t kAt>
  [[nodiscard]] std::uint16_t be16() const {
    return big_endian(load<std::uint16_t, kAt>());
  }
  template <std::size_t kAt>
  [[nodiscard]] std::uint32_t be32() const {
    return big_endian(load<std::uint32_t, kAt>());
  }
  template <std::size_t kAt>
  [[nodiscard]] std::uint64_t be64() const {
    return big_endian(load<std::uint64_t, kAt>());
  }
  /// le64 reads little-endian: for hashes and sums, which need the same value on every machine but no particular order.
  template <std::size_t kAt>
  [[nodiscard]] std::uint64_t le64() const {
    const auto value = load<std::uint64_t, kAt>();
    return std::endian::native == std::endian::little ? value : std::byteswap(value);
  }
  /// octets borrows kCount octets from kAt on.
  template <std::size_t kAt, std::size_t kCount>
  [[nodiscard]] std::span<const std::uint8_t, kCount> octets() const {
    static_assert(kAt + kCount <= kBytes);
    return std::span<const std::uint8_t, kCount>{octets_ + kAt, kCount};
  }

 private:
  explicit FixedHeader(const std::uint8_t* octets) : octets_{octets} {}

  template <typename T, std::size_t kAt>
  [[nodiscard]] T load() const {
    static_assert(kAt + sizeof(T) <= kBytes, "the field lies outside the header");
    T value;
    std::memcpy(&value, octets_ + kAt, sizeof(T));
    return value;
  }
  template <typename T>
  static T big_endian(T value) {
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
  }

  const std::uint8_t* octets_;
};

}  // namespace sealtrace
