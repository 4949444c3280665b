#include "proto/ber.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>
#include <vector>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

struct HeaderCase {
  std::string_view name;
  std::string_view octets;
  std::optional<std::uint32_t> length;  ///< nothing when it cannot be read
  ParseErrorCode error{};
  std::size_t offset = 0;
};

void PrintTo(const HeaderCase& header, std::ostream* out) { *out << header.name; }
std::string name_of(const testing::TestParamInfo<HeaderCase>& info) { return std::string{info.param.name}; }

class BerHeaderTable : public testing::TestWithParam<HeaderCase> {};
TEST_P(BerHeaderTable, IsReadOrSaysWhyNot) {
  const auto octets = annotated_hex(GetParam().octets);
  ParseScope scope;
  ByteReader reader{octets, scope};
  const BerHeader header = read_ber_header(reader, "element");
  EXPECT_EQ(scope.ok(), GetParam().length.has_value());
  if (scope.ok()) {
    EXPECT_EQ(header.length, *GetParam().length);
    EXPECT_EQ(static_cast<std::uint8_t>(header.tag), octets[0]);
    return;
  }
  EXPECT_EQ(scope.error(), (ParseError{.code = GetParam().error, .offset = GetParam().offset, .field = "element"}));
}
INSTANTIATE_TEST_SUITE_P(Table, BerHeaderTable,
                         testing::Values(HeaderCase{"ShortForm", "30 7F", 127U}, HeaderCase{"LongFormOfOneOctet", "30 81 80", 128U},
                                         HeaderCase{"LongFormOfFourOctetsAsActiveDirectoryWrites", "30 84 00 00 00 05", 5U},
                                         HeaderCase{"TheLargestLength", "04 84 FF FF FF FF", 0xFFFFFFFFU},
                                         HeaderCase{"IndefiniteIsMalformed", "30 80", std::nullopt, ParseErrorCode::malformed, 2},
                                         HeaderCase{"FiveLengthOctetsAreUnsupported", "30 85 00 00 00 00 01", std::nullopt,
                                                    ParseErrorCode::unsupported, 2},
                                         HeaderCase{"ALongTagIsUnsupported", "3F 21 00", std::nullopt, ParseErrorCode::unsupported, 1},
                                         HeaderCase{"NothingYet", "", std::nullopt, ParseErrorCode::need_more, 0},
                                         HeaderCase{"NoLengthYet", "30", std::nullopt, ParseErrorCode::need_more, 1},
                                         HeaderCase{"LengthIsCut", "30 84 00 00", std::nullopt, ParseErrorCode::need_more, 4}),
                         name_of);

TEST(Ber, AnElementCannotLeaveTheOneAroundIt) {
  const auto octets = annotated_hex("30 03  # SEQUENCE\n 04 02 41  # OCTET STRING of two octets, one is there\n 42 # behind");
  ParseScope scope;
  ByteReader reader{octets, scope};
  ByteReader sequence = read_ber(reader, BerTag::sequence, "message");
  read_ber(sequence, BerTag::octet_string, "name");
  EXPECT_EQ(scope.error(), (ParseError{.code = ParseErrorCode::malformed, .offset = 4, .field = "name"}));
}

TEST(Ber, AnotherTagIsMalformedAndAMissingOneIsNot) {
  const auto octets = annotated_hex("04 00");
  ParseScope scope;
  ByteReader reader{octets, scope};
  read_ber(reader, BerTag::sequence, "message");
  EXPECT_EQ(scope.error().code, ParseErrorCode::malformed);
  ParseScope nothing;
  ByteReader empty{Bytes{}, nothing};
  read_ber(empty, BerTag::sequence, "message");
  EXPECT_EQ(nothing.error().code, ParseErrorCode::need_more);
}

TEST(Ber, IntegersAreTwosComplement) {
  const auto read = [](std::string_view hex) -> Parsed<std::int64_t> {
    const auto octets = annotated_hex(hex);
    ParseScope scope;
    ByteReader reader{octets, scope};
    const std::int64_t value = read_ber_integer(reader, BerTag::integer, "value");
    return scope.finish(value);
  };
  EXPECT_EQ(read("02 01 00"), 0);
  EXPECT_EQ(read("02 02 00 80"), 128);
  EXPECT_EQ(read("02 01 80"), -128);
  EXPECT_EQ(read("02 04 7F FF FF FF"), 2147483647);
  EXPECT_EQ(read("02 08 80 00 00 00 00 00 00 00"), INT64_MIN);
  EXPECT_EQ(read("02 00").error().code, ParseErrorCode::malformed);
  EXPECT_EQ(read("02 09 00 00 00 00 00 00 00 00 01").error().code, ParseErrorCode::unsupported);
  EXPECT_EQ(read("0A 01 00").error().code, ParseErrorCode::malformed);
}

TEST(Ber, TagsOfTheOtherClasses) {
  EXPECT_EQ(static_cast<int>(ber_application(3, BerForm::constructed)), 0x63);
  EXPECT_EQ(static_cast<int>(ber_application(2, BerForm::primitive)), 0x42);
  EXPECT_EQ(static_cast<int>(ber_context(0, BerForm::constructed)), 0xA0);
}

}  // namespace
}  // namespace sealtrace
