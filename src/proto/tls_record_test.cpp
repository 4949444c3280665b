#include "proto/tls_record.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

TEST(RecordHeader, ReadsItsFieldsAndNothingLess) {
  const auto octets = annotated_hex(R"(
      16      # type: handshake
      03 03   # legacy_record_version
      01 2C   # length)");
  const auto header = parse_record_header(octets);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, ContentType::handshake);
  EXPECT_EQ(header->legacy_record_version, 0x0303);
  EXPECT_EQ(header->length, 300);
  for (std::size_t length = 0; length < octets.size(); ++length) {
    const auto cut = parse_record_header(Bytes{octets}.first(length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::need_more) << length;
  }
}

struct HeaderCase {
  std::string_view name;
  std::string_view octets;
  ParseError error;
};

TEST(RecordHeader, RefusesWhatNoPeerSends) {
  const HeaderCase cases[] = {
      {"type below", "13 03 03 00 10", {ParseErrorCode::malformed, 1, "type"}},
      {"type above", "19 03 03 00 10", {ParseErrorCode::malformed, 1, "type"}},
      {"version of DTLS", "16 FE FD 00 10", {ParseErrorCode::malformed, 3, "legacy_record_version"}},
      {"version 3.5", "16 03 05 00 10", {ParseErrorCode::malformed, 3, "legacy_record_version"}},
      {"one octet too long", "17 03 03 48 01", {ParseErrorCode::malformed, 5, "length"}},
  };
  for (const HeaderCase& c : cases) {
    const auto header = parse_record_header(annotated_hex(c.octets));
    ASSERT_FALSE(header) << c.name;
    EXPECT_EQ(header.error(), c.error) << c.name;
  }
  EXPECT_TRUE(parse_record_header(annotated_hex("17 03 03 48 00")));
}

TEST(Alert, HasALevelAndADescription) {
  const auto alert = parse_alert(annotated_hex("02 28"));
  ASSERT_TRUE(alert);
  EXPECT_EQ(alert->level, AlertLevel::fatal);
  EXPECT_EQ(alert->description, AlertDescription{40});
  EXPECT_EQ(parse_alert(annotated_hex("03 28")).error(), (ParseError{ParseErrorCode::malformed, 1, "level"}));
  EXPECT_EQ(parse_alert(annotated_hex("02")).error(), (ParseError{ParseErrorCode::malformed, 1, "description"}));
  EXPECT_EQ(parse_alert(annotated_hex("02 28 00")).error(), (ParseError{ParseErrorCode::malformed, 2, "alert"}));
}

}  // namespace
}  // namespace sealtrace
