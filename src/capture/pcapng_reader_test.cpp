#include "capture/pcapng_reader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "capture/capture_octets.hpp"

namespace sealtrace {
namespace {

const Octets kLittleSection = annotated_hex(R"(
  0a 0d 0d 0a  1c 00 00 00   # Block Type SHB, Block Total Length 28
  4d 3c 2b 1a                # Byte-Order Magic
  01 00 00 00                # Major Version 1, Minor Version 0
  ff ff ff ff ff ff ff ff    # Section Length: not stated
  1c 00 00 00
)");
const Octets kBigSection = annotated_hex("0a0d0d0a 0000001c  1a2b3c4d  0001 0000  ffffffffffffffff  0000001c");

const Octets kEthernet = pcapng_block(1, annotated_hex("01 00 00 00  00 00 00 00"));

const Octets kFrame = annotated_hex(R"(
  06 00 00 00  28 00 00 00   # Block Type EPB, Block Total Length 40
  00 00 00 00                # Interface ID
  00 00 00 00  05 00 00 00   # Timestamp: 5 microseconds
  06 00 00 00  09 00 00 00   # Captured Packet Length, Original Packet Length
  aa bb cc dd ee ff  00 00   # Packet Data, padding
  28 00 00 00
)");
const Octets kFrameData = annotated_hex("aa bb cc dd ee ff");

Octets option(std::uint16_t code, Octets value, ByteOrder order = ByteOrder::little) {
  const auto length = static_cast<std::uint16_t>(value.size());
  value.resize((value.size() + 3) / 4 * 4);
  return join({u16_in(code, order), u16_in(length, order), value});
}

std::int64_t nanoseconds_of(const OwnedFrame& frame) { return frame.time.time_since_epoch().count(); }

TEST(PcapngReader, AnEnhancedPacketBlockIsAFrame) {
  const ReadOutcome outcome = read_all(join({kLittleSection, kEthernet, kFrame}));
  ASSERT_EQ(outcome.frames.size(), 1U);
  EXPECT_EQ(outcome.frames[0], (OwnedFrame{.data = kFrameData,
                                           .time = Timestamp{std::chrono::microseconds{5}},
                                           .frame = FrameNumber{1},
                                           .wire_bytes = 9,
                                           .link_type = LinkType::ethernet}));
  EXPECT_EQ(outcome.summary.format, "pcapng");
  EXPECT_EQ(outcome.summary.num_interfaces, 1U);
  EXPECT_EQ(outcome.summary.snaplen, 0U);
  EXPECT_TRUE(outcome.summary.complete);
}

TEST(PcapngReader, InterfacesHaveTheirOwnLinkTypeTimeAndName) {
  const Octets raw = pcapng_block(1, join({annotated_hex("65 00 00 00  60 00 00 00"),             // LINKTYPE_RAW, SnapLen 96
                                           option(2, annotated_hex("65 74 68 31")),               // if_name "eth1"
                                           option(9, annotated_hex("09")),                        // if_tsresol: nanoseconds
                                           option(14, annotated_hex("0a 00 00 00 00 00 00 00")),  // if_tsoffset: 10 s
                                           annotated_hex("00 00 00 00")}));
  Octets on_second = kFrame;
  on_second[8] = 1;
  const ReadOutcome outcome = read_all(join({kLittleSection, kEthernet, raw, kFrame, on_second}));
  ASSERT_EQ(outcome.frames.size(), 2U);
  EXPECT_EQ(outcome.frames[0].link_type, LinkType::ethernet);
  EXPECT_EQ(nanoseconds_of(outcome.frames[0]), 5'000);
  EXPECT_EQ(outcome.frames[1].link_type, LinkType::raw);
  EXPECT_EQ(nanoseconds_of(outcome.frames[1]), 10'000'000'005);
  EXPECT_EQ(outcome.summary.num_interfaces, 2U);
  EXPECT_EQ(outcome.summary.interfaces, std::vector<std::string>{"eth1"});
  EXPECT_EQ(outcome.summary.link_types, (std::vector<std::string>{"ethernet", "raw"}));
  EXPECT_EQ(outcome.summary.snaplen, 96U);
}

TEST(PcapngReader, SectionsHaveTheirOwnByteOrderAndInterfaces) {
  const Octets big_ppp = pcapng_block(1, annotated_hex("00 09 00 00  00 00 00 00"), ByteOrder::big);
  const Octets big_frame = pcapng_block(6, annotated_hex("00000000  00000000 00000007  00000006 00000006  aabbccddeeff"), ByteOrder::big);
  const ReadOutcome outcome = read_all(join({kLittleSection, kEthernet, kFrame, kBigSection, big_ppp, big_frame}));
  ASSERT_EQ(outcome.frames.size(), 2U);
  EXPECT_EQ(outcome.frames[1].data, kFrameData);
  EXPECT_EQ(outcome.frames[1].link_type, LinkType::ppp);
  EXPECT_EQ(outcome.frames[1].frame, FrameNumber{2});
  EXPECT_EQ(nanoseconds_of(outcome.frames[1]), 7'000);
  EXPECT_EQ(outcome.summary.num_interfaces, 2U);
}

TEST(PcapngReader, ASimplePacketBlockHasInterfaceZerosLimitAndTheTimeBefore) {
  const Octets limited = pcapng_block(1, annotated_hex("01 00 00 00  04 00 00 00"));  // SnapLen 4
  const Octets simple = pcapng_block(3, annotated_hex("09 00 00 00  aa bb cc dd"));   // Original Packet Length 9
  const ReadOutcome outcome = read_all(join({kLittleSection, limited, kFrame, simple}));
  ASSERT_EQ(outcome.frames.size(), 2U);
  EXPECT_EQ(outcome.frames[1].data, annotated_hex("aa bb cc dd"));
  EXPECT_EQ(outcome.frames[1].wire_bytes, 9U);
  EXPECT_EQ(nanoseconds_of(outcome.frames[1]), 5'000);

  const Octets unlimited = pcapng_block(3, annotated_hex("03 00 00 00  aa bb cc"));
  const ReadOutcome whole = read_all(join({kLittleSection, kEthernet, unlimited}));
  ASSERT_EQ(whole.frames.size(), 1U);
  EXPECT_EQ(whole.frames[0].data, annotated_hex("aa bb cc"));
}

TEST(PcapngReader, TheObsoletePacketBlockIsStillAFrame) {
  const Octets packet = pcapng_block(2, annotated_hex(R"(
    00 00 ff ff               # Interface ID, Drops Count: not known
    00 00 00 00  05 00 00 00  # Timestamp
    06 00 00 00  09 00 00 00
    aa bb cc dd ee ff
  )"));
  const ReadOutcome outcome = read_all(join({kLittleSection, kEthernet, packet}));
  ASSERT_EQ(outcome.frames.size(), 1U);
  EXPECT_EQ(outcome.frames[0].data, kFrameData);
  EXPECT_EQ(nanoseconds_of(outcome.frames[0]), 5'000);
}

TEST(PcapngReader, LossesAreTheLastStatedOfEachInterfaceAddedUp) {
  const auto statistics = [](std::uint8_t interface, std::uint8_t ifdrop, std::uint8_t osdrop) {
    return pcapng_block(5, join({Octets{interface, 0, 0, 0}, Octets(8), option(5, {ifdrop, 0, 0, 0, 0, 0, 0, 0}),
                                 option(7, {osdrop, 0, 0, 0, 0, 0, 0, 0}), annotated_hex("00 00 00 00")}));
  };
  const ReadOutcome outcome = read_all(join({kLittleSection, kEthernet, kEthernet, statistics(0, 1, 10), statistics(1, 2, 20),
                                             statistics(0, 4, 40), kLittleSection, kEthernet, statistics(0, 8, 80)}));
  EXPECT_EQ(outcome.summary.dropped_by_interface, 1U + 2U + 3U + 8U);
  EXPECT_EQ(outcome.summary.dropped_by_kernel, 10U + 20U + 30U + 80U);
}

TEST(PcapngReader, WithoutStatisticsLossesAreNotKnown) {
  const ReadOutcome outcome = read_all(join({kLittleSection, kEthernet, pcapng_block(5, Octets(12))}));
  EXPECT_FALSE(outcome.summary.dropped_by_interface.has_value());
  EXPECT_FALSE(outcome.summary.dropped_by_kernel.has_value());
}

TEST(PcapngReader, TlsSecretsAreKeptAndOthersCounted) {
  const Octets tls = pcapng_block(10, annotated_hex("4b 53 4c 54  05 00 00 00  6c 69 6e 65 0a"));  // "line\n"
  const Octets wireguard = pcapng_block(10, annotated_hex("4b 4c 47 57  04 00 00 00  6c 69 6e 65"));
  const Octets lying = pcapng_block(10, annotated_hex("4b 53 4c 54  ff 00 00 00  6c 69 6e 65"));
  const ReadOutcome outcome = read_all(join({kLittleSection, tls, wireguard, lying, kEthernet, kFrame}));
  EXPECT_EQ(outcome.key_log.items(), std::vector<std::string>{"line\n"});
  EXPECT_EQ(outcome.summary.num_secrets_blocks, 3U);
  EXPECT_EQ(outcome.summary.damage.at("malformed_secrets"), 1U);
  EXPECT_EQ(outcome.frames.size(), 1U);
}

TEST(KeyLog, HasABudget) {
  KeyLog key_log;
  const Octets large(std::size_t{16} << 20, 'x');
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(key_log.add(large));
  EXPECT_FALSE(key_log.add(Octets{'x'}));
  EXPECT_EQ(key_log.items().size(), 4U);
}

TEST(PcapngReader, BlocksThatSayNothingOfFramesAreSkipped) {
  const Octets names = pcapng_block(4, annotated_hex("01 00 05 00  7f 00 00 01 61 00 00 00  00 00 00 00"));
  const Octets custom = pcapng_block(0x0BAD, annotated_hex("00 00 7f d9  01 02 03 04"));
  const Octets unknown = pcapng_block(0x7777, {});
  const ReadOutcome outcome = read_all(join({kLittleSection, names, kEthernet, custom, unknown, kFrame}));
  EXPECT_EQ(outcome.frames.size(), 1U);
  EXPECT_TRUE(outcome.summary.complete);
  EXPECT_TRUE(outcome.summary.damage.empty());
}

TEST(PcapngReader, AFrameOfAnInterfaceThatIsNotThereIsCountedAndKeepsItsNumber) {
  Octets stray = kFrame;
  stray[8] = 7;
  const ReadOutcome outcome = read_all(join({kLittleSection, kEthernet, stray, kFrame}));
  ASSERT_EQ(outcome.frames.size(), 1U);
  EXPECT_EQ(outcome.frames[0].frame, FrameNumber{2});
  EXPECT_EQ(outcome.summary.damage.at("unknown_interface"), 1U);
}

TEST(PcapngReader, AnOptionWhoseLengthLiesIsDamageAndTheInterfaceStays) {
  const Octets lying = pcapng_block(1, annotated_hex("01 00 00 00  00 00 00 00   09 00 50 00  09 00 00 00"));
  const ReadOutcome outcome = read_all(join({kLittleSection, lying, kFrame}));
  EXPECT_EQ(outcome.frames.size(), 1U);
  EXPECT_EQ(outcome.summary.damage.at("malformed_interface_options"), 1U);
}

TEST(PcapngReader, ABlockThatLiesEndsTheFileThere) {
  struct Case {
    std::string name;
    Octets block;
    std::string error;
  };
  Octets two_lengths = kFrame;
  two_lengths[36] = 0x2c;
  Octets captured_length = kFrame;
  captured_length[20] = 9;
  Octets no_magic = kLittleSection;
  no_magic[8] = 0;
  Octets version = kLittleSection;
  version[12] = 2;
  const Case cases[] = {
      {"its two lengths differ", two_lengths, "the two lengths of a block differ"},
      {"the frame is longer than the block", captured_length, "a frame states more octets than its block holds"},
      {"too short for its own lengths", annotated_hex("06 00 00 00  08 00 00 00"),
       "a block states 8 octets, expected a multiple of 4 from 12 to 16777216"},
      {"not a multiple of four", annotated_hex("06 00 00 00  0d 00 00 00"),
       "a block states 13 octets, expected a multiple of 4 from 12 to 16777216"},
      {"larger than any block", annotated_hex("0a 00 00 00  04 00 00 01"),
       "a block states 16777220 octets, expected a multiple of 4 from 12 to 16777216"},
      {"a section without byte order", no_magic, "a pcapng section has no byte-order magic"},
      {"a section of another version", version, "a pcapng section has version 2, expected 1"},
      {"an interface without a snaplen", pcapng_block(1, annotated_hex("01 00 00 00")), "an Interface Description Block is too short"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const ReadOutcome outcome = read_all(join({kLittleSection, kEthernet, kFrame, c.block, kFrame}));
    EXPECT_EQ(outcome.frames.size(), 1U);
    EXPECT_FALSE(outcome.summary.complete);
    EXPECT_FALSE(outcome.summary.unreadable);
    EXPECT_EQ(outcome.summary.error, "test: reading stopped after frame 1: " + c.error);
  }
}

TEST(PcapngReader, ACutFileGivesEveryWholeFrameAndSaysThatItIsCut) {
  const Octets start = join({kLittleSection, kEthernet});
  const Octets file = join({start, kFrame, kFrame, kFrame});
  for (std::size_t size = 4; size <= file.size(); ++size) {
    SCOPED_TRACE(size);
    for (const std::size_t block_bytes : {std::size_t{1}, std::size_t{13}, kBlockBytes}) {
      const ReadOutcome outcome = read_all(Bytes{file}.first(size), block_bytes);
      const std::size_t behind_start = size < start.size() ? 0 : size - start.size();
      const bool at_boundary = size == kLittleSection.size() || (size >= start.size() && behind_start % kFrame.size() == 0);
      EXPECT_EQ(outcome.frames.size(), behind_start / kFrame.size());
      EXPECT_EQ(outcome.summary.complete, at_boundary);
      EXPECT_EQ(outcome.summary.unreadable, size < kLittleSection.size());
      EXPECT_EQ(outcome.summary.error.empty(), at_boundary);
    }
  }
}

TEST(PcapngReader, ABlockLargerThanWhatIsReadAtATimeComesWhole) {
  const std::uint32_t size = 3 << 20;
  const Octets length = u32_in(size, ByteOrder::little);
  const Octets large = pcapng_block(6, join({Octets(12), length, length, Octets(size, 0x5A)}));
  const ReadOutcome outcome = read_all(join({kLittleSection, kEthernet, kFrame, large, kFrame}));
  ASSERT_EQ(outcome.frames.size(), 3U);
  EXPECT_EQ(outcome.frames[1].data.size(), size);
  EXPECT_EQ(outcome.frames[2].data, kFrameData);
}

}  // namespace
}  // namespace sealtrace
