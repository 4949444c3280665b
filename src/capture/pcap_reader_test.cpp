#include "capture/pcap_reader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "capture/capture_octets.hpp"

namespace sealtrace {
namespace {

using std::chrono::nanoseconds;

const Octets kLittleHeader = annotated_hex(R"(
  d4 c3 b2 a1   # Magic Number: little-endian, microseconds
  02 00 04 00   # Major Version, Minor Version
  00 00 00 00 00 00 00 00
  00 00 04 00   # SnapLen 262144
  01 00 00 00   # LinkType Ethernet
)");

const Octets kLittleRecord = annotated_hex(R"(
  80 d6 6b 69   # Timestamp (Seconds) 1768674944
  03 00 00 00   # Timestamp (Microseconds)
  04 00 00 00   # Captured Packet Length
  05 00 00 00   # Original Packet Length
  aa bb cc dd
)");

const Octets kBigRecord = annotated_hex("69 6b d6 80  00 00 00 03  00 00 00 04  00 00 00 05  aa bb cc dd");

const Octets kModifiedRecord = annotated_hex(R"(
  80 d6 6b 69  03 00 00 00  04 00 00 00  05 00 00 00
  02 00 00 00   # ifindex
  08 00         # protocol
  00 00         # pkt_type, padding
  aa bb cc dd
)");

Timestamp at(std::int64_t seconds, std::int64_t fraction) { return Timestamp{nanoseconds{seconds * 1'000'000'000 + fraction}}; }

TEST(PcapReader, EveryVariantGivesTheSameFrame) {
  struct Case {
    std::string name;
    Octets file;
    std::int64_t fraction;
  };
  const Octets big_rest = annotated_hex("00 02 00 04  00 00 00 00 00 00 00 00  00 04 00 00  00 00 00 01");
  const Octets little_rest{kLittleHeader.begin() + 4, kLittleHeader.end()};
  const Case cases[] = {
      {"little-endian microseconds", join({kLittleHeader, kLittleRecord}), 3000},
      {"big-endian microseconds", join({annotated_hex("a1 b2 c3 d4"), big_rest, kBigRecord}), 3000},
      {"little-endian nanoseconds", join({annotated_hex("4d 3c b2 a1"), little_rest, kLittleRecord}), 3},
      {"big-endian nanoseconds", join({annotated_hex("a1 b2 3c 4d"), big_rest, kBigRecord}), 3},
      {"Kuznetzov's records", join({annotated_hex("34 cd b2 a1"), little_rest, kModifiedRecord}), 3000},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const ReadOutcome outcome = read_all(c.file);
    ASSERT_EQ(outcome.frames.size(), 1U);
    EXPECT_EQ(outcome.frames[0], (OwnedFrame{.data = annotated_hex("aa bb cc dd"),
                                             .time = at(1768674944, c.fraction),
                                             .frame = FrameNumber{1},
                                             .wire_bytes = 5,
                                             .link_type = LinkType::ethernet}));
    EXPECT_EQ(outcome.summary.format, "pcap");
    EXPECT_EQ(outcome.summary.snaplen, 262'144U);
    EXPECT_EQ(outcome.summary.link_types, std::vector<std::string>{"ethernet"});
    EXPECT_EQ(outcome.summary.bytes, 4U);
    EXPECT_EQ(outcome.summary.first_time, at(1768674944, c.fraction));
    EXPECT_TRUE(outcome.summary.complete);
    EXPECT_EQ(outcome.summary.error, "");
  }
}

TEST(PcapFileHeader, FieldsThatOldAndNewWritersUseDifferently) {
  struct Case {
    std::string name;
    std::string_view version_and_link;  // Major Version, Minor Version, then LinkType
    PcapLengths lengths;
    LinkType link_type;
  };
  const Case cases[] = {
      {"frame check sequence bits are not the link type", "02 00 04 00  01 00 00 24", PcapLengths::captured_first, LinkType::ethernet},
      {"2.3 may have swapped the lengths", "02 00 03 00  71 00 00 00", PcapLengths::smaller_is_captured, LinkType::linux_sll},
      {"2.2 has swapped the lengths", "02 00 02 00  01 00 00 00", PcapLengths::original_first, LinkType::ethernet},
      {"DG/UX calls itself 543.0", "1f 02 00 00  01 00 00 00", PcapLengths::original_first, LinkType::ethernet},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Octets fields = annotated_hex(c.version_and_link);
    const Octets version{fields.begin(), fields.begin() + 4};
    const Octets link{fields.begin() + 4, fields.end()};
    const Parsed<PcapFileHeader> header =
        parse_pcap_file_header(join({annotated_hex("d4 c3 b2 a1"), version, annotated_hex("00 00 00 00 00 00 00 00  ff ff 00 00"), link}));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->lengths, c.lengths);
    EXPECT_EQ(header->link_type, c.link_type);
    EXPECT_EQ(header->snaplen, 65'535U);
  }
}

TEST(PcapFileHeader, OtherVersionsAndMagicNumbersAreUnsupported) {
  Octets header = kLittleHeader;
  header[4] = 3;
  EXPECT_EQ(parse_pcap_file_header(header).error(), (ParseError{ParseErrorCode::unsupported, 24 - 4, "Major Version"}));
  header[0] = 0;
  EXPECT_EQ(parse_pcap_file_header(header).error(), (ParseError{ParseErrorCode::unsupported, 4, "Magic Number"}));
}

TEST(PcapReader, SwappedLengthsAreSwappedBack) {
  Octets file = join({kLittleHeader, annotated_hex("00 00 00 00  00 00 00 00  05 00 00 00  04 00 00 00  aa bb cc dd")});
  for (const std::uint8_t minor : Octets{2, 3}) {
    file[6] = minor;
    const ReadOutcome outcome = read_all(file);
    ASSERT_EQ(outcome.frames.size(), 1U);
    EXPECT_EQ(outcome.frames[0].data.size(), 4U);
    EXPECT_EQ(outcome.frames[0].wire_bytes, 5U);
  }
}

TEST(PcapReader, AFrameIsNeverShorterOnTheWireThanCaptured) {
  const Octets record = annotated_hex("00 00 00 00  00 00 00 00  04 00 00 00  00 00 00 00  aa bb cc dd");
  EXPECT_EQ(read_all(join({kLittleHeader, record})).frames.at(0).wire_bytes, 4U);
}

TEST(PcapReader, AFileWithoutFramesIsComplete) {
  const ReadOutcome outcome = read_all(kLittleHeader);
  EXPECT_TRUE(outcome.frames.empty());
  EXPECT_TRUE(outcome.summary.complete);
  EXPECT_FALSE(outcome.summary.unreadable);
  EXPECT_EQ(outcome.summary.frames, 0U);
  EXPECT_FALSE(outcome.summary.first_time.has_value());
}

TEST(PcapReader, ACapturedLengthThatNoFrameHasEndsTheFileThere) {
  const Octets lying = annotated_hex("00 00 00 00  00 00 00 00  01 00 00 01  01 00 00 01  00 00");
  const ReadOutcome outcome = read_all(join({kLittleHeader, kLittleRecord, lying, kLittleRecord}));
  EXPECT_EQ(outcome.frames.size(), 1U);
  EXPECT_FALSE(outcome.summary.complete);
  EXPECT_FALSE(outcome.summary.unreadable);
  EXPECT_EQ(outcome.summary.error,
            "test: reading stopped after frame 1: a record states 16777217 captured octets, expected at most 16777216");
}

TEST(PcapReader, AnUnknownVersionIsUnreadable) {
  Octets file = join({kLittleHeader, kLittleRecord});
  file[4] = 3;
  const ReadOutcome outcome = read_all(file);
  EXPECT_TRUE(outcome.summary.unreadable);
  EXPECT_TRUE(outcome.frames.empty());
  EXPECT_EQ(outcome.summary.error, "test: is a pcap file of an unknown version, expected 2");
}

TEST(PcapReader, ACutFileGivesEveryWholeFrameAndSaysThatItIsCut) {
  const Octets file = join({kLittleHeader, kLittleRecord, kLittleRecord, kLittleRecord});
  for (std::size_t size = 4; size <= file.size(); ++size) {
    SCOPED_TRACE(size);
    for (const std::size_t block_bytes : {std::size_t{1}, std::size_t{7}, kBlockBytes}) {
      const ReadOutcome outcome = read_all(Bytes{file}.first(size), block_bytes);
      const std::size_t behind_header = size < kPcapFileHeaderBytes ? 0 : size - kPcapFileHeaderBytes;
      EXPECT_EQ(outcome.frames.size(), behind_header / kLittleRecord.size());
      EXPECT_EQ(outcome.summary.frames, outcome.frames.size());
      EXPECT_EQ(outcome.summary.unreadable, size < kPcapFileHeaderBytes);
      EXPECT_EQ(outcome.summary.complete, size >= kPcapFileHeaderBytes && behind_header % kLittleRecord.size() == 0);
      EXPECT_EQ(outcome.summary.error.empty(), outcome.summary.complete);
    }
  }
}

TEST(PcapReader, FramesLargerThanABlockComeWholeAndTheirMemoryIsGivenBack) {
  constexpr std::size_t kLarge = std::size_t{3} << 20;
  Octets file = kLittleHeader;
  const auto add = [&](std::size_t size) {
    const Octets length = u32_in(static_cast<std::uint32_t>(size), ByteOrder::little);
    append(file, join({annotated_hex("00 00 00 00  00 00 00 00"), length, length, Octets(size, 0x5A)}));
  };
  add(100);
  add(kLarge);
  for (int i = 0; i < 20'000; ++i) add(100);
  MemorySource source{file, 4096};
  PcapReader reader{source, CaptureId{}, kBlockBytes};
  CaptureSummary summary;
  PacketBatch batch;
  std::size_t num_frames = 0;
  while (reader.next(batch, summary)) {
    for (const PacketView& packet : batch.packets) EXPECT_EQ(packet.data.size(), num_frames++ == 1 ? kLarge : 100U);
  }
  EXPECT_EQ(num_frames, 20'002U);
  EXPECT_TRUE(summary.complete);
  EXPECT_LE(batch.storage.capacity(), 3 * kBlockBytes);
}

TEST(PcapReader, ALyingLengthCostsNoMoreMemoryThanThereAreOctets) {
  const Octets lying = annotated_hex("00 00 00 00  00 00 00 00  00 00 00 01  00 00 00 01  aa");  // 16 MiB stated
  const Octets file = join({kLittleHeader, lying});
  MemorySource source{file};
  PcapReader reader{source, CaptureId{}, 64};
  CaptureSummary summary;
  PacketBatch batch;
  EXPECT_FALSE(reader.next(batch, summary));
  EXPECT_FALSE(summary.complete);
  EXPECT_LE(batch.storage.capacity(), 1024U);
}

}  // namespace
}  // namespace sealtrace
