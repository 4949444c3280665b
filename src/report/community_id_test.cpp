// Vectors: github.com/corelight/community-id-spec, baseline/baseline_deflt.json.
#include "report/community_id.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "report/test_digests.hpp"

namespace sealtrace {

namespace {

struct CommunityCase {
  std::string_view name;
  Transport transport;
  std::string_view source;
  std::uint16_t source_port;
  std::string_view destination;
  std::uint16_t destination_port;
  std::string_view id;
};

class CommunityIdVectors : public testing::TestWithParam<CommunityCase> {};

TEST_P(CommunityIdVectors, is_the_published_id_from_either_side) {
  const CommunityCase& test = GetParam();
  const Endpoint source{*IpAddress::parse(test.source), test.source_port};
  const Endpoint destination{*IpAddress::parse(test.destination), test.destination_port};
  EXPECT_EQ(community_id(source, destination, test.transport, test_hashers()), test.id);
  EXPECT_EQ(community_id(destination, source, test.transport, test_hashers()), test.id);
}

constexpr CommunityCase kCases[] = {
    {"tcp_over_ipv4", Transport::tcp, "128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {"udp_over_ipv4", Transport::udp, "192.168.1.52", 54585, "8.8.8.8", 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
    {"tcp_over_ipv6", Transport::tcp, "2001:470:e5bf:dead:4957:2174:e82c:4887", 63943, "2607:f8b0:400c:c03::1a", 25,
     "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
};
INSTANTIATE_TEST_SUITE_P(CommunityId, CommunityIdVectors, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string{test.param.name}; });

TEST(CommunityId, orders_by_port_when_both_ends_are_one_address) {
  const Endpoint low{*IpAddress::parse("10.0.0.1"), 80};
  const Endpoint high{*IpAddress::parse("10.0.0.1"), 8080};
  Hashers hashers;
  std::vector<std::uint8_t> hashed;
  hashers.sha1 = [&hashed](std::span<const std::uint8_t> octets) {
    hashed.assign(octets.begin(), octets.end());
    return std::array<std::uint8_t, 20>{};
  };
  EXPECT_EQ(community_id(high, low, Transport::tcp, hashers), "1:AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  const std::vector<std::uint8_t> expected{
      0,    0,           // seed
      10,   0,    0, 1,  // smaller endpoint's address
      10,   0,    0, 1,  // larger endpoint's address
      6,    0,           // TCP, padding
      0,    80,          // smaller endpoint's port
      0x1F, 0x90,        // 8080
  };
  EXPECT_EQ(hashed, expected);
}

TEST(CommunityId, is_absent_without_a_hash) { EXPECT_EQ(community_id({}, {}, Transport::tcp, {}), ""); }

TEST(Base64, gives_the_vectors_of_rfc_4648_section_10) {
  constexpr std::pair<std::string_view, std::string_view> kVectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [text, encoded] : kVectors) {
    std::string out;
    append_base64(out, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    EXPECT_EQ(out, encoded);
  }
}

}  // namespace

}  // namespace sealtrace
