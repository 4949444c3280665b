#include "dissectors/dtls/dtls_carrier.hpp"

#include <gtest/gtest.h>

namespace sealtrace {
namespace {

const std::vector<std::uint8_t> kIndication{
    0x00, 0x17,                                                     // Data indication
    0x00, 0x14,                                                     // length of the attributes
    0x21, 0x12, 0xA4, 0x42,                                         // magic cookie
    1,    2,    3,    4,    5,    6,    7,    8,    9, 10, 11, 12,  // transaction id
    0x00, 0x12, 0x00, 0x08,                                         // XOR-PEER-ADDRESS
    0x00, 0x01, 0x32, 0x9A, 0x2B, 0x12, 0xA4, 0x43,                 // IPv4, port 0x1388, 10.0.0.1
    0x00, 0x13, 0x00, 0x03,                                         // DATA
    0xAA, 0xBB, 0xCC, 0x00,                                         // and padding
};

TEST(TurnFrame, ReadsAnIndication) {
  std::vector<std::uint8_t> bytes = kIndication;
  bytes.push_back(0xFF);  // the next frame
  const auto frame = parse_turn_frame(bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->kind, TurnFrame::Kind::indication);
  EXPECT_EQ(frame->frame_bytes, kIndication.size());
  EXPECT_EQ(frame->data_offset, 36U);
  EXPECT_EQ(frame->data.size(), 3U);
  EXPECT_EQ(frame->peer, (TurnPeer{1, 0x13, 0x88, 10, 0, 0, 1}));
  for (std::size_t length = 0; length < kIndication.size(); ++length) {
    EXPECT_EQ(parse_turn_frame(Bytes{bytes}.first(length)).error().code, ParseErrorCode::need_more) << length;
  }
}

TEST(TurnFrame, APeerIsTheSameWhateverTheTransactionId) {
  const auto message = [](std::uint8_t first_of_transaction_id) {
    std::vector<std::uint8_t> bytes{0x00, 0x16, 0x00, 0x18, 0x21, 0x12, 0xA4, 0x42, first_of_transaction_id,
                                    2,    3,    4,    5,    6,    7,    8,    9,    10,
                                    11,   12,   0x00, 0x12, 0x00, 0x14, 0x00, 0x02, 0x32,
                                    0x9A, 0x01, 0x12, 0xA4, 0x42, 0xFD, 2,    3,    4,
                                    5,    6,    7,    8,    9,    10,   11,   13};
    bytes[32] = static_cast<std::uint8_t>(0xFD ^ first_of_transaction_id);
    return bytes;
  };
  const std::vector<std::uint8_t> one = message(1);
  const std::vector<std::uint8_t> another = message(77);
  ASSERT_TRUE(parse_turn_frame(one));
  EXPECT_EQ(parse_turn_frame(one)->peer, parse_turn_frame(another)->peer);
  EXPECT_EQ((*parse_turn_frame(one)->peer)[3 + 15], 1);  // ...::1
}

TEST(TurnFrame, ReadsChannelData) {
  const std::vector<std::uint8_t> bytes{0x40, 0x01, 0x00, 0x03, 0xAA, 0xBB, 0xCC, 0x00};
  const auto frame = parse_turn_frame(bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->kind, TurnFrame::Kind::channel_data);
  EXPECT_EQ(frame->channel, 0x4001);
  EXPECT_EQ(frame->data.size(), 3U);
  EXPECT_EQ(frame->frame_bytes, 8U);
  for (std::size_t length = 0; length < 7; ++length) {
    EXPECT_EQ(parse_turn_frame(Bytes{bytes}.first(length)).error().code, ParseErrorCode::need_more) << length;
  }
}

TEST(TurnFrame, RefusesWhatIsNeither) {
  std::vector<std::uint8_t> without_cookie = kIndication;
  without_cookie[4] = 0x22;
  EXPECT_EQ(parse_turn_frame(without_cookie).error(),
            (ParseError{.code = ParseErrorCode::unsupported, .offset = 8, .field = "magic_cookie"}));
  const std::vector<std::uint8_t> rtp{0x80, 0x6F, 0, 1, 0, 0, 0, 9};
  EXPECT_EQ(parse_turn_frame(rtp).error().code, ParseErrorCode::unsupported);
  std::vector<std::uint8_t> short_address = kIndication;
  short_address[23] = 0x01;
  EXPECT_EQ(parse_turn_frame(short_address).error().code, ParseErrorCode::malformed);
  std::vector<std::uint8_t> overlong = kIndication;
  overlong[35] = 0x30;  // DATA leaves its message
  EXPECT_EQ(parse_turn_frame(overlong).error().code, ParseErrorCode::malformed);
}

TEST(DtlsCarrier, FollowsTheFirstAssociationOnly) {
  const std::vector<std::uint8_t> alert{0x15, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 40};
  std::vector<std::uint8_t> behind_preamble{1, 0, 0, 0};
  behind_preamble.insert(behind_preamble.end(), alert.begin(), alert.end());
  DtlsCarrier bare;
  EXPECT_FALSE(bare.unwrap_datagram(std::vector<std::uint8_t>{0x16, 1, 2}));  // looks like nothing yet
  EXPECT_TRUE(bare.unwrap_datagram(alert));
  EXPECT_TRUE(bare.unwrap_datagram(std::vector<std::uint8_t>{0x16, 1, 2}));  // cut, perhaps: the session decides
  EXPECT_FALSE(bare.unwrap_datagram(behind_preamble));
  DtlsCarrier capwap;
  EXPECT_EQ(capwap.unwrap_datagram(behind_preamble)->offset, 4U);
  EXPECT_FALSE(capwap.unwrap_datagram(alert));
}

}  // namespace
}  // namespace sealtrace
