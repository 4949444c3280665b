// Our own readers give what libpcap gives, wherever it can read a file.
#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "capture/capture_octets.hpp"
#include "capture/link_type.hpp"

namespace sealtrace {
namespace {

namespace fs = std::filesystem;

/// Random is small and the same everywhere, so that a failure can be seen again.
class Random {
 public:
  explicit Random(std::uint32_t seed) : state_{seed} {}
  std::uint32_t next(std::uint32_t below) {
    state_ = state_ * 1'664'525 + 1'013'904'223;
    return (state_ >> 8) % below;
  }

 private:
  std::uint32_t state_;
};

struct Form {
  std::string name;
  ByteOrder order = ByteOrder::little;
  bool nanoseconds = false;
  bool pcapng = false;
  bool modified = false;
};

/// generate makes a file of 3,000 frames (some empty, some over a block long) in `form`.
Octets generate(const Form& form) {
  const auto u16 = [&](std::uint32_t value) { return u16_in(static_cast<std::uint16_t>(value), form.order); };
  const auto u32 = [&](std::uint32_t value) { return u32_in(value, form.order); };
  Octets file;
  if (form.pcapng) {
    file = pcapng_block(0x0A0D0D0A, join({u32(0x1A2B3C4D), u16(1), u16(0), u32(0xFFFFFFFF), u32(0xFFFFFFFF)}), form.order);
    const Octets resolution = join({u16(9), u16(1), Octets{static_cast<std::uint8_t>(form.nanoseconds ? 9 : 6), 0, 0, 0}});
    append(file, pcapng_block(1, join({u16(113), u16(0), u32(262'144), resolution, u32(0)}), form.order));
  } else {
    const std::uint32_t magic = form.modified ? 0xA1B2CD34 : form.nanoseconds ? 0xA1B23C4D : 0xA1B2C3D4;
    file = join({u32(magic), u16(2), u16(4), u32(0), u32(0), u32(262'144), u32(113)});
  }
  Random random{7};
  const std::uint32_t fraction_below = form.nanoseconds ? 1'000'000'000 : 1'000'000;
  for (int i = 0; i < 3000; ++i) {
    const std::uint32_t captured = random.next(300) == 0 ? random.next(200'000) : random.next(1515);
    const std::uint32_t original = captured + (random.next(3) == 0 ? random.next(5000) : 0);
    const std::uint32_t seconds = 1'700'000'000 + random.next(100'000);
    const std::uint32_t fraction = random.next(fraction_below);
    Octets data(captured);
    for (std::uint8_t& octet : data) octet = static_cast<std::uint8_t>(random.next(256));
    if (form.pcapng) {
      const std::uint64_t units = std::uint64_t{seconds} * fraction_below + fraction;
      append(file, pcapng_block(6,
                                join({u32(0), u32(static_cast<std::uint32_t>(units >> 32)), u32(static_cast<std::uint32_t>(units)),
                                      u32(captured), u32(original), data}),
                                form.order));
    } else {
      append(file, join({u32(seconds), u32(fraction), u32(captured), u32(original), Octets(form.modified ? 8 : 0), data}));
    }
  }
  return file;
}

std::vector<OwnedFrame> read_with_libpcap(const fs::path& path) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  pcap_t* handle = pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data());
  std::vector<OwnedFrame> frames;
  if (handle == nullptr) {
    ADD_FAILURE() << error.data();
    return frames;
  }
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  while (pcap_next_ex(handle, &header, &data) == 1) {
    const Bytes captured{data, header->caplen};
    frames.push_back({.data = {captured.begin(), captured.end()},
                      .time = Timestamp{std::chrono::seconds{header->ts.tv_sec} + std::chrono::nanoseconds{header->ts.tv_usec}},
                      .frame = FrameNumber{frames.size() + 1},
                      .wire_bytes = header->len,
                      .link_type = link_type_of(pcap_datalink(handle))});
  }
  pcap_close(handle);
  return frames;
}

TEST(LibpcapComparison, BothReadTheSameFrames) {
  const Form forms[] = {
      {.name = "pcap, little-endian microseconds"},
      {.name = "pcap, big-endian microseconds", .order = ByteOrder::big},
      {.name = "pcap, little-endian nanoseconds", .nanoseconds = true},
      {.name = "pcap, big-endian nanoseconds", .order = ByteOrder::big, .nanoseconds = true},
      {.name = "pcap, Kuznetzov's records", .modified = true},
      {.name = "pcapng, little-endian microseconds", .pcapng = true},
      {.name = "pcapng, big-endian microseconds", .order = ByteOrder::big, .pcapng = true},
      {.name = "pcapng, little-endian nanoseconds", .nanoseconds = true, .pcapng = true},
      {.name = "pcapng, big-endian nanoseconds", .order = ByteOrder::big, .nanoseconds = true, .pcapng = true},
  };
  const fs::path path = fs::temp_directory_path() / ("sealtrace-libpcap-" + std::to_string(::getpid()));
  for (const Form& form : forms) {
    SCOPED_TRACE(form.name);
    const Octets file = generate(form);
    std::ofstream{path, std::ios::binary} << as_text(file);
    const std::vector<OwnedFrame> theirs = read_with_libpcap(path);
    ASSERT_EQ(theirs.size(), 3000U);
    EXPECT_TRUE(read_all(file).frames == theirs);
    EXPECT_TRUE(read_all(file, 4096, 1000).frames == theirs);
  }
  fs::remove(path);
}

}  // namespace
}  // namespace sealtrace
