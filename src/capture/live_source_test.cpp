// Live capture over a veth pair in a network namespace that belongs to the test's thread and ends with it.
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "capture/packet_source.hpp"

namespace sealtrace {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::uint16_t kTestEtherType = 0x88B5;  // IEEE 802 local experimental

bool run(const char* command) { return std::system(command) == 0; }

/// Sender puts frames on one end of the pair.
class Sender {
 public:
  Sender() : descriptor_{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)} {
    address_.sll_family = AF_PACKET;
    address_.sll_ifindex = static_cast<int>(if_nametoindex("veth-a"));
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  ~Sender() { ::close(descriptor_); }

  void send(std::size_t count, std::size_t frame_bytes = 100) const {
    std::vector<std::uint8_t> frame(frame_bytes, 0xFF);
    frame[12] = kTestEtherType >> 8;
    frame[13] = kTestEtherType & 0xFF;
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(::sendto(descriptor_, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&address_), sizeof address_),
                static_cast<ssize_t>(frame_bytes));
    }
  }

 private:
  int descriptor_;
  sockaddr_ll address_{};
};

/// in_namespace runs `body` on a thread with a namespace of its own and a veth pair in it; skips the test where that is not allowed.
template <typename Body>
void in_namespace(Body body) {
  std::string skipped;
  std::thread thread{[&] {
    if (::unshare(CLONE_NEWNET) != 0) {
      skipped = "needs the right to make a network namespace (root)";
    } else if (!run("ip link add veth-a type veth peer name veth-b && ip link set veth-a up && ip link set veth-b up")) {
      skipped = "needs the ip command and veth interfaces";
    } else {
      body();
    }
  }};
  thread.join();
  if (!skipped.empty()) GTEST_SKIP() << skipped;
}

LiveSourceOptions options_for(const std::string& interface) {
  LiveSourceOptions options;
  options.interface = interface;
  options.filter = "ether proto 0x88b5";  // not what the kernel itself says on a new interface
  options.buffer_bytes = 4 << 20;
  options.max_time = 10s;  // whatever goes wrong, the test ends
  return options;
}

/// error_of opens `interface` and gives the error that it ought to be.
std::string error_of(const LiveSourceOptions& options) {
  try {
    open_live(options);
  } catch (const CaptureError& error) {
    return error.what();
  }
  return "opened";
}

TEST(LiveSource, FramesComeWithinTheWaitAndTheCountEndsTheCapture) {
  in_namespace([] {
    LiveSourceOptions options = options_for("veth-b");
    options.max_packets = 1000;
    const std::unique_ptr<PacketSource> source = open_live(options);
    const Sender sender;
    const auto sent = std::chrono::system_clock::now();
    sender.send(1005);
    PacketBatch batch;
    std::uint64_t last = 0;
    while (source->next(batch)) {
      for (const PacketView& packet : batch.packets) {
        EXPECT_EQ(value(packet.frame), ++last);
        EXPECT_EQ(packet.data.size(), 100U);
        EXPECT_EQ(packet.data[12], kTestEtherType >> 8);
        EXPECT_EQ(packet.link_type, LinkType::ethernet);
        EXPECT_LT(std::chrono::abs(packet.time - sent), 5s);
      }
    }
    EXPECT_EQ(last, 1000U);
    const CaptureSummary& summary = source->captures().at(0);
    EXPECT_EQ(summary.frames, 1000U);
    EXPECT_EQ(summary.bytes, 100'000U);
    EXPECT_EQ(summary.format, "live");
    EXPECT_EQ(summary.name, "veth-b");
    EXPECT_EQ(summary.dropped_by_kernel, 0U);
    EXPECT_EQ(summary.dropped_by_interface, 0U);
    EXPECT_TRUE(summary.complete);
  });
}

TEST(LiveSource, BatchesHoldAboutABlockAndNoFrameIsLostBetweenThem) {
  in_namespace([] {
    LiveSourceOptions options = options_for("veth-b");
    options.max_packets = 2000;
    const std::unique_ptr<PacketSource> source = open_live(options);
    Sender{}.send(2000, 1400);
    PacketBatch batch;
    std::uint64_t num_frames = 0;
    while (source->next(batch)) {
      std::size_t batch_bytes = 0;
      for (const PacketView& packet : batch.packets) batch_bytes += packet.data.size();
      EXPECT_LE(batch_bytes, (std::size_t{512} << 10) + 1400);
      num_frames += batch.packets.size();
    }
    EXPECT_EQ(num_frames, 2000U);
  });
}

TEST(LiveSource, AnIdleInterfaceDoesNotStopTheClockAndTheTimeLimitEndsIt) {
  in_namespace([] {
    LiveSourceOptions options = options_for("veth-b");
    options.max_time = 400ms;
    const std::unique_ptr<PacketSource> source = open_live(options);
    const Clock::time_point began = Clock::now();
    PacketBatch batch;
    int num_idle = 0;
    Timestamp last{};
    while (source->next(batch)) {
      EXPECT_TRUE(batch.idle);
      EXPECT_TRUE(batch.packets.empty());
      EXPECT_GE(batch.now, last);
      last = batch.now;
      ++num_idle;
    }
    EXPECT_GE(num_idle, 4);
    EXPECT_LT(num_idle, 40);
    EXPECT_GE(Clock::now() - began, 390ms);
    EXPECT_LT(Clock::now() - began, 3s);
    EXPECT_LT(std::chrono::system_clock::now() - last, 2s);
  });
}

TEST(LiveSource, AnInterruptEndsTheCapture) {
  in_namespace([] {
    std::atomic<bool> interrupted{false};
    LiveSourceOptions options = options_for("veth-b");
    options.interrupted = [&] { return interrupted.load(); };
    const std::unique_ptr<PacketSource> source = open_live(options);
    PacketBatch batch;
    EXPECT_TRUE(source->next(batch));
    interrupted = true;
    EXPECT_FALSE(source->next(batch));
    EXPECT_FALSE(source->next(batch));
    EXPECT_TRUE(source->captures().at(0).complete);
  });
}

TEST(LiveSource, AnInterfaceThatGoesDownOrAwayEndsTheCaptureWithItsReason) {
  for (const char* command : {"ip link set veth-b down", "ip link delete veth-b"}) {
    in_namespace([&] {
      const std::unique_ptr<PacketSource> source = open_live(options_for("veth-b"));
      PacketBatch batch;
      EXPECT_TRUE(source->next(batch));
      ASSERT_TRUE(run(command));
      const Clock::time_point began = Clock::now();
      int num_batches = 0;
      while (source->next(batch)) ++num_batches;
      EXPECT_LT(Clock::now() - began, 5s);
      EXPECT_LT(num_batches, 100);
      const CaptureSummary& summary = source->captures().at(0);
      EXPECT_FALSE(summary.complete);
      EXPECT_EQ(summary.error.find("veth-b: capture ended: "), 0U) << summary.error;
    });
    if (testing::Test::IsSkipped()) return;
  }
}

TEST(LiveSource, WhatCannotBeOpenedSaysWhy) {
  in_namespace([] {
    EXPECT_EQ(error_of(options_for("veth-c")).find("veth-c: there is no such interface (there are: "), 0U)
        << error_of(options_for("veth-c"));
    LiveSourceOptions filtered = options_for("veth-b");
    filtered.filter = "tcp prot 443";
    EXPECT_EQ(error_of(filtered), "the filter \"tcp prot 443\" cannot be compiled: can't parse filter expression: syntax error");
    ASSERT_TRUE(run("ip link set veth-b down"));
    EXPECT_EQ(error_of(options_for("veth-b")), "veth-b: the interface is down, bring it up first");
  });
}

TEST(LiveSource, WithoutPermissionTheErrorSaysWhatIsMissing) {
  in_namespace([] {
    if (::geteuid() != 0) return;
    // Without root as effective user the capabilities are gone too; the main thread only waits meanwhile.
    ASSERT_EQ(::seteuid(65'534), 0);
    const std::string error = error_of(options_for("veth-b"));
    ASSERT_EQ(::seteuid(0), 0);
    EXPECT_EQ(error, "veth-b: no permission to capture: run as root or with the capabilities CAP_NET_RAW and CAP_NET_ADMIN");
  });
}

}  // namespace
}  // namespace sealtrace
