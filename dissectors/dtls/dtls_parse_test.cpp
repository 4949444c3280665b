#include "dissectors/dtls/dtls_parse.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace sealtrace {
namespace {

/// octets reads hex digits; what follows a # up to the end of the line is a note.
std::vector<std::uint8_t> octets(std::string_view annotated) {
  std::vector<std::uint8_t> result;
  int high = -1;
  bool in_note = false;
  for (const char c : annotated) {
    if (c == '#') in_note = true;
    if (c == '\n') in_note = false;
    const std::size_t digit = std::string_view{"0123456789ABCDEF"}.find(c);
    if (in_note || digit == std::string_view::npos) continue;
    if (high < 0) {
      high = static_cast<int>(digit);
    } else {
      result.push_back(static_cast<std::uint8_t>(high << 4 | static_cast<int>(digit)));
      high = -1;
    }
  }
  return result;
}

TEST(DtlsRecordHeader, ReadsItsFieldsAndNothingLess) {
  const auto bytes = octets(R"(
      16              # type: handshake
      FE FD           # legacy_record_version: DTLS 1.2
      00 01           # epoch
      00 00 00 00 01 02  # sequence_number
      00 30           # length
  )");
  const auto header = parse_dtls_record_header(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, ContentType::handshake);
  EXPECT_EQ(header->legacy_record_version, 0xFEFD);
  EXPECT_EQ(header->epoch, 1);
  EXPECT_EQ(header->sequence_number, 0x0102U);
  EXPECT_EQ(header->length, 0x30);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto cut = parse_dtls_record_header(Bytes{bytes}.first(length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::need_more);
  }
}

TEST(DtlsRecordHeader, RefusesWhatIsNoRecord) {
  const struct {
    std::string_view name, hex;
    std::size_t offset;
    std::string_view field;
  } kCases[] = {
      {"a type of no record", "13 FEFD 0000 000000000000 0001", 1, "type"},
      {"RTP of version 2", "80 6F0000 006E9F28 3EBA02C2 080F96", 1, "type"},
      {"TLS 1.2", "16 0303 0000 000000000000 0001", 3, "legacy_record_version"},
      {"a fragment above 2^14 + 2048 octets", "16 FEFD 0000 000000000000 4801", 13, "length"},
  };
  for (const auto& row : kCases) {
    const auto header = parse_dtls_record_header(octets(row.hex));
    ASSERT_FALSE(header) << row.name;
    EXPECT_EQ(header.error(), (ParseError{.code = ParseErrorCode::malformed, .offset = row.offset, .field = row.field})) << row.name;
  }
}

TEST(DtlsRecordHeader, AConnectionIdHidesTheLength) {
  const auto header = parse_dtls_record_header(octets("19 FEFD 0001 000000000001"));  // RFC 9146 section 4
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, kTls12Cid);
  EXPECT_EQ(header->length, 0);
}

TEST(UnifiedHeader, ReadsEveryForm) {
  const struct {
    std::string_view name, hex;
    std::uint8_t epoch_bits;
    std::size_t header_bytes;
    std::uint16_t length;
  } kCases[] = {
      {"8-bit sequence number, no length", "22 17", 2, 2, 0},
      {"16-bit sequence number and length", "2F 1717 0040", 3, 5, 0x40},
      {"8-bit sequence number and length", "26 17 0040", 2, 4, 0x40},
      {"a connection id of unknown length", "3E 00", 2, 0, 0},
  };
  for (const auto& row : kCases) {
    const auto bytes = octets(row.hex);
    const auto header = parse_unified_header(bytes);
    ASSERT_TRUE(header) << row.name;
    EXPECT_EQ(header->epoch_bits, row.epoch_bits) << row.name;
    EXPECT_EQ(header->header_bytes, row.header_bytes) << row.name;
    EXPECT_EQ(header->length, row.length) << row.name;
    for (std::size_t length = 0; length < row.header_bytes; ++length) {
      EXPECT_EQ(parse_unified_header(Bytes{bytes}.first(length)).error().code, ParseErrorCode::need_more) << row.name << length;
    }
  }
  EXPECT_EQ(parse_unified_header(octets("40 00")).error().code, ParseErrorCode::malformed);
}

TEST(DtlsHandshakeHeader, ReadsItsFieldsAndNothingLess) {
  const auto bytes = octets(R"(
      0B              # msg_type: certificate
      00 05 4F        # length
      00 02           # message_seq
      00 05 00        # fragment_offset
      00 00 4F        # fragment_length
  )");
  const auto header = parse_dtls_handshake_header(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->msg_type, HandshakeType::certificate);
  EXPECT_EQ(header->length, 0x54FU);
  EXPECT_EQ(header->message_seq, 2);
  EXPECT_EQ(header->fragment_offset, 0x500U);
  EXPECT_EQ(header->fragment_length, 0x4FU);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(parse_dtls_handshake_header(Bytes{bytes}.first(length)).error().code, ParseErrorCode::need_more) << length;
  }
}

TEST(DtlsHandshakeHeader, AFragmentStaysInItsMessage) {
  for (const std::string_view hex : {"0B 000010 0002 000008 000009", "0B 000010 0002 000011 000000", "0B 000010 0002 FFFFFF FFFFFF"}) {
    const auto header = parse_dtls_handshake_header(octets(hex));
    ASSERT_FALSE(header) << hex;
    EXPECT_EQ(header.error(), (ParseError{.code = ParseErrorCode::malformed, .offset = 12, .field = "fragment_length"})) << hex;
  }
}

TEST(LooksLikeDtls, TellsItByContent) {
  const struct {
    std::string_view name, hex;
    bool expected;
  } kCases[] = {
      {"a ClientHello", "16 FEFF 0000 000000000000 0014  01 000040 0000 000000 000008  FEFD 000102030405", true},
      {"a ClientHello that the snaplen cut", "16 FEFF 0000 000000000000 0090  01 000084 0000 000000 000084  FEFD 0001", true},
      {"a ClientHello of old OpenSSL", "16 0100 0000 000000000000 000E  01 000040 0000 000000 000002  0100", true},
      {"a HelloVerifyRequest", "16 FEFF 0000 000000000000 0011  03 000005 0000 000000 000005  FEFF 02 AABB", true},
      {"a hello of another version", "16 FEFF 0000 000000000000 000E  01 000040 0000 000000 000002  0303", false},
      {"a later fragment of a ClientHello", "16 FEFF 0000 000000000001 000E  01 000040 0000 000002 000002  0001", true},
      {"ServerHelloDone alone", "16 FEFD 0000 000000000004 000C  0E 000000 0005 000000 000000", true},
      {"ServerHelloDone and more octets", "16 FEFD 0000 000000000004 000C  0E 000000 0005 000000 000000 00", false},
      {"ChangeCipherSpec and a protected record", "14 FEFD 0000 000000000005 0001 01  16 FEFD 0001 000000000000 0008 0001020304050607",
       true},
      {"ChangeCipherSpec of old OpenSSL", "14 0100 0000 000000000005 0003 010001", true},
      {"ChangeCipherSpec with another octet", "14 FEFD 0000 000000000005 0001 02", false},
      {"a fatal alert", "15 FEFD 0000 000000000001 0002 0228", true},
      {"an alert of no level", "15 FEFD 0000 000000000001 0002 0328", false},
      {"a protected data record", "17 FEFD 0001 000000000003 0009 000102030405060708", true},
      {"a protected data record with one octet more", "17 FEFD 0001 000000000003 0009 00010203040506070809", false},
      {"a protected data record with one octet less", "17 FEFD 0001 000000000003 0009 0001020304050607", false},
      {"a protected data record too short for its tag", "17 FEFD 0001 000000000003 0001 00", false},
      {"data in the clear", "17 FEFD 0000 000000000003 0009 000102030405060708", false},
      {"an epoch that nobody reaches", "17 FEFD 7FFF 000000000003 0009 000102030405060708", false},
      {"a record of DTLS 1.3 alone: its first octet says too little", "2E 0017 0009 000102030405060708", false},
      {"STUN", "0001 0000 2112A442 3133516369344E75724F4B41", false},
      {"RTP", "80 6F 0000 006E9F28 3EBA02C2 080F96876BCED0FD", false},
      {"nothing", "", false},
  };
  for (const auto& row : kCases) EXPECT_EQ(looks_like_dtls(octets(row.hex)), row.expected) << row.name;
}

}  // namespace
}  // namespace sealtrace
