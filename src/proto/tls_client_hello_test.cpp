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

constexpr std::string_view kFixedPart = R"(
    03 03                                            # legacy_version
    00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F  # random
    10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F
    04 AA BB CC DD                                   # legacy_session_id
)";
constexpr std::string_view kListsPart = R"(
    00 08 1A 1A 13 01 00 FF 56 00                    # cipher_suites: GREASE, AES-128-GCM, two signalling values
    02 01 00                                         # legacy_compression_methods: DEFLATE, null
)";
constexpr std::string_view kExtensions = R"(
    00 7E                                            # extensions
      0000 0010 000E 00 000B 45 78 61 4D 70 4C 65 2E 6F 72 67  # server_name: ExaMpLe.org
      000A 0006 0004 001D 0017                       # supported_groups: x25519, secp256r1
      000B 0002 01 00                                # ec_point_formats: uncompressed
      000D 0006 0004 0403 0804                       # signature_algorithms
      000E 0009 0004 0001 0007 02 CA FE              # use_srtp: two profiles, an MKI
      0010 000E 000C 02 68 32 08 68 74 74 70 2F 31 2E 31  # application_layer_protocol_negotiation: h2, http/1.1
      0017 0000                                      # extended_master_secret
      0023 0003 01 02 03                             # session_ticket
      002A 0000                                      # early_data
      002B 0005 04 0304 0303                         # supported_versions
      0031 0000                                      # post_handshake_auth
      FE0D 0001 00                                   # encrypted_client_hello
      FF01 0001 00                                   # renegotiation_info
)";
constexpr std::string_view kPreSharedKey = R"(
      0029 000F                                      # pre_shared_key
        0008 0002 AB CD 00000001                     # identities: one, and its obfuscated_ticket_age
        0003 02 99 99                                # binders
)";

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) all.append(part);
  return all;
}

/// whole_hello has every extension that is read; the length of the list is put right.
Octets whole_hello() {
  Octets octets = annotated_hex(joined({kFixedPart, kListsPart, kExtensions, kPreSharedKey}));
  const std::size_t at = annotated_hex(joined({kFixedPart, kListsPart})).size();
  const std::size_t length = octets.size() - at - 2;
  octets[at] = static_cast<std::uint8_t>(length >> 8);
  octets[at + 1] = static_cast<std::uint8_t>(length);
  return octets;
}

template <typename List>
std::vector<std::uint16_t> numbers(const List& list) {
  return {list.begin(), list.end()};
}

TEST(ClientHello, ReadsEveryFieldThatFactsNeed) {
  const Octets octets = whole_hello();
  const auto hello = parse_client_hello(octets, HelloFormat::tls);
  ASSERT_TRUE(hello) << hello.error().field << " at " << hello.error().offset;
  EXPECT_EQ(hello->legacy_version, 0x0303);
  EXPECT_EQ(hello->random.size(), 32U);
  EXPECT_EQ(Octets(hello->session_id.begin(), hello->session_id.end()), (Octets{0xAA, 0xBB, 0xCC, 0xDD}));
  EXPECT_EQ(numbers(hello->cipher_suites), (std::vector<std::uint16_t>{0x1A1A, 0x1301, 0x00FF, 0x5600}));
  EXPECT_EQ(hello->server_name, "ExaMpLe.org");
  EXPECT_EQ(numbers(hello->supported_groups), (std::vector<std::uint16_t>{0x001D, 0x0017}));
  EXPECT_EQ(hello->ec_point_formats.size(), 1U);
  EXPECT_EQ(numbers(hello->signature_algorithms), (std::vector<std::uint16_t>{0x0403, 0x0804}));
  EXPECT_EQ(numbers(hello->use_srtp), (std::vector<std::uint16_t>{1, 7}));
  EXPECT_EQ(hello->alpn.size(), 2U);
  EXPECT_EQ(numbers(hello->supported_versions), (std::vector<std::uint16_t>{0x0304, 0x0303}));
  ASSERT_TRUE(hello->session_ticket);
  EXPECT_EQ(hello->session_ticket->size(), 3U);
  ASSERT_TRUE(hello->psk_identity);
  EXPECT_EQ(Octets(hello->psk_identity->begin(), hello->psk_identity->end()), (Octets{0xAB, 0xCD}));
  EXPECT_TRUE(hello->pre_shared_key && hello->early_data && hello->post_handshake_auth && hello->extended_master_secret &&
              hello->renegotiation_info && hello->encrypted_client_hello);
  EXPECT_FALSE(hello->unreadable_extension);
}

TEST(ClientHello, ACutHelloIsNeverWhole) {
  const Octets octets = whole_hello();
  // Without extensions the hello of SSL 3.0 ends behind the compression methods, and one octet more says nothing.
  const std::size_t end_of_ssl3 = annotated_hex(joined({kFixedPart, kListsPart})).size();
  for (std::size_t length = 0; length < octets.size(); ++length) {
    const auto cut = parse_client_hello(Bytes{octets}.first(length), HelloFormat::tls);
    if (length == end_of_ssl3 || length == end_of_ssl3 + 1) {
      ASSERT_TRUE(cut) << length;
      EXPECT_TRUE(cut->extensions.empty());
      continue;
    }
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::malformed) << length;
    EXPECT_LE(cut.error().offset, length);
  }
}

TEST(ClientHello, OctetsBehindTheExtensionsAreIgnored) {
  Octets octets = whole_hello();
  octets.push_back(0xFF);
  EXPECT_TRUE(parse_client_hello(octets, HelloFormat::tls));
}

TEST(ClientHello, DtlsPutsACookieBehindTheSessionId) {
  const Octets octets = annotated_hex(joined({kFixedPart, "02 C0 0C", kListsPart}));
  const auto hello = parse_client_hello(octets, HelloFormat::dtls);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->cookie.size(), 2U);
  EXPECT_EQ(hello->cipher_suites.size(), 4U);
}

struct Refused {
  std::string_view name;
  std::string octets;
  ParseError error;
};

TEST(ClientHello, SaysWhereItIsMalformed) {
  const std::string fixed{kFixedPart};
  const Refused cases[] = {
      {"an odd list of suites", fixed + "00 03 13 01 00 01 00", {ParseErrorCode::malformed, 44, "cipher_suites"}},
      {"no suite", fixed + "00 00 01 00", {ParseErrorCode::malformed, 41, "cipher_suites"}},
      {"no compression method", fixed + "00 02 13 01 00", {ParseErrorCode::malformed, 44, "legacy_compression_methods"}},
      {"extensions longer than the message", fixed + "00 02 13 01 01 00 00 05 00 17 00 00", {ParseErrorCode::malformed, 47, "extensions"}},
      {"an extension longer than the list",
       fixed + "00 02 13 01 01 00 00 04 00 17 00 01",
       {ParseErrorCode::malformed, 51, "extension_data"}},
      {"an extension twice", fixed + "00 02 13 01 01 00 00 08 00 17 00 00 00 17 00 00", {ParseErrorCode::malformed, 53, "extension_type"}},
  };
  for (const Refused& c : cases) {
    const auto hello = parse_client_hello(annotated_hex(c.octets), HelloFormat::tls);
    ASSERT_FALSE(hello) << c.name;
    EXPECT_EQ(hello.error(), c.error) << c.name << ": " << hello.error().field << " at " << hello.error().offset;
  }
  Octets long_id(2 + 32, 0x03);
  long_id.push_back(33);
  long_id.resize(long_id.size() + 33);
  EXPECT_EQ(parse_client_hello(long_id, HelloFormat::tls).error().field, "legacy_session_id");
}

TEST(ClientHello, AnExtensionThatCannotBeReadHidesNothingElse) {
  const Octets octets = annotated_hex(joined({kFixedPart, kListsPart, R"(
      00 13
        0000 0004 0005 00 01            # server_name: its list is longer than it
        0017 0000                       # extended_master_secret
        002B 0003 02 03 04              # supported_versions)"}));
  const auto hello = parse_client_hello(octets, HelloFormat::tls);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->server_name, "");
  EXPECT_EQ(hello->unreadable_extension, ExtensionType::server_name);
  EXPECT_TRUE(hello->extended_master_secret);
  EXPECT_TRUE(hello->supported_versions.contains(0x0304));
}

TEST(ClientHelloFact, KeepsWhatOutlivesTheMessage) {
  const Octets octets = whole_hello();
  const auto hello = parse_client_hello(octets, HelloFormat::tls);
  ASSERT_TRUE(hello);
  const TlsClientHello fact = client_hello_fact(*hello, TlsHelloForm::tls, 0x0301, {.hash_key = 5, .keep_lists = true});
  EXPECT_EQ(fact.legacy_record_version, 0x0301);
  EXPECT_EQ(fact.server_name, "example.org");
  EXPECT_EQ(fact.alpn, (std::vector<std::string>{"h2", "http/1.1"}));
  EXPECT_NE(fact.session_id, OpaqueHash{});
  EXPECT_NE(fact.session_ticket, OpaqueHash{});
  EXPECT_NE(fact.psk_identity, OpaqueHash{});
  EXPECT_TRUE(fact.session_ticket_offered && fact.compression_offered && fact.fallback_scsv && fact.renegotiation_info);
  EXPECT_EQ(fact.cipher_suites.size(), 4U);
  EXPECT_EQ(fact.extensions.size(), 14U);
  EXPECT_EQ(fact.extensions.front(), 0);
  EXPECT_EQ(fact.supported_groups.size(), 2U);
  EXPECT_EQ(fact.signature_algorithms.size(), 2U);

  const TlsClientHello brief = client_hello_fact(*hello, TlsHelloForm::tls, 0x0301, {.hash_key = 5, .keep_lists = false});
  EXPECT_TRUE(brief.cipher_suites.empty() && brief.extensions.empty() && brief.supported_groups.empty());
  EXPECT_EQ(brief.session_id, fact.session_id);
  EXPECT_TRUE(brief.fallback_scsv);
  EXPECT_NE(client_hello_fact(*hello, TlsHelloForm::tls, 0x0301, {.hash_key = 6}).session_id, fact.session_id);
}

}  // namespace
}  // namespace sealtrace
