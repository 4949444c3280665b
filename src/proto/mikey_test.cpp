#include "proto/mikey.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

/// kHeader is a common header with one crypto session of SRTP (RFC 3830 section 6.1); TYPE and NEXT are put in by header().
std::string header(const std::string& data_type, const std::string& next_payload) {
  return "01 " + data_type + " " + next_payload +
         " 00"                           // version, data type, next payload, V and PRF func
         " 12 34 56 78"                  // CSB ID
         " 01 00"                        // #CS, CS ID map type SRTP-ID
         " 00 11 22 33 44 00 00 00 00";  // policy, SSRC, ROC
}
/// generic_header has the sessions in a map of type GENERIC-ID (RFC 6043 section 6.1.1).
std::string generic_header(const std::string& num_sessions, const std::string& sessions) {
  return "01 00 05 00 12 34 56 78 " + num_sessions + " 02" + sessions;
}
constexpr const char* kTimestamp = " 0B 00 83 AA 7E 80 00 00 00 00";  // next: RAND; NTP-UTC
constexpr const char* kRand = " 01 04 A0 A1 A2 A3";                   // next: KEMAC
/// kKeyData is a sub-payload with a TEK of four octets (section 6.13), 8 octets in all.
constexpr const char* kKeyData = " 00 20 00 04 B0 B1 B2 B3";
constexpr const char* kMac = " 01 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13";

std::string policy(const std::string& parameters, const std::string& length) { return " 01 00 00 " + length + parameters; }  // next: KEMAC

struct Case {
  const char* name;
  std::string hex;
  SdpMikey expected;
};

bool same(const SdpMikey& one, const SdpMikey& two) {
  return one.method == two.method && one.key_in_clear == two.key_in_clear && one.unencrypted_srtp == two.unencrypted_srtp &&
         one.unencrypted_srtcp == two.unencrypted_srtcp && one.unauthenticated_srtp == two.unauthenticated_srtp;
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases{
      {"a pre-shared key whose key data AES-CM encrypts",
       header("00", "05") + kTimestamp + kRand + " 00 01 00 08" + kKeyData + kMac,
       {.method = MikeyMethod::pre_shared_key}},
      {"a pre-shared key whose key data nothing encrypts",
       header("00", "05") + kTimestamp + kRand + " 00 00 00 08" + kKeyData + kMac,
       {.method = MikeyMethod::pre_shared_key, .key_in_clear = true}},
      {"NULL encryption and no MAC, behind an identity",
       header("00", "06") + " 01 00 00 03 61 62 63 00 00 00 08" + kKeyData + " 00",
       {.method = MikeyMethod::pre_shared_key, .key_in_clear = true}},
      {"key data that nothing encrypts behind a generic map",
       generic_header("01", " 00 00 01 07 00 00 00") + kTimestamp + kRand + " 00 00 00 08" + kKeyData + kMac,
       {.method = MikeyMethod::pre_shared_key, .key_in_clear = true}},
      {"two sessions of a generic map, with data and SPI",
       generic_header("02", " 00 00 82 07 08 00 02 D0 D1 01 E0  01 00 00 00 00 02 E1 E2") + kTimestamp + kRand + " 00 00 00 08" + kKeyData +
           kMac,
       {.method = MikeyMethod::pre_shared_key, .key_in_clear = true}},
      {"a map of a type that nobody knows ends what is read",
       "01 00 05 00 12 34 56 78 01 03" + std::string{kTimestamp} + kRand + " 00 00 00 08" + kKeyData + kMac,
       {.method = MikeyMethod::pre_shared_key}},
      {"the answer of pre-shared keys",
       header("01", "05") + " 09 00 83 AA 7E 80 00 00 00 00 00" + kMac,
       {.method = MikeyMethod::pre_shared_key}},
      {"public keys, an envelope and a signature",
       header("02", "01") + " 02 01 00 02 AA BB" + kMac + " 04 40 02 CC DD 00 01 EE",
       {.method = MikeyMethod::public_key}},
      {"Diffie-Hellman with a NULL KEMAC without key data",
       header("07", "01") + " 00 00 00 00" + kMac,
       {.method = MikeyMethod::diffie_hellman_hmac}},
      {"a payload nobody knows ends what is read",
       header("04", "2A") + " 01 00 00 00 08" + kKeyData + " 00",
       {.method = MikeyMethod::diffie_hellman}},
      {"a policy of SRTP without encryption",
       header("00", "0A") + policy(" 07 01 00 0A 01 00", "00 06") + " 00 01 00 00 00",
       {.method = MikeyMethod::pre_shared_key, .unencrypted_srtp = true, .unauthenticated_srtp = true}},
      {"a policy with the NULL cipher is of SRTCP too",
       header("00", "0A") + policy(" 00 01 00", "00 03") + " 00 01 00 00 00",
       {.method = MikeyMethod::pre_shared_key, .unencrypted_srtp = true, .unencrypted_srtcp = true}},
      {"a policy that encrypts",
       header("00", "0A") + policy(" 00 01 01 07 01 01 08 01 01 0A 01 01", "00 0C") + " 00 01 00 00 00",
       {.method = MikeyMethod::pre_shared_key}},
      {"SAKKE", header("1A", "00"), {.method = MikeyMethod::sakke}},
      {"a ticket", header("0B", "00"), {.method = MikeyMethod::ticket}},
      {"an error", header("06", "0C") + " 00 05 00 00", {.method = MikeyMethod::unknown}},
  };
  return kCases;
}

TEST(Mikey, TellsHowTheKeyIsAgreedAndWhetherItIsThereToBeRead) {
  for (const Case& c : cases()) {
    const auto mikey = parse_mikey(annotated_hex(c.hex));
    ASSERT_TRUE(mikey) << c.name << ": " << mikey.error().field;
    EXPECT_TRUE(same(*mikey, c.expected)) << c.name;
  }
}

TEST(Mikey, ACutMessageSaysNoMoreThanTheWhole) {
  for (const Case& c : cases()) {
    const auto whole = annotated_hex(c.hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto cut = parse_mikey(Bytes{whole}.first(size));
      if (size < 8) {
        EXPECT_FALSE(cut) << c.name << " cut to " << size;
        continue;
      }
      ASSERT_TRUE(cut);
      EXPECT_EQ(cut->method, c.expected.method);
      EXPECT_TRUE(!cut->key_in_clear || c.expected.key_in_clear);
      EXPECT_TRUE(!cut->unencrypted_srtp || c.expected.unencrypted_srtp);
    }
  }
}

TEST(Mikey, AnotherVersionIsNotRead) {
  const auto mikey = parse_mikey(annotated_hex("02 00 00 00 00 00 00 00 00 00"));
  ASSERT_FALSE(mikey);
  EXPECT_EQ(mikey.error().code, ParseErrorCode::unsupported);
}

TEST(Mikey, TheLineOfSdpNamesItsProtocolAndIsBase64) {
  EXPECT_FALSE(parse_sdp_mikey("kerberos AQAAAAAAAAAAAA=="));
  ASSERT_TRUE(parse_sdp_mikey("mikey AQQAAAAAAAAAAA=="));
  EXPECT_EQ(parse_sdp_mikey("mikey AQQAAAAAAAAAAA==")->method, MikeyMethod::diffie_hellman);
  EXPECT_EQ(parse_sdp_mikey("MIKEY  AQQAAAAAAAAAAA")->method, MikeyMethod::diffie_hellman);
  ASSERT_TRUE(parse_sdp_mikey("mikey ??"));
  EXPECT_EQ(parse_sdp_mikey("mikey ??")->method, MikeyMethod::unknown);
  EXPECT_EQ(parse_sdp_mikey("mikey")->method, MikeyMethod::unknown);
  EXPECT_EQ(parse_sdp_mikey("mikey " + std::string(20'000, 'A'))->method, MikeyMethod::unknown);
}

}  // namespace
}  // namespace sealtrace
