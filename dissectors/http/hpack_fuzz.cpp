// Input: blocks, each behind two octets of length. Oracle: the table stays within its limit; a cut block gives the first of the whole one's
// fields, and no others; what was decoded and is written again as literals decodes to the same fields; a string that Huffman gave is
// printed and read again.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "dissectors/http/hpack.hpp"

using namespace sealtrace;

namespace {

using Field = std::pair<std::string, std::string>;

class Fields final : public HpackSink {
 public:
  void field(std::string_view name, std::string_view value) override { all.emplace_back(name, value); }
  std::vector<Field> all;
};

void write_integer(std::vector<std::uint8_t>& out, std::uint8_t first, unsigned prefix_bits, std::size_t value) {
  const std::size_t mask = (std::size_t{1} << prefix_bits) - 1;
  if (value < mask) return out.push_back(static_cast<std::uint8_t>(first | value));
  out.push_back(static_cast<std::uint8_t>(first | mask));
  for (value -= mask; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(0x80 | (value & 0x7F)));
  out.push_back(static_cast<std::uint8_t>(value));
}

void check_again(const std::vector<Field>& fields) {
  std::vector<std::uint8_t> block;
  for (const auto& [name, value] : fields) {
    write_integer(block, 0x00, 4, 0);
    for (const std::string* text : {&name, &value}) {
      write_integer(block, 0x00, 7, text->size());
      block.insert(block.end(), text->begin(), text->end());
    }
  }
  HpackDecoder decoder;
  Fields again;
  if (!decoder.decode(block, again) || again.all != fields || decoder.table_bytes() != 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ParseScope scope;
  ByteReader reader{{data, size}, scope};
  const std::uint8_t flags = reader.u8("flags");
  HpackDecoder decoder;
  if ((flags & 1) != 0) decoder.join_late();
  if ((flags & 2) != 0) decoder.allow_table(std::size_t{1} << (flags >> 4));
  while (reader.more()) {
    const std::size_t length = reader.u16("length");
    const Bytes block = reader.bytes(std::min(length, reader.remaining()), "block");
    HpackDecoder before = decoder;
    Fields fields;
    const auto decoded = decoder.decode(block, fields);
    if (decoder.table_bytes() > kMaxHpackTableBytes) std::abort();
    if (decoded && *decoded < fields.all.size()) std::abort();
    check_again(fields.all);
    Fields cut;
    (void)before.decode(block.first(block.size() / 2), cut);
    if (cut.all.size() > fields.all.size() || !std::equal(cut.all.begin(), cut.all.end(), fields.all.begin())) std::abort();
    if (const auto text = hpack_huffman(block); text && text->size() * 5 > block.size() * 8) std::abort();
  }
  return 0;
}
