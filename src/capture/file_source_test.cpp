#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "capture/capture_octets.hpp"
#include "capture/compressed_octets.hpp"
#include "capture/packet_source.hpp"

namespace sealtrace {
namespace {

namespace fs = std::filesystem;

/// pcap_file has `num_frames` frames of 60 octets, a second apart from `first_second` on.
Octets pcap_file(std::uint32_t first_second, std::uint32_t num_frames, std::uint16_t ether_type = 0x0800) {
  Octets file = annotated_hex("d4 c3 b2 a1  02 00 04 00  0000000000000000  00 00 04 00  01 00 00 00");
  for (std::uint32_t i = 0; i < num_frames; ++i) {
    Octets frame(60);
    frame[12] = static_cast<std::uint8_t>(ether_type >> 8);
    frame[13] = static_cast<std::uint8_t>(ether_type);
    append(file, join({u32_in(first_second + i, ByteOrder::little), Octets(4), u32_in(60, ByteOrder::little), u32_in(60, ByteOrder::little),
                       frame}));
  }
  return file;
}

/// CountingDigest stands for a hash: it names how many octets passed by.
class CountingDigest final : public StreamDigest {
 public:
  void update(Bytes octets) override { count_ += octets.size(); }
  std::string finish() override { return std::to_string(count_); }

 private:
  std::size_t count_ = 0;
};

class FileSource : public testing::Test {
 protected:
  FileSource() : folder_{fs::temp_directory_path() / ("sealtrace-capture-" + std::to_string(::getpid()))} {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~FileSource() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const Octets& octets) const {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << as_text(octets);
    return path.string();
  }

  /// read reads everything and gives the frames; `summaries` is what was said of the files.
  std::vector<PacketView> read(const FileSourceOptions& options) {
    const std::unique_ptr<PacketSource> source = open_files(options);
    std::vector<PacketView> frames;
    PacketBatch batch;
    Timestamp last_now{};
    while (source->next(batch)) {
      EXPECT_GE(batch.now, last_now);
      last_now = batch.now;
      for (PacketView packet : batch.packets) {
        packet.data = {};
        frames.push_back(packet);
      }
    }
    summaries = source->captures();
    progress = source->progress();
    key_log.assign(source->key_log().begin(), source->key_log().end());
    return frames;
  }

  fs::path folder_;
  std::vector<CaptureSummary> summaries;
  SourceProgress progress;
  std::vector<std::string> key_log;
};

TEST_F(FileSource, SeveralFilesAreReadInTheOrderGivenAndNumberedEachByItself) {
  const std::string late = write("late.pcap", pcap_file(2000, 2));
  const std::string early = write("early.pcap", pcap_file(1000, 3));
  const std::vector<PacketView> frames = read({.paths = {late, early}, .filter = {}, .new_digest = {}});
  ASSERT_EQ(frames.size(), 5U);
  EXPECT_EQ(frames[1].capture, CaptureId{0});
  EXPECT_EQ(frames[1].frame, FrameNumber{2});
  EXPECT_EQ(frames[2].capture, CaptureId{1});
  EXPECT_EQ(frames[2].frame, FrameNumber{1});
  ASSERT_EQ(summaries.size(), 2U);
  EXPECT_EQ(summaries[0].name, late);
  EXPECT_EQ(summaries[1].frames, 3U);
  EXPECT_EQ(summaries[1].bytes, 180U);
}

TEST_F(FileSource, CompressedFilesAreReadAndNamed) {
  for (const Compression compression : {Compression::gzip, Compression::zstd, Compression::lz4}) {
    SCOPED_TRACE(to_string(compression));
    const std::string path = write("frames.pcap", compressed(compression, pcap_file(1000, 3)));
    EXPECT_EQ(read({.paths = {path}, .filter = {}, .new_digest = {}}).size(), 3U);
    EXPECT_EQ(summaries.at(0).compression, to_string(compression));
    EXPECT_TRUE(summaries.at(0).complete);
  }
}

TEST_F(FileSource, ACutCompressedFileGivesWhatItHasAndSaysThatItIsCut) {
  const Octets whole = compressed(Compression::gzip, pcap_file(1000, 2000));
  const std::string path = write("cut.pcap.gz", {whole.begin(), whole.end() - 500});
  const std::size_t num_frames = read({.paths = {path}, .filter = {}, .new_digest = {}}).size();
  EXPECT_GT(num_frames, 100U);
  EXPECT_LT(num_frames, 2000U);
  EXPECT_FALSE(summaries.at(0).complete);
  EXPECT_EQ(summaries[0].error, path + ": reading stopped after frame " + std::to_string(num_frames) + ": the compressed data are cut");
}

TEST_F(FileSource, WhatCannotBeReadIsOneLineThatNamesItAndTheOthersAreRead) {
  const std::string expected = "expected pcap, pcapng or Network Monitor, plain or in gzip, zstd or lz4";
  const std::string good = write("good.pcap", pcap_file(1000, 1));
  struct Case {
    std::string path;
    std::string error;
  };
  const Case cases[] = {
      {(folder_ / "missing.pcap").string(), ": cannot be opened: No such file or directory"},
      {write("empty.pcap", {}), ": is empty (0 octets), " + expected},
      {write("README.md", {'#', ' ', 'R', 'e', 'a', 'd'}), ": is not a capture: " + expected + ", found octets 23 20 52 65"},
      {write("short", {0xd4, 0xc3}), ": is not a capture: " + expected + ", found octets D4 C3"},
      {write("text.gz", compressed(Compression::gzip, {'t', 'e', 'x', 't'})), ": is gzip but holds no capture: " + expected},
      {write("header.pcap", annotated_hex("d4 c3 b2 a1 02 00")), ": is a pcap file cut inside its file header (6 of 24 octets)"},
      {"/dev/null", ": is empty (0 octets), " + expected},
      {write("notes/README.md", {'#'}).substr(0, (folder_ / "notes").string().size()),
       ": is a folder without a capture (1 files looked at, folders below it are not)"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.path);
    EXPECT_EQ(read({.paths = {c.path, good}, .filter = {}, .new_digest = {}}).size(), 1U);
    ASSERT_EQ(summaries.size(), 2U);
    EXPECT_TRUE(summaries[0].unreadable);
    EXPECT_FALSE(summaries[0].complete);
    EXPECT_EQ(summaries[0].error, c.path + c.error);
    EXPECT_FALSE(summaries[1].unreadable);
  }
}

TEST_F(FileSource, AFolderIsReadByTheTimesOfItsCaptures) {
  write("day/b.pcap", pcap_file(1000, 1));
  write("day/a.pcap", pcap_file(2000, 1));
  write("day/d.pcap.gz", compressed(Compression::gzip, pcap_file(500, 1)));
  write("day/c.pcap", pcap_file(1000, 1));
  write("day/none.pcap", pcap_file(0, 0));
  write("day/README.md", {'#', ' ', 'd', 'a', 'y'});
  write("day/below/e.pcap", pcap_file(1, 1));
  ASSERT_EQ(::mkfifo((folder_ / "day/fifo.pcap").c_str(), 0600), 0);
  EXPECT_EQ(read({.paths = {(folder_ / "day").string()}, .filter = {}, .new_digest = {}}).size(), 4U);
  std::vector<std::string> names;
  for (const CaptureSummary& summary : summaries) names.push_back(fs::path{summary.name}.filename());
  EXPECT_EQ(names, (std::vector<std::string>{"d.pcap.gz", "b.pcap", "c.pcap", "a.pcap", "none.pcap"}));
}

TEST_F(FileSource, APipeIsReadToItsEnd) {
  const fs::path path = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const Octets octets = pcap_file(1000, 5000);
  std::thread writer{[&] { std::ofstream{path, std::ios::binary} << as_text(octets); }};
  EXPECT_EQ(read({.paths = {path.string()}, .filter = {}, .new_digest = [] { return std::make_unique<CountingDigest>(); }}).size(), 5000U);
  writer.join();
  EXPECT_EQ(summaries.at(0).sha256, "");
  EXPECT_FALSE(progress.total_bytes.has_value());
  EXPECT_EQ(progress.read_bytes, octets.size());
}

TEST_F(FileSource, TheFilterDropsFramesAndTheirNumbersStay) {
  const Octets ip = pcap_file(1000, 2);
  Octets mixed = ip;
  const Octets arp = pcap_file(2000, 1, 0x0806);
  mixed.insert(mixed.end(), arp.begin() + 24, arp.end());
  const std::string path = write("mixed.pcap", mixed);
  const std::vector<PacketView> frames = read({.paths = {path}, .filter = "arp", .new_digest = {}});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].frame, FrameNumber{3});
  EXPECT_EQ(summaries.at(0).frames, 3U);
  EXPECT_EQ(summaries[0].frames_filtered, 2U);
  EXPECT_TRUE(summaries[0].damage.empty());
}

TEST_F(FileSource, AFilterThatMakesNoSenseForALinkTypePassesNothingOfIt) {
  Octets raw = pcap_file(1000, 2);
  raw[20] = 101;
  const std::string raw_path = write("raw.pcap", raw);
  const std::string ethernet_path = write("ethernet.pcap", pcap_file(1000, 1));
  EXPECT_EQ(read({.paths = {raw_path, ethernet_path}, .filter = "ether host 00:00:00:00:00:00", .new_digest = {}}).size(), 1U);
  EXPECT_EQ(summaries.at(0).frames_filtered, 2U);
  EXPECT_EQ(summaries[0].damage.at("filter_not_for_link_type"), 2U);
}

TEST_F(FileSource, AFilterThatCompilesForNoLinkTypeIsAnErrorThatSaysWhy) {
  try {
    open_files({.paths = {}, .filter = "tcp prot 443", .new_digest = {}});
    FAIL() << "compiled";
  } catch (const CaptureError& error) {
    EXPECT_EQ(std::string{error.what()}, "the filter \"tcp prot 443\" cannot be compiled: can't parse filter expression: syntax error");
  }
}

TEST_F(FileSource, ARegularFileIsHashedToItsEndEvenWhenReadingStopsEarly) {
  Octets lying = pcap_file(1000, 1);
  append(lying, Octets(16, 0xFF));
  lying.resize(3 << 20);
  const std::string path = write("lying.pcap", lying);
  const std::string zipped = write("zipped.pcap.gz", compressed(Compression::gzip, pcap_file(1000, 3)));
  read({.paths = {path, zipped}, .filter = {}, .new_digest = [] { return std::make_unique<CountingDigest>(); }});
  EXPECT_FALSE(summaries.at(0).complete);
  EXPECT_EQ(summaries[0].sha256, std::to_string(lying.size()));
  EXPECT_EQ(summaries.at(1).sha256, std::to_string(fs::file_size(zipped)));
}

TEST_F(FileSource, ProgressEndsAtTheSumOfTheFiles) {
  const std::string a = write("a.pcap", pcap_file(1000, 100));
  const std::string b = write("b.pcap", pcap_file(2000, 50));
  const std::unique_ptr<PacketSource> source = open_files({.paths = {a, b}, .filter = {}, .new_digest = {}});
  const std::uint64_t total = fs::file_size(a) + fs::file_size(b);
  EXPECT_EQ(source->progress().read_bytes, 0U);
  EXPECT_EQ(source->progress().total_bytes, total);
  PacketBatch batch;
  ASSERT_TRUE(source->next(batch));
  EXPECT_EQ(source->progress().read_bytes, fs::file_size(a));
  while (source->next(batch)) {
  }
  EXPECT_EQ(source->progress().read_bytes, total);
}

TEST_F(FileSource, KeyLogsOfAllFilesComeInFileOrder) {
  const Octets section = annotated_hex("0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffffffffffff 1c000000");
  const auto secrets = [&](std::uint8_t letter) {
    return join({section, pcapng_block(10, join({annotated_hex("4b 53 4c 54  01 00 00 00"), Octets{letter}}))});
  };
  read({.paths = {write("a.pcapng", secrets('a')), write("b.pcapng", secrets('b'))}, .filter = {}, .new_digest = {}});
  EXPECT_EQ(key_log, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(summaries.at(1).num_secrets_blocks, 1U);
  EXPECT_TRUE(summaries[1].complete);
}

}  // namespace
}  // namespace sealtrace
