#include "capture/netmon_reader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "capture/capture_octets.hpp"

namespace sealtrace {
namespace {

/// netmon_file has two frames, at 128 and 148, and its frame table behind them.
Octets netmon_file() {
  Octets header = annotated_hex(R"(
    47 4d 42 55              # Signature "GMBU"
    00 02 01 00              # version 2.0, MacType Ethernet
    ea 07 01 00 01 00 05 00  # 2026-01-05
    09 00 1e 00 0f 00 fa 00  # 09:30:15.250
    a8 00 00 00 08 00 00 00  # FrameTableOffset 168, FrameTableLength 8
  )");
  header.resize(128);
  const Octets frame = annotated_hex(R"(
    07 00 00 00 00 00 00 00  # TimeOffsetLocal 7 microseconds
    09 00 00 00              # FrameLength
    04 00 00 00  aa bb cc dd # BufLength
  )");
  return join({header, frame, frame, annotated_hex("80 00 00 00  94 00 00 00")});
}

TEST(NetmonReader, TheFrameTableLeadsToTheFrames) {
  const ReadOutcome outcome = read_all(netmon_file());
  ASSERT_EQ(outcome.frames.size(), 2U);
  using namespace std::chrono;
  const Timestamp start = sys_days{year{2026} / 1 / 5} + 9h + 30min + 15s + 250ms;
  EXPECT_EQ(outcome.frames[1], (OwnedFrame{.data = annotated_hex("aa bb cc dd"),
                                           .time = start + 7us,
                                           .frame = FrameNumber{2},
                                           .wire_bytes = 9,
                                           .link_type = LinkType::ethernet}));
  EXPECT_EQ(outcome.summary.format, "netmon");
  EXPECT_TRUE(outcome.summary.complete);
}

TEST(NetmonReader, AFileCutBeforeItsTableEndsIsUnreadable) {
  const Octets file = netmon_file();
  for (std::size_t size = 4; size < file.size(); ++size) {
    SCOPED_TRACE(size);
    const ReadOutcome outcome = read_all(Bytes{file}.first(size), 16);
    EXPECT_TRUE(outcome.frames.empty());
    EXPECT_TRUE(outcome.summary.unreadable);
  }
}

TEST(NetmonReader, WhatLiesEndsTheFileThere) {
  struct Case {
    std::string name;
    std::size_t offset;
    Octets octets;
    std::size_t num_frames;
  };
  const Case cases[] = {
      {"a frame longer than the file", 128 + 20 + 12, annotated_hex("ff ff 00 00"), 1},
      {"a frame offset outside the file", 168 + 4, annotated_hex("ff ff ff 7f"), 1},
      {"a frame offset in the file header", 168, annotated_hex("08 00 00 00"), 0},
      {"a frame told twice", 168 + 4, annotated_hex("80 00 00 00"), 1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Octets file = netmon_file();
    std::ranges::copy(c.octets, file.begin() + static_cast<std::ptrdiff_t>(c.offset));
    const ReadOutcome outcome = read_all(file);
    EXPECT_EQ(outcome.frames.size(), c.num_frames);
    EXPECT_FALSE(outcome.summary.complete);
    EXPECT_NE(outcome.summary.error, "");
  }
}

TEST(NetmonReader, AFrameTableBeyondTheBudgetIsUnreadable) {
  Octets file = netmon_file();
  file[27] = 0x7F;
  const ReadOutcome outcome = read_all(file);
  EXPECT_TRUE(outcome.summary.unreadable);
  EXPECT_EQ(outcome.summary.error, "test: is a Network Monitor capture over 64 MiB, convert it to pcapng first");
}

TEST(NetmonReader, FramesOfAnotherMediumAreCounted) {
  Octets file = netmon_file();
  file[6] = 3;  // MacType FDDI
  const ReadOutcome outcome = read_all(file);
  EXPECT_TRUE(outcome.frames.empty());
  EXPECT_EQ(outcome.summary.frames, 2U);
  EXPECT_EQ(outcome.summary.damage.at("unknown_media_type"), 2U);
}

}  // namespace
}  // namespace sealtrace
