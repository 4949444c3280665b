// ByteReader and ParseScope: the only way bytes become fields.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "wire/bytes.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

/// ParseScope collects the outcome of reading one message: the first error wins, later reads give zero or empty.
/// `short_read` says what running out of the *outermost* bytes means: `need_more` for a stream, `truncated` for a
/// frame cut by the snaplen, `malformed` for a whole datagram. Running out of a length-prefixed block is always `malformed`.
class ParseScope {
 public:
  explicit ParseScope(ParseErrorCode short_read = ParseErrorCode::need_more) : short_read_{short_read} {}
  ParseScope(const ParseScope&) = delete;
  ParseScope& operator=(const ParseScope&) = delete;

  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] const ParseError& error() const { return error_; }
  [[nodiscard]] ParseErrorCode short_read() const { return short_read_; }

  /// fail records an error unless one is recorded already.
  void fail(ParseErrorCode code, std::size_t offset, std::string_view field) {
    if (failed_) return;
    failed_ = true;
    error_ = {.code = code, .offset = offset, .field = field};
  }

  /// finish turns the scope into the parser's result: the value, or the first error.
  template <typename T>
  [[nodiscard]] Parsed<T> finish(T value) const {
    if (failed_) return std::unexpected(error_);
    return value;
  }

 private:
  ParseErrorCode short_read_;
  bool failed_ = false;
  ParseError error_;
};

/// ByteReader is a cursor over borrowed bytes that cannot leave them. Integers are big-endian unless named `_le`.
/// Every read names its field by the specification's term; after an error in the scope every read gives zero or empty.
class ByteReader {
 public:
  ByteReader(Bytes bytes, ParseScope& scope) : bytes_{bytes}, scope_{&scope} {}

  [[nodiscard]] bool empty() const { return at_ == bytes_.size(); }
  /// more is true while the scope is good and bytes are left: the condition of every loop over wire data.
  [[nodiscard]] bool more() const { return scope_->ok() && at_ < bytes_.size(); }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - at_; }
  /// offset counts octets from the start of the message, across child readers.
  [[nodiscard]] std::size_t offset() const { return base_ + at_; }
  [[nodiscard]] Bytes rest() const { return scope_->ok() ? bytes_.subspan(at_) : Bytes{}; }
  [[nodiscard]] ParseScope& scope() const { return *scope_; }

  std::uint8_t u8(std::string_view field) { return static_cast<std::uint8_t>(integer<1>(field)); }
  std::uint16_t u16(std::string_view field) { return static_cast<std::uint16_t>(integer<2>(field)); }
  std::uint32_t u24(std::string_view field) { return static_cast<std::uint32_t>(integer<3>(field)); }
  std::uint32_t u32(std::string_view field) { return static_cast<std::uint32_t>(integer<4>(field)); }
  std::uint64_t u48(std::string_view field) { return integer<6>(field); }
  std::uint64_t u64(std::string_view field) { return integer<8>(field); }
  std::uint16_t u16_le(std::string_view field) { return static_cast<std::uint16_t>(integer_le<2>(field)); }
  std::uint32_t u32_le(std::string_view field) { return static_cast<std::uint32_t>(integer_le<4>(field)); }
  std::uint64_t u64_le(std::string_view field) { return integer_le<8>(field); }

  /// bytes takes `count` octets and borrows them.
  Bytes bytes(std::size_t count, std::string_view field) {
    if (!take(count, field)) return {};
    return bytes_.subspan(at_ - count, count);
  }
  void skip(std::size_t count, std::string_view field) { take(count, field); }

  /// block8, block16, block24 read a length prefix and give a child reader over exactly that many octets.
  ByteReader block8(std::string_view field) { return block(u8(field), field); }
  ByteReader block16(std::string_view field) { return block(u16(field), field); }
  ByteReader block24(std::string_view field) { return block(u24(field), field); }
  /// block gives a child reader over the next `count` octets.
  ByteReader block(std::size_t count, std::string_view field) {
    const std::size_t start = offset();
    ByteReader child{bytes(count, field), *scope_};
    child.base_ = start;
    child.nested_ = true;
    return child;
  }

  /// require fails the scope as malformed unless `condition` holds.
  void require(bool condition, std::string_view field) {
    if (!condition) scope_->fail(ParseErrorCode::malformed, offset(), field);
  }
  /// supported fails the scope as unsupported unless `condition` holds.
  void supported(bool condition, std::string_view field) {
    if (!condition) scope_->fail(ParseErrorCode::unsupported, offset(), field);
  }
  /// finished requires that nothing is left: trailing octets are malformed.
  void finished(std::string_view field) { require(!scope_->ok() || empty(), field); }

 private:
  bool take(std::size_t count, std::string_view field) {
    if (!scope_->ok()) return false;
    if (count > remaining()) {
      scope_->fail(nested_ ? ParseErrorCode::malformed : scope_->short_read(), offset(), field);
      return false;
    }
    at_ += count;
    return true;
  }
  // One load where the machine has an integer of that width: compilers do not make it of a loop over octets.
  template <std::size_t kWidth>
  std::uint64_t integer(std::string_view field) {
    if (!take(kWidth, field)) return 0;
    if constexpr (std::has_single_bit(kWidth)) return load<kWidth>(std::endian::native == std::endian::little);
    std::uint64_t value = 0;
    for (std::size_t i = at_ - kWidth; i < at_; ++i) value = value << 8 | bytes_[i];
    return value;
  }
  template <std::size_t kWidth>
  std::uint64_t integer_le(std::string_view field) {
    if (!take(kWidth, field)) return 0;
    return load<kWidth>(std::endian::native == std::endian::big);
  }
  /// load gives the `kWidth` octets just taken, 1, 2, 4 or 8, as an integer.
  template <std::size_t kWidth>
  [[nodiscard]] std::uint64_t load(bool swap) const {
    using Narrow = std::conditional_t<kWidth == 1, std::uint8_t, std::uint16_t>;
    using Wide = std::conditional_t<kWidth == 4, std::uint32_t, std::uint64_t>;
    std::conditional_t<(kWidth < 4), Narrow, Wide> value{};
    static_assert(sizeof value == kWidth);
    std::memcpy(&value, bytes_.subspan(at_ - kWidth, kWidth).data(), kWidth);
    return swap ? std::byteswap(value) : value;
  }

  Bytes bytes_;
  ParseScope* scope_;
  std::size_t at_ = 0;
  std::size_t base_ = 0;
  bool nested_ = false;
};

}  // namespace sealtrace
