#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "proto/tls_facts.hpp"
#include "proto/tls_handshake.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

const std::string kRandom = "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F";

void expect_cuts_refused(const Octets& octets, std::size_t may_end_at) {
  for (std::size_t length = 0; length < octets.size(); ++length) {
    if (length == may_end_at) continue;
    const auto cut = parse_server_hello(Bytes{octets}.first(length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::malformed) << length;
  }
}

TEST(ServerHello, OfTls12WithItsExtensions) {
  const Octets octets = annotated_hex("03 03" + kRandom + R"(
      02 AA BB                            # session_id
      C0 2F                               # cipher_suite
      00                                  # compression_method
      00 2E
        FF01 0001 00                      # renegotiation_info
        000E 0007 0002 0007 02 00 2A      # use_srtp: a profile and an MKI
        0010 0005 0003 02 68 32           # application_layer_protocol_negotiation: h2
        0016 0000                         # encrypt_then_mac
        0017 0000                         # extended_master_secret
        0023 0000                         # session_ticket
        0014 0001 02                      # server_certificate_type: raw public key
        3374 0000                         # next_protocol_negotiation)");
  const auto hello = parse_server_hello(octets);
  ASSERT_TRUE(hello) << hello.error().field << " at " << hello.error().offset;
  EXPECT_EQ(hello->version, TlsVersion::tls1_2);
  EXPECT_EQ(hello->cipher_suite, CipherSuite{0xC02F});
  EXPECT_EQ(hello->session_id.size(), 2U);
  EXPECT_EQ(hello->alpn, "h2");
  EXPECT_EQ(hello->use_srtp, 7);
  EXPECT_EQ(Octets(hello->srtp_mki.begin(), hello->srtp_mki.end()), (Octets{0x00, 0x2A}));
  EXPECT_TRUE(hello->renegotiation_info && hello->encrypt_then_mac && hello->extended_master_secret && hello->session_ticket);
  EXPECT_TRUE(hello->next_protocol_negotiation);
  EXPECT_FALSE(hello->server_certificate_is_x509);
  EXPECT_TRUE(hello->client_certificate_is_x509);
  EXPECT_FALSE(hello->hello_retry_request);
  expect_cuts_refused(octets, 40);  // there it is a hello without extensions

  const TlsServerHello fact = server_hello_fact(*hello, {.hash_key = 3, .keep_lists = true});
  EXPECT_EQ(fact.version, TlsVersion::tls1_2);
  EXPECT_EQ(fact.alpn, "h2");
  EXPECT_EQ(fact.extensions.size(), 8U);
  EXPECT_TRUE(fact.session_ticket_expected);
}

TEST(ServerHello, OfTls13IsToldBySupportedVersions) {
  const Octets octets = annotated_hex("03 03" + kRandom + R"(
      00 13 01 00
      00 16
        002B 0002 0304                    # supported_versions
        0033 0006 001D 0002 AB CD         # key_share: x25519
        0029 0002 0000                    # pre_shared_key)");
  const auto hello = parse_server_hello(octets);
  ASSERT_TRUE(hello) << hello.error().field << " at " << hello.error().offset;
  EXPECT_EQ(hello->version, TlsVersion::tls1_3);
  EXPECT_EQ(hello->group, NamedGroup{0x001D});
  EXPECT_TRUE(hello->pre_shared_key);
  expect_cuts_refused(octets, 38);
}

TEST(ServerHello, WithTheFixedRandomAsksForAnotherHello) {
  const Octets octets = annotated_hex(R"(
      03 03
      CF 21 AD 74 E5 9A 61 11 BE 1D 8C 02 1E 65 B8 91 C2 A2 11 16 7A BB 8C 5E 07 9E 09 E2 C8 A8 33 9C
      00 13 02 00
      00 0C
        002B 0002 0304
        0033 0002 0018                    # key_share: the group alone)");
  const auto hello = parse_server_hello(octets);
  ASSERT_TRUE(hello);
  EXPECT_TRUE(hello->hello_retry_request);
  EXPECT_EQ(hello->version, TlsVersion::tls1_3);
  EXPECT_EQ(hello->group, NamedGroup{0x0018});
}

TEST(ServerHello, OfDrafts18To21HasNoSessionIdAndNoCompression) {
  const Octets octets = annotated_hex("7F 12" + kRandom + R"(
      13 01
      00 08
        0028 0004 001D 0000               # key_share had number 40)");
  const auto hello = parse_server_hello(octets);
  ASSERT_TRUE(hello) << hello.error().field << " at " << hello.error().offset;
  EXPECT_EQ(hello->version, TlsVersion::tls1_3);
  EXPECT_EQ(hello->cipher_suite, CipherSuite{0x1301});
  EXPECT_EQ(hello->group, NamedGroup{0x001D});
}

TEST(ServerHello, OfGooglesExperimentHasTheUsualShape) {
  const Octets octets = annotated_hex("7E 01" + kRandom + "01 AA 13 01 00 00 00");
  const auto hello = parse_server_hello(octets);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->version, TlsVersion::tls1_3);
  EXPECT_EQ(hello->session_id.size(), 1U);
}

TEST(ServerHello, RandomMayTellOfADowngrade) {
  struct Case {
    std::string_view last_octets;
    DowngradeSentinel sentinel;
  };
  const Case cases[] = {{"44 4F 57 4E 47 52 44 01", DowngradeSentinel::to_tls1_2},
                        {"44 4F 57 4E 47 52 44 00", DowngradeSentinel::to_tls1_1_or_below},
                        {"44 4F 57 4E 47 52 44 02", DowngradeSentinel::none},
                        {"44 4F 57 4E 47 52 45 01", DowngradeSentinel::none}};
  for (const Case& c : cases) {
    const Octets octets = annotated_hex("03 03" + kRandom.substr(0, 24 * 3) + std::string{c.last_octets} + "00 00 2F 00");
    const auto hello = parse_server_hello(octets);
    ASSERT_TRUE(hello) << c.last_octets;
    EXPECT_EQ(hello->downgrade_sentinel, c.sentinel) << c.last_octets;
  }
}

TEST(ServerHello, IsMalformedWhenAnExtensionThatDecidesIs) {
  const std::string start = "03 03" + kRandom + "00 13 01 00";
  const struct {
    std::string_view name;
    std::string octets;
    std::string_view field;
  } cases[] = {
      {"selected_version of three octets", start + "00 07 002B 0003 03 04 00", "extension_data"},
      {"two SRTP profiles", start + "00 0B 000E 0007 0004 0001 0002 00", "extension_data"},
      {"octets behind the extensions", start + "00 00 00", "extensions"},
      {"an extension twice", start + "00 0C 002B 0002 0304 002B 0002 0303", "extension_type"},
  };
  for (const auto& c : cases) {
    const Octets octets = annotated_hex(c.octets);
    const auto hello = parse_server_hello(octets);
    ASSERT_FALSE(hello) << c.name;
    EXPECT_EQ(hello.error().field, c.field) << c.name;
    EXPECT_EQ(hello.error().code, ParseErrorCode::malformed) << c.name;
  }
}

TEST(DraftHelloRetryRequest, GainedASuiteInDraft19) {
  const auto draft18 = parse_draft_hello_retry_request(annotated_hex("7F 12 00 06 0028 0002 0018"));
  ASSERT_TRUE(draft18);
  EXPECT_TRUE(draft18->hello_retry_request);
  EXPECT_EQ(draft18->group, NamedGroup{0x0018});
  const auto draft19 = parse_draft_hello_retry_request(annotated_hex("7F 13 13 02 00 06 0028 0002 0018"));
  ASSERT_TRUE(draft19);
  EXPECT_EQ(draft19->cipher_suite, CipherSuite{0x1302});
  EXPECT_EQ(parse_draft_hello_retry_request(annotated_hex("03 03 13 02 00 00")).error(),
            (ParseError{ParseErrorCode::malformed, 2, "server_version"}));
}

}  // namespace
}  // namespace sealtrace
