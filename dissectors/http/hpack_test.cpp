#include "dissectors/http/hpack.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

class Fields final : public HpackSink {
 public:
  void field(std::string_view name, std::string_view value) override { all.push_back(std::string{name} + ": " + std::string{value}); }
  std::vector<std::string> all;
};

/// decoded gives the fields of one block, and "!FIELD" at the end where decoding failed.
std::vector<std::string> decoded(HpackDecoder& decoder, const Octets& block) {
  Fields fields;
  const auto result = decoder.decode(block, fields);
  if (!result) fields.all.push_back("!" + std::string{result.error().field});
  return fields.all;
}

struct Block {
  std::string_view octets;
  std::vector<std::string> fields;
  std::size_t table_bytes = 0;  ///< after it
};

struct Connection {
  std::string_view name;
  std::size_t table_limit_bytes = 0;  ///< set by a first size update; 0: as it is
  std::vector<Block> blocks;
};

void PrintTo(const Connection& connection, std::ostream* out) { *out << connection.name; }

class HpackConnection : public ::testing::TestWithParam<Connection> {};
TEST_P(HpackConnection, DecodesBlockByBlock) {
  HpackDecoder decoder;
  if (GetParam().table_limit_bytes == 256) {
    EXPECT_TRUE(decoded(decoder, annotated_hex("3f e1 01")).empty());  // dynamic table size update to 256
  }
  for (const Block& block : GetParam().blocks) {
    EXPECT_EQ(decoded(decoder, annotated_hex(block.octets)), block.fields);
    EXPECT_EQ(decoder.table_bytes(), block.table_bytes);
  }
}

const std::vector<std::string> kFirstRequest{":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"};
const std::vector<std::string> kSecondRequest{":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com",
                                              "cache-control: no-cache"};
const std::vector<std::string> kThirdRequest{":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com",
                                             "custom-key: custom-value"};
const std::vector<std::string> kFirstResponse{":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT",
                                              "location: https://www.example.com"};
const std::vector<std::string> kSecondResponse{":status: 307", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT",
                                               "location: https://www.example.com"};
const std::vector<std::string> kThirdResponse{":status: 200",
                                              "cache-control: private",
                                              "date: Mon, 21 Oct 2013 20:13:22 GMT",
                                              "location: https://www.example.com",
                                              "content-encoding: gzip",
                                              "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"};

INSTANTIATE_TEST_SUITE_P(
    Rfc7541AppendixC, HpackConnection,
    ::testing::Values(
        Connection{"C2_1_LiteralWithIndexing",
                   0,
                   {{"40 0a 63757374 6f6d2d6b 6579 0d 63757374 6f6d2d68 65616465 72", {"custom-key: custom-header"}, 55}}},
        Connection{"C2_2_LiteralWithoutIndexing", 0, {{"04 0c 2f73616d 706c652f 70617468", {":path: /sample/path"}, 0}}},
        Connection{"C2_3_LiteralNeverIndexed", 0, {{"10 08 70617373 776f7264 06 73656372 6574", {"password: secret"}, 0}}},
        Connection{"C2_4_Indexed", 0, {{"82", {":method: GET"}, 0}}},
        Connection{"C3_RequestsWithoutHuffman",
                   0,
                   {{"82 86 84 41 0f 7777772e 6578616d 706c652e 636f6d", kFirstRequest, 57},
                    {"82 86 84 be 58 08 6e6f2d63 61636865", kSecondRequest, 110},
                    {"82 87 85 bf 40 0a 63757374 6f6d2d6b 6579 0c 63757374 6f6d2d76 616c7565", kThirdRequest, 164}}},
        Connection{"C4_RequestsWithHuffman",
                   0,
                   {{"82 86 84 41 8c f1e3c2e5 f23a6ba0 ab90f4ff", kFirstRequest, 57},
                    {"82 86 84 be 58 86 a8eb1064 9cbf", kSecondRequest, 110},
                    {"82 87 85 bf 40 88 25a849e9 5ba97d7f 89 25a849e9 5bb8e8b4 bf", kThirdRequest, 164}}},
        Connection{"C5_ResponsesWithoutHuffman",
                   256,
                   {{"48 03 333032 58 07 70726976 617465 61 1d 4d6f6e2c 20323120 4f637420 32303133 2032303a 31333a32 3120474d 54"
                     "6e 17 68747470 733a2f2f 7777772e 6578616d 706c652e 636f6d",
                     kFirstResponse, 222},
                    {"48 03 333037 c1 c0 bf", kSecondResponse, 222},
                    {"88 c1 61 1d 4d6f6e2c 20323120 4f637420 32303133 2032303a 31333a32 3220474d 54 c0 5a 04 677a6970 77 38"
                     "666f6f3d 4153444a 4b48514b 425a584f 5157454f 50495541 58515745 4f49553b 206d6178 2d616765 3d333630 303b2076"
                     "65727369 6f6e3d31",
                     kThirdResponse, 215}}},
        Connection{"C6_ResponsesWithHuffman",
                   256,
                   {{"48 82 6402 58 85 aec3771a4b 61 96 d07abe94 1054d444 a8200595 040b8166 e082a62d 1bff 6e 91 9d29ad17 1863c78f"
                     "0b97c8e9 ae82ae43 d3",
                     kFirstResponse, 222},
                    {"48 83 640eff c1 c0 bf", kSecondResponse, 222},
                    {"88 c1 61 96 d07abe94 1054d444 a8200595 040b8166 e084a62d 1bff c0 5a 83 9bd9ab 77 ad 94e7821d d7f2e6c7"
                     "b335dfdf cd5b3960 d5af2708 7f3672c1 ab270fb5 291f9587 316065c0 03ed4ee5 b1063d50 07",
                     kThirdResponse, 215}}}),
    [](const auto& param) { return std::string{param.param.name}; });

struct Integer {
  std::string_view name;
  std::string_view octets;
  unsigned prefix_bits = 0;
  std::uint64_t value = 0;
};
void PrintTo(const Integer& integer, std::ostream* out) { *out << integer.name; }

class HpackInteger : public ::testing::TestWithParam<Integer> {};
TEST_P(HpackInteger, IsReadAndItsCutsAreNot) {
  const Octets octets = annotated_hex(GetParam().octets);
  ParseScope scope;
  ByteReader reader{octets, scope};
  EXPECT_EQ(hpack_integer(reader, GetParam().prefix_bits, "Index"), GetParam().value);
  EXPECT_TRUE(scope.ok() && reader.empty());
  for (std::size_t length = 0; length < octets.size(); ++length) {
    ParseScope cut_scope;
    ByteReader cut{Bytes{octets}.first(length), cut_scope};
    hpack_integer(cut, GetParam().prefix_bits, "Index");
    EXPECT_EQ(cut_scope.error().code, ParseErrorCode::need_more) << length;
    EXPECT_FALSE(cut_scope.ok()) << length;
  }
}
INSTANTIATE_TEST_SUITE_P(Rfc7541AppendixC1, HpackInteger,
                         ::testing::Values(Integer{"Ten", "0a", 5, 10}, Integer{"TenWithOtherBitsSet", "ea", 5, 10},
                                           Integer{"LeadsThePrefix", "1f 9a 0a", 5, 1337}, Integer{"FortyTwo", "2a", 8, 42},
                                           Integer{"FillsThePrefix", "1f 00", 5, 31},
                                           Integer{"FourGiga", "ff e0 ff ff ff 0f", 7, 0xFFFFFFFF + 96ULL}),
                         [](const auto& param) { return std::string{param.param.name}; });

struct Broken {
  std::string_view name;
  std::string_view octets;
  std::vector<std::string> fields;
};
void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

class HpackBroken : public ::testing::TestWithParam<Broken> {};
TEST_P(HpackBroken, FailsAndStaysFailed) {
  HpackDecoder decoder;
  EXPECT_EQ(decoded(decoder, annotated_hex(GetParam().octets)), GetParam().fields);
  const std::vector<std::string> again{GetParam().fields.back()};
  EXPECT_EQ(decoded(decoder, annotated_hex("82")), again) << "the table is not to be trusted any more";
}
INSTANTIATE_TEST_SUITE_P(Table, HpackBroken,
                         ::testing::Values(Broken{"IndexZero", "80", {"!Index"}},
                                           Broken{"IndexBeyondTheTables", "82 be", {":method: GET", "!Index"}},
                                           Broken{"NameIndexBeyondTheTables", "7f 00 01 61", {"!Index"}},
                                           Broken{"ANameRunsOut", "40 05 61 62", {"!Name String"}},
                                           Broken{"AValueRunsOut", "41 02 61", {"!Value String"}},
                                           Broken{"AnIntegerWithoutEnd", "ff ff ff ff ff ff ff 01", {"!Index"}},
                                           Broken{"ASizeAboveWhatWasAllowed", "3f e2 1f", {"!Max size"}},
                                           Broken{"ASizeUpdateBehindAField", "82 20", {":method: GET", "!Max size"}},
                                           Broken{"HuffmanPaddingOfZeros", "41 81 18", {"!padding"}},
                                           Broken{"HuffmanPaddingOfEightBits", "41 82 07 ff", {"!padding"}},
                                           Broken{"HuffmanEos", "41 84 ff ff ff ff", {"!EOS"}}),
                         [](const auto& param) { return std::string{param.param.name}; });

TEST(Hpack, ACutBlockGivesTheFirstFieldsOrFails) {
  const Octets block = annotated_hex("82 86 84 41 8c f1e3c2e5 f23a6ba0 ab90f4ff");
  for (std::size_t length = 0; length < block.size(); ++length) {
    HpackDecoder decoder;
    std::vector<std::string> fields = decoded(decoder, {block.begin(), block.begin() + static_cast<std::ptrdiff_t>(length)});
    const bool failed = !fields.empty() && fields.back().starts_with('!');
    if (failed) fields.pop_back();
    EXPECT_EQ(failed, length > 3) << length;
    EXPECT_EQ(fields.size(), std::min<std::size_t>(length, 3)) << length;
  }
}

TEST(Hpack, AnEntryLargerThanTheTableEmptiesIt) {
  HpackDecoder decoder;
  EXPECT_EQ(decoded(decoder, annotated_hex("3f 09 40 01 61 01 62")).size(), 1U);  // 40 octets are allowed, the entry has 34
  EXPECT_EQ(decoder.table_bytes(), 34U);
  EXPECT_EQ(decoded(decoder, annotated_hex("40 08 6162636465666768 01 62")).size(), 1U);  // 41 octets
  EXPECT_EQ(decoder.table_bytes(), 0U);
}

TEST(Hpack, ALargerTableIsAllowedByThePeersSettings) {
  HpackDecoder decoder;
  decoder.allow_table(8192);
  decoder.allow_table(100);
  EXPECT_TRUE(decoded(decoder, annotated_hex("3f e1 3f")).empty()) << "8192 octets";
}

TEST(Hpack, WhoJoinsLatePassesOverEntriesThatWereNotSeen) {
  HpackDecoder decoder;
  decoder.join_late();
  // 62 and 63 are unknown; then an entry is added, and 62 is that one.
  EXPECT_EQ(decoded(decoder, annotated_hex("be bf 82 40 01 61 01 62 be bf")), (std::vector<std::string>{":method: GET", "a: b", "a: b"}));
}

TEST(Hpack, ABlockOfTooManyFieldsIsNotRead) {
  HpackDecoder decoder;
  Octets block(kMaxHpackFields, 0x82);
  Fields fields;
  EXPECT_TRUE(decoder.decode(block, fields));
  block.push_back(0x82);
  const auto result = decoder.decode(block, fields);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ParseErrorCode::unsupported);
}

}  // namespace
}  // namespace sealtrace
