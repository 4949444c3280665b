// HPACK: header compression of HTTP/2 (RFC 7541).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// kMaxHpackTableBytes bounds a dynamic table (RFC 7541 section 4.1): browsers and servers ask for 4 to 64 KiB.
inline constexpr std::size_t kMaxHpackTableBytes = 65'536;
/// kDefaultHpackTableBytes is SETTINGS_HEADER_TABLE_SIZE before any is seen (RFC 9113 section 6.5.2).
inline constexpr std::size_t kDefaultHpackTableBytes = 4096;
/// kMaxHpackFields bounds the fields of one block: an octet of it may stand for a field of thousands.
inline constexpr std::size_t kMaxHpackFields = 1024;

/// HpackSink takes the fields of a block in order. Name and value are borrowed for the call.
class HpackSink {
 public:
  virtual ~HpackSink() = default;
  virtual void field(std::string_view name, std::string_view value) = 0;
};

/// HpackDecoder is the decoding side of one direction of a connection: what one block adds to the dynamic table the next one uses.
class HpackDecoder {
 public:
  /// decode reads one whole field block. Fails as malformed where RFC 7541 says that decoding has failed, as unsupported above the limits
  /// of this file; the table is not to be trusted then, and every later block fails with the same error.
  Parsed<std::size_t> decode(Bytes block, HpackSink& sink);
  /// allow_table raises the size that the encoder may choose (its peer's SETTINGS_HEADER_TABLE_SIZE). When the encoder knows of a smaller
  /// one is not to be seen from outside, so it is never lowered.
  void allow_table(std::size_t size_bytes);
  /// join_late says that blocks were missed: an index beyond the known entries is one of theirs, and passed over.
  void join_late() { joined_late_ = true; }
  [[nodiscard]] std::size_t table_bytes() const { return table_bytes_; }

 private:
  struct Entry {
    std::string name;
    std::string value;
    [[nodiscard]] std::size_t size_bytes() const { return name.size() + value.size() + 32; }  // RFC 7541 section 4.1
  };
  struct Field {
    std::string_view name;
    std::string_view value;
    bool known = true;
  };
  Field indexed(std::uint64_t index, ByteReader& reader) const;
  void read_literal(ByteReader& reader, unsigned prefix_bits, bool keep, HpackSink& sink);
  void resize(std::uint64_t size_bytes, ByteReader& reader);
  void insert(Entry entry);
  void evict(std::size_t limit_bytes);

  std::deque<Entry> table_;  ///< the newest first
  std::size_t table_bytes_ = 0;
  std::size_t max_bytes_ = kDefaultHpackTableBytes;      ///< what the encoder chose
  std::size_t allowed_bytes_ = kDefaultHpackTableBytes;  ///< what it may choose
  bool joined_late_ = false;
  bool failed_ = false;
  ParseError error_;
};

/// hpack_integer reads an integer with a prefix of `prefix_bits` (RFC 7541 section 5.1); the octet's other bits are ignored. Fails the
/// reader's scope as malformed above 2^32.
std::uint64_t hpack_integer(ByteReader& reader, unsigned prefix_bits, std::string_view field);

/// hpack_huffman decodes a string (RFC 7541 section 5.2, appendix B). Fails as malformed for EOS inside, and for padding that is longer
/// than seven bits or not all ones.
Parsed<std::string> hpack_huffman(Bytes octets);

}  // namespace sealtrace
