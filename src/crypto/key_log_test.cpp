#include "crypto/key_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sealtrace {
namespace {

const std::string kRandom(64, 'a');
const std::string kOtherRandom(64, 'b');
const std::string kSecret32(64, '1');
const std::string kSecret48(96, '2');

std::vector<std::uint8_t> random_of(std::uint8_t octet) { return std::vector<std::uint8_t>(32, octet); }

struct Case {
  const char* name;
  std::string text;
  KeyLogLines lines;
};

TEST(KeyRing, ReadsTheLinesOfAKeyLog) {
  const std::vector<Case> cases{
      {"a master secret", "CLIENT_RANDOM " + kRandom + " " + kSecret48 + "\n", {1, 0, 0}},
      {"the last line without its end", "CLIENT_RANDOM " + kRandom + " " + kSecret48, {1, 0, 0}},
      {"CRLF", "CLIENT_TRAFFIC_SECRET_0 " + kRandom + " " + kSecret32 + "\r\n", {1, 0, 0}},
      {"comments and empty lines are not counted", "# SSL/TLS secrets log file\n\n\r\n", {0, 0, 0}},
      {"upper-case digits", "EXPORTER_SECRET " + std::string(64, 'A') + " " + kSecret32, {1, 0, 0}},
      {"an unknown label", "RSA " + kRandom + " " + kSecret48, {0, 1, 0}},
      {"a label alone", "CLIENT_RANDOM", {0, 1, 0}},
      {"a random that is too short", "CLIENT_RANDOM " + kRandom.substr(2) + " " + kSecret48, {0, 1, 0}},
      {"a master secret of another length", "CLIENT_RANDOM " + kRandom + " " + kSecret32, {0, 1, 0}},
      {"a traffic secret of no hash's length", "CLIENT_TRAFFIC_SECRET_0 " + kRandom + " " + kSecret32 + "11", {0, 1, 0}},
      {"an odd number of digits", "CLIENT_RANDOM " + kRandom + " " + kSecret48 + "2", {0, 1, 0}},
      {"no digits", "CLIENT_RANDOM " + kRandom + " " + std::string(96, 'x'), {0, 1, 0}},
      {"a word behind the secret", "CLIENT_RANDOM " + kRandom + " " + kSecret48 + " more", {0, 1, 0}},
      {"a line too long to be one", "CLIENT_RANDOM " + kRandom + " " + std::string(4000, '2'), {0, 1, 0}},
      {"junk between lines", "\x01\x02\nCLIENT_RANDOM " + kRandom + " " + kSecret48 + "\njunk\n", {1, 2, 0}},
  };
  for (const Case& one : cases) {
    KeyRing ring;
    EXPECT_EQ(ring.add(one.text), one.lines) << one.name;
    EXPECT_EQ(ring.size(), one.lines.secrets) << one.name;
  }
}

TEST(KeyRing, GivesTheSecretsOfOneClientHello) {
  KeyRing ring;
  EXPECT_TRUE(ring.empty());
  EXPECT_FALSE(ring.find(random_of(0xAA)));
  ring.add("CLIENT_HANDSHAKE_TRAFFIC_SECRET " + kRandom + " " + kSecret32 + "\nCLIENT_RANDOM " + kOtherRandom + " " + kSecret48);
  const auto secrets = ring.find(random_of(0xAA));
  ASSERT_TRUE(secrets);
  EXPECT_EQ((*secrets)[TlsSecretLabel::client_handshake_traffic].octets()[0], 0x11);
  EXPECT_TRUE((*secrets)[TlsSecretLabel::client_random].empty());
  EXPECT_FALSE(ring.find(random_of(0xCC)));
  EXPECT_FALSE(ring.find(Bytes{}));
  EXPECT_EQ(ring.size(), 2U);
  EXPECT_EQ(ring.num_used(), 1U);
}

TEST(KeyRing, KeepsTheFirstOfTwoSecretsWithOneName) {
  KeyRing ring;
  ring.add("CLIENT_RANDOM " + kRandom + " " + kSecret48);
  ring.add("CLIENT_RANDOM " + kRandom + " " + std::string(96, '3'));
  EXPECT_EQ((*ring.find(random_of(0xAA)))[TlsSecretLabel::client_random].octets()[0], 0x22);
  EXPECT_EQ(ring.lines(), (KeyLogLines{2, 0, 0}));
}

}  // namespace
}  // namespace sealtrace
