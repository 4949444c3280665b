#include "proto/tls_ssl2.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "proto/tls_facts.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

TEST(Ssl2RecordHeader, HasTwoOctetsOrThreeWithPadding) {
  const auto two = parse_ssl2_record_header(annotated_hex("80 2E 01"));
  ASSERT_TRUE(two);
  EXPECT_EQ(two->header_bytes, 2);
  EXPECT_EQ(two->length, 46);
  const auto three = parse_ssl2_record_header(annotated_hex("00 28 07"));
  ASSERT_TRUE(three);
  EXPECT_EQ(three->header_bytes, 3);
  EXPECT_EQ(three->length, 40);
  EXPECT_EQ(three->padding, 7);
  EXPECT_EQ(parse_ssl2_record_header(annotated_hex("80")).error().code, ParseErrorCode::need_more);
  EXPECT_EQ(parse_ssl2_record_header(annotated_hex("00 28")).error().code, ParseErrorCode::need_more);
  EXPECT_EQ(parse_ssl2_record_header(annotated_hex("80 00")).error(), (ParseError{ParseErrorCode::malformed, 2, "record_length"}));
  EXPECT_EQ(parse_ssl2_record_header(annotated_hex("00 07 07")).error(), (ParseError{ParseErrorCode::malformed, 3, "record_length"}));
}

constexpr std::string_view kClientHello = R"(
    03 01                       # version: TLS 1.0
    00 09 00 00 00 10           # lengths of cipher_specs, session_id, challenge
    01 00 80 00 00 2F 00 00 FF  # RC4-128 of SSL 2.0, AES-128, the renegotiation signal
    00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F)";

TEST(Ssl2ClientHello, ListsKindsOfThreeOctets) {
  const Octets octets = annotated_hex(kClientHello);
  const auto hello = parse_ssl2_client_hello(octets);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->legacy_version, 0x0301);
  EXPECT_EQ(hello->cipher_kinds.size(), 9U);
  EXPECT_EQ(hello->random.size(), 16U);
  for (std::size_t length = 0; length < octets.size(); ++length)
    EXPECT_FALSE(parse_ssl2_client_hello(Bytes{octets}.first(length))) << length;

  const TlsClientHello fact = client_hello_fact(*hello, TlsHelloForm::ssl2, 2, {.hash_key = 1, .keep_lists = true});
  EXPECT_EQ(fact.cipher_suites, (std::vector<CipherSuite>{CipherSuite{0x002F}, CipherSuite{0x00FF}}));
  EXPECT_TRUE(fact.renegotiation_info);
}

TEST(Ssl2ClientHello, SaysWhereItIsMalformed) {
  EXPECT_EQ(parse_ssl2_client_hello(annotated_hex("00 02 00 04 00 00 00 10")).error().field, "cipher_spec_length");
  EXPECT_EQ(parse_ssl2_client_hello(annotated_hex("00 02 00 03 00 21 00 10")).error().field, "session_id_length");
  EXPECT_EQ(parse_ssl2_client_hello(annotated_hex("00 02 00 03 00 00 00 21")).error().field, "challenge_length");
  Octets longer = annotated_hex(kClientHello);
  longer.push_back(0);
  EXPECT_EQ(parse_ssl2_client_hello(longer).error(), (ParseError{ParseErrorCode::malformed, 33, "challenge"}));
}

TEST(Ssl2ServerHello, CarriesCertificateKindsAndConnectionId) {
  const Octets octets = annotated_hex(R"(
      00 01 00 02        # session_id_hit, certificate_type: X.509, server_version
      00 02 00 03 00 04  # lengths
      30 00              # certificate
      07 00 C0           # cipher_specs: triple DES
      AA BB CC DD        # connection_id)");
  const auto hello = parse_ssl2_server_hello(octets);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->certificate.size(), 2U);
  EXPECT_EQ(hello->cipher_kinds.size(), 3U);
  EXPECT_EQ(hello->connection_id.size(), 4U);
  EXPECT_FALSE(hello->session_id_hit);
  for (std::size_t length = 0; length < octets.size(); ++length)
    EXPECT_FALSE(parse_ssl2_server_hello(Bytes{octets}.first(length))) << length;
  EXPECT_EQ(parse_ssl2_server_hello(annotated_hex("02 01 00 02")).error().field, "session_id_hit");
  EXPECT_EQ(parse_ssl2_server_hello(annotated_hex("00 01 03 01 00 00")).error().field, "server_version");
}

}  // namespace
}  // namespace sealtrace
