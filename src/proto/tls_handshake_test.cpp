#include "proto/tls_handshake.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr CipherSuite kEcdheRsa{0xC02F};
constexpr CipherSuite kDheRsa{0x0033};
constexpr CipherSuite kDhAnon{0x0018};
constexpr CipherSuite kRsaExport{0x0003};
constexpr CipherSuite kEcdhePsk{0xC035};
constexpr CipherSuite kPsk{0x008C};
constexpr CipherSuite kRsa{0x002F};

/// expect_whole_only checks that no cut of `octets` is accepted.
template <typename Parse>
void expect_whole_only(std::string_view name, const Octets& octets, Parse parse) {
  EXPECT_TRUE(parse(Bytes{octets})) << name;
  for (std::size_t length = 0; length < octets.size(); ++length) {
    const auto cut = parse(Bytes{octets}.first(length));
    ASSERT_FALSE(cut) << name << " cut to " << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::malformed) << name << " cut to " << length;
  }
}

TEST(HandshakeHeader, IsATypeAndALengthOf24Bits) {
  const auto header = parse_handshake_header(annotated_hex("0B 01 02 03 FF"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, HandshakeType::certificate);
  EXPECT_EQ(header->length, 0x010203U);
  EXPECT_EQ(parse_handshake_header(annotated_hex("0B 01 02")).error().code, ParseErrorCode::need_more);
}

TEST(Certificate, ListsItsCertificatesLeafFirst) {
  const Octets octets = annotated_hex(R"(
      00 00 09          # certificate_list
        00 00 02 AA BB  # ASN.1Cert
        00 00 01 CC)");
  const auto list = parse_certificate(octets);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list->begin()).size(), 2U);
  expect_whole_only("Certificate", octets, parse_certificate);
}

TEST(Certificate, MayBeEmptyAndThenTheSenderDeclined) {
  const auto list = parse_certificate(annotated_hex("00 00 00"));
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->empty());
}

TEST(Certificate, RefusesAnEmptyEntryALongEntryAndOctetsBehind) {
  EXPECT_EQ(parse_certificate(annotated_hex("00 00 03 00 00 00")).error(), (ParseError{ParseErrorCode::malformed, 6, "ASN.1Cert"}));
  EXPECT_EQ(parse_certificate(annotated_hex("00 00 04 00 00 02 AA")).error(), (ParseError{ParseErrorCode::malformed, 6, "ASN.1Cert"}));
  EXPECT_EQ(parse_certificate(annotated_hex("00 00 00 00")).error(), (ParseError{ParseErrorCode::malformed, 3, "certificate_list"}));
}

TEST(CertificateStatus, CarriesOneResponseOrOneForEachCertificate) {
  const Octets one = annotated_hex(R"(
      01               # status_type: ocsp
      00 00 03 AABBCC  # OCSPResponse)");
  const auto single = parse_certificate_status(one);
  ASSERT_TRUE(single);
  ASSERT_EQ(single->size(), 1U);
  EXPECT_EQ((*single->begin()).size(), 3U);
  expect_whole_only("ocsp", one, parse_certificate_status);
  const Octets list = annotated_hex(R"(
      02               # status_type: ocsp_multi (RFC 6961)
      00 00 0B         # ocsp_response_list
        00 00 02 AABB
        00 00 00       # none for the second certificate
        00 00 00)");
  const auto multi = parse_certificate_status(list);
  ASSERT_TRUE(multi);
  EXPECT_EQ(multi->size(), 3U);
  expect_whole_only("ocsp_multi", list, parse_certificate_status);
}

TEST(CertificateStatus, RefusesWhatIsEmptyOrOfAnotherType) {
  EXPECT_EQ(parse_certificate_status(annotated_hex("01 000000")).error(), (ParseError{ParseErrorCode::malformed, 4, "response"}));
  EXPECT_EQ(parse_certificate_status(annotated_hex("03 000001 AA")).error(), (ParseError{ParseErrorCode::unsupported, 0, "status_type"}));
  EXPECT_EQ(parse_certificate_status(annotated_hex("02 000003 0000FF")).error().code, ParseErrorCode::malformed);
}

constexpr std::string_view kRequest12 = R"(
    02 01 40             # certificate_types: rsa_sign, ecdsa_sign
    00 04 0401 0403      # supported_signature_algorithms
    00 07 0002 30 00 0001 30  # certificate_authorities)";
constexpr std::string_view kRequest10 = R"(
    01 01
    00 04 0002 30 00)";

TEST(CertificateRequest, HasSignatureAlgorithmsSinceTls12) {
  const Octets octets12 = annotated_hex(kRequest12);
  const Octets octets10 = annotated_hex(kRequest10);
  const auto tls12 = parse_certificate_request(octets12, TlsVersion::tls1_2);
  ASSERT_TRUE(tls12);
  EXPECT_EQ(tls12->certificate_authorities.size(), 2U);
  EXPECT_EQ(tls12->signature_algorithms.size(), 2U);
  const auto tls10 = parse_certificate_request(octets10, TlsVersion::tls1_0);
  ASSERT_TRUE(tls10);
  EXPECT_EQ(tls10->certificate_authorities.size(), 1U);
  EXPECT_FALSE(parse_certificate_request(octets12, TlsVersion::tls1_1));
  EXPECT_FALSE(parse_certificate_request(octets10, TlsVersion::dtls1_2));
  expect_whole_only("TLS 1.2", octets12, [](Bytes body) { return parse_certificate_request(body, TlsVersion::tls1_2); });
  expect_whole_only("TLS 1.0", octets10, [](Bytes body) { return parse_certificate_request(body, TlsVersion::tls1_0); });
}

TEST(CertificateRequest, TakesTheFormThatFitsWhenTheVersionIsNotKnown) {
  const Octets octets12 = annotated_hex(kRequest12);
  const Octets octets10 = annotated_hex(kRequest10);
  EXPECT_EQ(parse_certificate_request(octets12, TlsVersion::none)->signature_algorithms.size(), 2U);
  EXPECT_EQ(parse_certificate_request(octets10, TlsVersion::none)->certificate_authorities.size(), 1U);
}

struct ExchangeCase {
  std::string_view name;
  CipherSuite suite;
  TlsVersion version;
  std::string_view octets;
  ServerKeyExchange expected;
};

TEST(ServerKeyExchange, IsReadByTheSuitesKeyExchange) {
  const ExchangeCase cases[] = {
      {"ECDHE, TLS 1.2", kEcdheRsa, TlsVersion::tls1_2, "03 001D 02 AA BB  0804 0001 99", {NamedGroup{0x1D}, 0, SignatureScheme{0x0804}}},
      {"ECDHE, TLS 1.0", kEcdheRsa, TlsVersion::tls1_0, "03 0017 01 AA  0001 99", {NamedGroup{0x17}, 0, std::nullopt}},
      {"ECDHE with PSK", kEcdhePsk, TlsVersion::tls1_2, "0001 68 03 0018 01 AA", {NamedGroup{0x18}, 0, std::nullopt}},
      {"DHE of 15 bits, DTLS 1.2",
       kDheRsa,
       TlsVersion::dtls1_2,
       "0003 00 7F FF 0001 02 0001 05  0401 0001 99",
       {std::nullopt, 15, SignatureScheme{0x0401}}},
      {"anonymous", kDhAnon, TlsVersion::tls1_0, "0001 80 0001 02 0001 05", {std::nullopt, 8, std::nullopt}},
      {"RSA for export", kRsaExport, TlsVersion::ssl3, "0001 AB 0001 03  0001 99", {}},
      {"PSK hint", kPsk, TlsVersion::tls1_2, "0002 68 69", {}},
  };
  for (const ExchangeCase& c : cases) {
    const Octets octets = annotated_hex(c.octets);
    const auto exchange = parse_server_key_exchange(octets, c.suite, c.version);
    ASSERT_TRUE(exchange) << c.name << ": " << exchange.error().field << " at " << exchange.error().offset;
    EXPECT_EQ(exchange->group, c.expected.group) << c.name;
    EXPECT_EQ(exchange->dh_prime_bits, c.expected.dh_prime_bits) << c.name;
    EXPECT_EQ(exchange->signature_scheme, c.expected.signature_scheme) << c.name;
    expect_whole_only(c.name, octets, [&c](Bytes body) { return parse_server_key_exchange(body, c.suite, c.version); });
    Octets longer = octets;
    longer.push_back(0);
    EXPECT_FALSE(parse_server_key_exchange(longer, c.suite, c.version)) << c.name;
  }
}

TEST(ServerKeyExchange, OfOtherMethodsIsUnsupportedNotMalformed) {
  const Octets octets = annotated_hex("00 01 AA");
  EXPECT_EQ(parse_server_key_exchange(octets, kRsa, TlsVersion::tls1_2).error().code, ParseErrorCode::unsupported);
  EXPECT_EQ(parse_server_key_exchange(octets, CipherSuite{0xFAFA}, TlsVersion::tls1_2).error().code, ParseErrorCode::unsupported);
  EXPECT_EQ(parse_server_key_exchange(octets, kEcdheRsa, TlsVersion::none).error().code, ParseErrorCode::unsupported);
  EXPECT_EQ(parse_server_key_exchange(annotated_hex("01 00"), kEcdheRsa, TlsVersion::tls1_2).error(),
            (ParseError{ParseErrorCode::unsupported, 1, "curve_type"}));
}

TEST(CertificateVerify, HasASchemeSinceTls12) {
  const Octets tls12 = annotated_hex("08 04 00 02 AA BB");
  const Octets tls10 = annotated_hex("00 02 AA BB");
  EXPECT_EQ(parse_certificate_verify(tls12, TlsVersion::tls1_2)->signature_scheme, SignatureScheme{0x0804});
  EXPECT_EQ(parse_certificate_verify(tls10, TlsVersion::tls1_0)->signature_scheme, std::nullopt);
  EXPECT_EQ(parse_certificate_verify(tls12, TlsVersion::none)->signature_scheme, SignatureScheme{0x0804});
  EXPECT_EQ(parse_certificate_verify(tls10, TlsVersion::none)->signature.size(), 2U);
  EXPECT_FALSE(parse_certificate_verify(annotated_hex("08 04 00 00"), TlsVersion::tls1_2));
  expect_whole_only("TLS 1.2", tls12, [](Bytes body) { return parse_certificate_verify(body, TlsVersion::tls1_2); });
  expect_whole_only("SSL 3.0", tls10, [](Bytes body) { return parse_certificate_verify(body, TlsVersion::ssl3); });
}

TEST(NewSessionTicket, HasALifetimeAndATicket) {
  const Octets octets = annotated_hex("00 00 1C 20 00 03 AA BB CC");
  const auto ticket = parse_new_session_ticket(octets);
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->ticket_lifetime_hint, 7200U);
  EXPECT_EQ(ticket->ticket.size(), 3U);
  expect_whole_only("NewSessionTicket", octets, parse_new_session_ticket);
}

TEST(HelloVerifyRequest, HasAVersionAndACookie) {
  const Octets octets = annotated_hex("FE FF 02 AA BB");
  const auto request = parse_hello_verify_request(octets);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->server_version, 0xFEFF);
  EXPECT_EQ(request->cookie.size(), 2U);
  expect_whole_only("HelloVerifyRequest", octets, parse_hello_verify_request);
}

}  // namespace
}  // namespace sealtrace
