// What reports say of damaged frames: which were left out, and which were used all the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "report/blind_spots.hpp"

namespace sealtrace {
namespace {

std::string said_of(std::string_view kind, std::uint64_t count) {
  AuditResult audit;
  CaptureSummary& capture = audit.captures.emplace_back();
  capture.name = "a.pcap";
  capture.damage[std::string{kind}] = count;
  const std::vector<BlindSpot> spots = find_blind_spots(audit);
  const auto spot = std::ranges::find(spots, kind, &BlindSpot::kind);
  return spot == spots.end() ? std::string{} : spot->what;
}

TEST(CaptureDamage, FramesThatWereLeftOutAreNotUsed) {
  EXPECT_EQ(said_of("malformed", 1), "a.pcap: 1 frame not used: malformed");
  EXPECT_EQ(said_of("headers_cut_by_snaplen", 2), "a.pcap: 2 frames not used: headers cut by snaplen");
  EXPECT_EQ(said_of("fragments_dropped", 3), "a.pcap: 3 frames not used: fragments dropped");
  EXPECT_EQ(said_of("datagrams_incomplete", 1), "a.pcap: 1 datagram not used: datagrams incomplete");
}

TEST(CaptureDamage, FramesThatVerdictsRestOnAreNotCalledUnused) {
  for (const std::string_view kind :
       {"bad_ip_checksum", "bad_transport_checksum_sampled", "payload_cut_by_snaplen", "fragments_overlapping"}) {
    const std::string what = said_of(kind, 19);
    EXPECT_TRUE(what.starts_with("a.pcap: 19 frames ")) << what;
    EXPECT_EQ(what.find("not used"), std::string::npos) << what;
    EXPECT_NE(what.find("used"), std::string::npos) << what;
  }
}

}  // namespace
}  // namespace sealtrace
