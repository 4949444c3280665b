#include "wire/byte_reader.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sealtrace {
namespace {

constexpr std::array<std::uint8_t, 8> kOctets{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};

TEST(ByteReader, ReadsBigAndLittleEndianIntegers) {
  ParseScope scope;
  ByteReader reader{kOctets, scope};
  EXPECT_EQ(reader.u16("a"), 0x0102);
  EXPECT_EQ(reader.u24("b"), 0x030405U);
  EXPECT_EQ(reader.u16_le("c"), 0x0706);
  EXPECT_EQ(reader.remaining(), 1U);
  EXPECT_TRUE(scope.ok());
}

TEST(ByteReader, TheFirstErrorWinsAndLaterReadsGiveZero) {
  ParseScope scope;
  ByteReader reader{Bytes{kOctets}.first(3), scope};
  reader.u16("first");
  EXPECT_EQ(reader.u32("second"), 0U);
  EXPECT_EQ(reader.u8("third"), 0U);
  EXPECT_EQ(scope.error(), (ParseError{ParseErrorCode::need_more, 2, "second"}));
  EXPECT_FALSE(scope.finish(7).has_value());
}

TEST(ByteReader, AShortOuterReadMeansWhatTheScopeSays) {
  ParseScope scope{ParseErrorCode::truncated};
  ByteReader reader{Bytes{}, scope};
  reader.u8("type");
  EXPECT_EQ(scope.error().code, ParseErrorCode::truncated);
}

TEST(ByteReader, AChildCannotLeaveItsBlockAndALyingLengthIsMalformed) {
  ParseScope scope;
  ByteReader reader{kOctets, scope};
  ByteReader child = reader.block8("list");  // one octet: 0x02
  EXPECT_EQ(child.remaining(), 1U);
  child.u16("entry");
  EXPECT_EQ(scope.error(), (ParseError{ParseErrorCode::malformed, 1, "entry"}));
}

TEST(ByteReader, ABlockLongerThanItsParentFails) {
  ParseScope scope;
  ByteReader reader{kOctets, scope};
  reader.skip(7, "padding");
  ByteReader child = reader.block8("list");
  EXPECT_TRUE(child.empty());
  EXPECT_FALSE(child.more());
  EXPECT_EQ(scope.error(), (ParseError{ParseErrorCode::need_more, 8, "list"}));
}

TEST(ByteReader, TrailingOctetsAreMalformedWhereNothingMayFollow) {
  ParseScope scope;
  ByteReader reader{kOctets, scope};
  reader.u64("value");
  reader.finished("end");
  EXPECT_TRUE(scope.ok());
  ByteReader again{kOctets, scope};
  again.u8("value");
  again.finished("end");
  EXPECT_EQ(scope.error().code, ParseErrorCode::malformed);
}

}  // namespace
}  // namespace sealtrace
