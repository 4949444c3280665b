#include "dissectors/http/hpack.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dissectors/http/hpack_tables.hpp"

namespace sealtrace {
namespace {

constexpr unsigned kMaxCodeBits = 30;

/// HuffmanCode is the canonical code by length: the first code of each, and where its symbols begin in `symbols`.
struct HuffmanCode {
  std::array<std::uint32_t, kMaxCodeBits + 1> first{};
  std::array<std::uint16_t, kMaxCodeBits + 1> count{};
  std::array<std::uint16_t, kMaxCodeBits + 1> begin{};
  std::array<std::uint16_t, kHpackCodeBits.size()> symbols{};
};

constexpr HuffmanCode make_code() {
  HuffmanCode code;
  std::uint32_t next = 0;
  std::uint16_t num_symbols = 0;
  for (unsigned bits = 1; bits <= kMaxCodeBits; ++bits) {
    next <<= 1;
    code.first[bits] = next;
    code.begin[bits] = num_symbols;
    for (std::size_t symbol = 0; symbol < kHpackCodeBits.size(); ++symbol) {
      if (kHpackCodeBits[symbol] != bits) continue;
      code.symbols[num_symbols++] = static_cast<std::uint16_t>(symbol);
      ++code.count[bits];
      ++next;
    }
  }
  return code;
}

constexpr HuffmanCode kCode = make_code();
// RFC 7541 appendix B ends with EOS, thirty bits of ones: the lengths fill the code exactly.
static_assert(kCode.first[30] + kCode.count[30] == std::uint32_t{1} << 30);
static_assert(kCode.symbols[256] == kHpackEos);

}  // namespace

std::uint64_t hpack_integer(ByteReader& reader, unsigned prefix_bits, std::string_view field) {
  constexpr unsigned kMaxShift = 28;
  const std::uint64_t mask = (1U << prefix_bits) - 1;
  std::uint64_t value = reader.u8(field) & mask;
  if (value < mask) return value;
  for (unsigned shift = 0; reader.scope().ok(); shift += 7) {
    const std::uint64_t octet = reader.u8(field);
    value += (octet & 0x7FU) << shift;
    if ((octet & 0x80U) == 0) break;
    reader.require(shift < kMaxShift, field);
  }
  return value;
}

Parsed<std::string> hpack_huffman(Bytes octets) {
  ParseScope scope;
  std::string text;
  std::uint32_t code = 0;
  unsigned num_bits = 0;
  for (std::size_t i = 0; i < octets.size() && scope.ok(); ++i) {
    for (unsigned bit = 8; bit-- > 0;) {
      code = code << 1 | (static_cast<std::uint32_t>(octets[i]) >> bit & 1U);
      ++num_bits;
      const std::uint32_t nth = code - kCode.first[num_bits];
      if (code < kCode.first[num_bits] || nth >= kCode.count[num_bits]) {
        if (num_bits == kMaxCodeBits) scope.fail(ParseErrorCode::malformed, i, "Huffman code");
        if (!scope.ok()) break;
        continue;
      }
      const std::uint16_t symbol = kCode.symbols[kCode.begin[num_bits] + nth];
      if (symbol == kHpackEos) {
        scope.fail(ParseErrorCode::malformed, i, "EOS");
        break;
      }
      text += static_cast<char>(symbol);
      code = 0;
      num_bits = 0;
    }
  }
  // The padding is the beginning of EOS.
  if (num_bits > 7 || code != (std::uint32_t{1} << num_bits) - 1) scope.fail(ParseErrorCode::malformed, octets.size(), "padding");
  return scope.finish(std::move(text));
}

namespace {

/// read_string takes a string literal (RFC 7541 section 5.2).
std::string read_string(ByteReader& reader, std::string_view field) {
  const bool huffman = !reader.rest().empty() && (reader.rest()[0] & 0x80U) != 0;
  const std::uint64_t length = hpack_integer(reader, 7, field);
  const Bytes octets = reader.bytes(static_cast<std::size_t>(length), field);
  if (!huffman) return std::string{as_text(octets)};
  auto text = hpack_huffman(octets);
  if (text) return *std::move(text);
  reader.require(false, text.error().field);
  return {};
}

}  // namespace

HpackDecoder::Field HpackDecoder::indexed(std::uint64_t index, ByteReader& reader) const {
  reader.require(index != 0, "Index");  // RFC 7541 section 6.1
  if (!reader.scope().ok()) return {};
  if (index <= kHpackStaticTable.size()) {
    const HpackStaticField& field = kHpackStaticTable[static_cast<std::size_t>(index - 1)];
    return {.name = field.name, .value = field.value};
  }
  const std::uint64_t nth = index - kHpackStaticTable.size() - 1;
  if (nth >= table_.size()) {
    reader.require(joined_late_, "Index");  // section 2.3.3
    return {.name = {}, .value = {}, .known = false};
  }
  const Entry& entry = table_[static_cast<std::size_t>(nth)];
  return {.name = entry.name, .value = entry.value};
}

void HpackDecoder::read_literal(ByteReader& reader, unsigned prefix_bits, bool keep, HpackSink& sink) {
  const std::uint64_t index = hpack_integer(reader, prefix_bits, "Index");
  Entry entry;
  bool known = true;
  if (index == 0) {
    entry.name = read_string(reader, "Name String");
  } else {
    const Field field = indexed(index, reader);
    entry.name = field.name;
    known = field.known;
  }
  entry.value = read_string(reader, "Value String");
  if (!reader.scope().ok()) return;
  if (known) sink.field(entry.name, entry.value);
  if (keep) insert(std::move(entry));
}

void HpackDecoder::resize(std::uint64_t size_bytes, ByteReader& reader) {
  reader.require(size_bytes <= allowed_bytes_, "Max size");  // section 6.3
  if (!reader.scope().ok()) return;
  max_bytes_ = static_cast<std::size_t>(size_bytes);
  evict(max_bytes_);
}

void HpackDecoder::evict(std::size_t limit_bytes) {
  while (table_bytes_ > limit_bytes) {
    table_bytes_ -= table_.back().size_bytes();
    table_.pop_back();
  }
}

void HpackDecoder::insert(Entry entry) {
  // Section 4.4: an entry larger than the table empties it, and is no error.
  const std::size_t size_bytes = entry.size_bytes();
  evict(size_bytes > max_bytes_ ? 0 : max_bytes_ - size_bytes);
  if (size_bytes > max_bytes_) return;
  table_bytes_ += size_bytes;
  table_.push_front(std::move(entry));
}

void HpackDecoder::allow_table(std::size_t size_bytes) {
  allowed_bytes_ = std::max(allowed_bytes_, std::min(size_bytes, kMaxHpackTableBytes));
}

Parsed<std::size_t> HpackDecoder::decode(Bytes block, HpackSink& sink) {
  if (failed_) return std::unexpected(error_);
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{block, scope};
  std::size_t num_fields = 0;
  while (reader.more()) {
    const std::uint8_t first = reader.rest()[0];
    if ((first & 0xE0U) == 0x20) {  // section 6.3; section 4.2 has it at the beginning of a block
      reader.require(num_fields == 0, "Max size");
      resize(hpack_integer(reader, 5, "Max size"), reader);
      continue;
    }
    reader.supported(++num_fields <= kMaxHpackFields, "field block");
    if (!scope.ok()) break;
    if ((first & 0x80U) != 0) {  // section 6.1
      const Field field = indexed(hpack_integer(reader, 7, "Index"), reader);
      if (scope.ok() && field.known) sink.field(field.name, field.value);
    } else if ((first & 0x40U) != 0) {  // section 6.2.1
      read_literal(reader, 6, true, sink);
    } else {  // sections 6.2.2 and 6.2.3: neither is kept
      read_literal(reader, 4, false, sink);
    }
  }
  if (!scope.ok()) {
    failed_ = true;
    error_ = scope.error();
  }
  return scope.finish(num_fields);
}

}  // namespace sealtrace
