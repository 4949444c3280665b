// OrderedReader: a ByteReader for formats whose writer chose the byte order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/byte_reader.hpp"

namespace sealtrace {

enum class ByteOrder : std::uint8_t { little, big };

/// OrderedReader reads integers in `order` and everything else as its ByteReader does.
class OrderedReader {
 public:
  OrderedReader(Bytes bytes, ByteOrder order, ParseScope& scope) : reader_{bytes, scope}, order_{order} {}

  [[nodiscard]] bool more() const { return reader_.more(); }
  [[nodiscard]] bool ok() const { return reader_.scope().ok(); }
  [[nodiscard]] std::size_t remaining() const { return reader_.remaining(); }
  [[nodiscard]] std::size_t offset() const { return reader_.offset(); }
  [[nodiscard]] Bytes rest() const { return reader_.rest(); }

  std::uint8_t u8(std::string_view field) { return reader_.u8(field); }
  std::uint16_t u16(std::string_view field) { return order_ == ByteOrder::little ? reader_.u16_le(field) : reader_.u16(field); }
  std::uint32_t u32(std::string_view field) { return order_ == ByteOrder::little ? reader_.u32_le(field) : reader_.u32(field); }
  std::uint64_t u64(std::string_view field) { return order_ == ByteOrder::little ? reader_.u64_le(field) : reader_.u64(field); }
  Bytes bytes(std::size_t count, std::string_view field) { return reader_.bytes(count, field); }
  void skip(std::size_t count, std::string_view field) { reader_.skip(count, field); }
  void require(bool condition, std::string_view field) { reader_.require(condition, field); }
  void supported(bool condition, std::string_view field) { reader_.supported(condition, field); }

 private:
  ByteReader reader_;
  ByteOrder order_;
};

}  // namespace sealtrace
