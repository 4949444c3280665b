#include "crypto/srtp_key_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sealtrace {
namespace {

/// kKey is 30 octets in base64.
constexpr std::string_view kKey = "4fl6DT4Bi+DWT6MsBt5BOQ7Gda1Jiv7rtpYLOqvm";

std::string line(std::string_view capture, std::string_view ssrc, std::string_view suite, std::string_view key) {
  return std::string{capture} + "\t" + std::string{ssrc} + "\t" + std::string{suite} + "\t" + std::string{key} + "\n";
}

/// error_of gives what is said of a file.
std::string error_of(std::string_view text) {
  try {
    parse_srtp_keys(text, "keys.tsv");
  } catch (const SrtpKeyFileError& error) {
    return error.what();
  }
  return {};
}

TEST(SrtpKeyFile, holds_keys_for_captures_and_streams) {
  const std::string text = "# file\tssrc\tsuite\tkey\n\n" + line("calls/a.pcap", "any", "AES_CM_128_HMAC_SHA1_80", kKey) +
                           line("any", "0x1C090D13", "F8_128_HMAC_SHA1_80", std::string{kKey} + "|2^20|258:4") +
                           line("b.pcap", "17", "AEAD_AES_128_GCM", "AAECAwQFBgcICQoLDA0OD6ChoqOkpaanqKmqqw==");
  const std::vector<GivenSrtpKey> keys = parse_srtp_keys(text, "keys.tsv");
  ASSERT_EQ(keys.size(), 3U);
  EXPECT_EQ(keys[0].capture, "calls/a.pcap");
  EXPECT_FALSE(keys[0].ssrc);
  EXPECT_EQ(keys[0].key.key_and_salt.size(), 30U);
  EXPECT_EQ(keys[0].key.key_and_salt.octets()[0], 0xE1);
  EXPECT_TRUE(keys[0].key.mki.empty());
  EXPECT_EQ(keys[1].capture, "");
  EXPECT_EQ(keys[1].ssrc, 0x1C090D13U);
  EXPECT_EQ(keys[1].key.suite, SrtpSuite::f8_128_hmac_sha1_80);
  const std::vector<std::uint8_t> mki{0, 0, 1, 2};
  EXPECT_EQ(keys[1].key.mki, SecretOctets{mki});
  EXPECT_EQ(keys[2].ssrc, 17U);
  EXPECT_EQ(keys[2].key.key_and_salt.size(), 28U);
  EXPECT_EQ(keys[2].key.key_and_salt.octets()[27], 0xAB);
}

TEST(SrtpKeyFile, is_read_without_its_last_line_end_and_with_those_of_windows) {
  std::string text = line("a", "any", "AES_CM_128_HMAC_SHA1_80", kKey);
  text.pop_back();
  EXPECT_EQ(parse_srtp_keys(text, "k").size(), 1U);
  EXPECT_EQ(parse_srtp_keys(text + "\r\n" + text + "\r\n", "k").size(), 2U);
  EXPECT_TRUE(parse_srtp_keys("", "k").empty());
}

TEST(SrtpKeyFile, errors_name_the_line_and_never_repeat_a_key) {
  struct Case {
    std::string name;
    std::string text;
    std::string said;
  };
  const std::string key{kKey};
  const Case cases[] = {
      {"a column is missing", "# c\nany\tany\t" + key + "\n", "keys.tsv:2: expected four columns"},
      {"a column too many", line("any", "any", "AES_CM_128_HMAC_SHA1_80", key + "\tx"), "keys.tsv:1: expected four columns"},
      {"an empty column", line("any", "", "AES_CM_128_HMAC_SHA1_80", key), "keys.tsv:1: expected four columns"},
      {"spaces instead of tabs", "any any AES_CM_128_HMAC_SHA1_80 " + key, "keys.tsv:1: expected four columns"},
      {"an SSRC that is no number", line("any", "0x1G", "AES_CM_128_HMAC_SHA1_80", key), "keys.tsv:1: '0x1G' is no SSRC"},
      {"an SSRC of more than 32 bits", line("any", "4294967296", "AES_CM_128_HMAC_SHA1_80", key), "'4294967296' is no SSRC"},
      {"an unknown suite", line("any", "any", "AES", key), "keys.tsv:1: 'AES' is no suite; known are AES_CM_128_HMAC_SHA1_80"},
      {"columns in the wrong order", line("any", "any", key, "AES_CM_128_HMAC_SHA1_80"), "keys.tsv:1: what stands there is no suite"},
      {"a key where the SSRC belongs", line("any", key, "AES_CM_128_HMAC_SHA1_80", key), "keys.tsv:1: what stands there is no SSRC"},
      {"a key that is too short", line("any", "any", "AES_CM_128_HMAC_SHA1_80", "AAAA"), "together 30; here are 3"},
      {"a key of another suite", line("any", "any", "AEAD_AES_256_GCM", key), "AEAD_AES_256_GCM takes a key of 32 octets and a salt of 12"},
      {"another alphabet", line("any", "any", "AES_CM_128_HMAC_SHA1_80", key.substr(0, 39) + "_"), "no key in base64"},
      {"a digit too few", line("any", "any", "AES_CM_128_HMAC_SHA1_80", key.substr(0, 37)), "no key in base64"},
      {"padding in the middle", line("any", "any", "AES_CM_128_HMAC_SHA1_80", "AA==" + key), "no key in base64"},
      {"a long one", line("any", "any", "AES_CM_128_HMAC_SHA1_80", std::string(4000, 'A')), "no key in base64"},
      {"an MKI without length", line("any", "any", "AES_CM_128_HMAC_SHA1_80", key + "|1:"), "behind '|' stand"},
      {"nothing behind the bar", line("any", "any", "AES_CM_128_HMAC_SHA1_80", key + "|"), "behind '|' stand"},
      {"an MKI that its length does not hold", line("any", "any", "AES_CM_128_HMAC_SHA1_80", key + "|256:1"), "behind '|' stand"},
      {"two of them", line("any", "any", "AES_CM_128_HMAC_SHA1_80", key + "|1:4|2:4"), "behind '|' stand"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string said = error_of(c.text);
    EXPECT_NE(said.find(c.said), std::string::npos) << said;
    EXPECT_EQ(said.find(key.substr(0, 16)), std::string::npos) << "a key is repeated: " << said;
  }
}

TEST(SrtpKeyFile, that_is_not_there_is_an_error) {
  EXPECT_THROW(read_srtp_keys("/nonexistent/keys.tsv"), SrtpKeyFileError);
  EXPECT_THROW(read_srtp_keys("/"), SrtpKeyFileError) << "a folder";
}

}  // namespace
}  // namespace sealtrace
