#include "dissectors/ldap/ldap_parse.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "dissectors/ldap/ldap_credentials.hpp"
#include "dissectors/ldap/ldap_messages.hpp"
#include "dissectors/ldap/ldap_security_layer.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

constexpr std::string_view kSearchOfActiveDirectory = R"(
  30 84 00 00 00 2D        # LDAPMessage
    02 01 01               # messageID
    63 84 00 00 00 24      # searchRequest
      04 00                # baseObject
      0A 01 00 0A 01 00    # scope baseObject, derefAliases never
      02 01 00 02 01 00    # sizeLimit, timeLimit
      01 01 00             # typesOnly
      87 0B 6F 62 6A 65 63 74 63 6C 61 73 73  # filter present: objectclass
      30 84 00 00 00 00    # attributes
)";

TEST(LdapHead, IsReadWithLongLengths) {
  const auto octets = annotated_hex(kSearchOfActiveDirectory);
  const auto head = parse_ldap_head(octets);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->message_id, 1);
  EXPECT_EQ(head->operation, LdapOperation::search_request);
  EXPECT_EQ(head->message_bytes, octets.size());
  EXPECT_EQ(head->operation_offset, 15U);
  EXPECT_EQ(head->operation_bytes, 0x24U);
}

TEST(LdapHead, ACutHeadIsNeverWhole) {
  const auto octets = annotated_hex(kSearchOfActiveDirectory);
  constexpr std::size_t kHeadBytes = 16;  // with the identifier of baseObject
  for (std::size_t length = 0; length < kHeadBytes; ++length) {
    const auto head = parse_ldap_head(Bytes{octets}.first(length));
    ASSERT_FALSE(head) << length;
    EXPECT_EQ(head.error().code, ParseErrorCode::need_more) << length;
  }
  EXPECT_TRUE(parse_ldap_head(Bytes{octets}.first(kHeadBytes)));
}

struct UnreadableHead {
  std::string_view name;
  std::string_view octets;
  ParseError error;
};
void PrintTo(const UnreadableHead& each, std::ostream* out) { *out << each.name; }
std::string name_of(const ::testing::TestParamInfo<UnreadableHead>& info) { return std::string{info.param.name}; }

class LdapHeadUnreadable : public ::testing::TestWithParam<UnreadableHead> {};
TEST_P(LdapHeadUnreadable, SaysWhereAndWhy) {
  const auto octets = annotated_hex(GetParam().octets);
  const auto head = parse_ldap_head(octets);
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error(), GetParam().error);
}
INSTANTIATE_TEST_SUITE_P(
    Table, LdapHeadUnreadable,
    ::testing::Values(
        UnreadableHead{"NoSequence", "31 05 02 01 01 42 00", {ParseErrorCode::malformed, 2, "LDAPMessage"}},
        UnreadableHead{"IndefiniteLength", "30 80 02 01 01", {ParseErrorCode::malformed, 2, "LDAPMessage"}},
        UnreadableHead{"AHugeMessage", "30 84 7F FF FF FF 02", {ParseErrorCode::unsupported, 6, "LDAPMessage"}},
        UnreadableHead{"SnmpHasAnOctetStringHere", "30 26 02 01 01 04 06", {ParseErrorCode::unsupported, 7, "protocolOp"}},
        UnreadableHead{"ANegativeMessageId", "30 05 02 01 FF 42 00", {ParseErrorCode::malformed, 5, "messageID"}},
        UnreadableHead{"AMessageIdOfFiveOctets", "30 09 02 05 01 00 00 00 00 42 00", {ParseErrorCode::malformed, 4, "messageID"}},
        UnreadableHead{"AnOperationLongerThanItsMessage", "30 07 02 01 01 60 07 02 01", {ParseErrorCode::malformed, 7, "protocolOp"}},
        UnreadableHead{"OneOctetBehindTheOperation", "30 08 02 01 01 60 02 02 01 A0", {ParseErrorCode::malformed, 7, "controls"}},
        UnreadableHead{"AnUnbindWithContent", "30 06 02 01 01 42 01 00", {ParseErrorCode::malformed, 7, "protocolOp"}},
        UnreadableHead{"NoControlsBehindAnUnbind", "30 07 02 01 01 42 00 30 00", {ParseErrorCode::malformed, 8, "controls"}},
        UnreadableHead{"ABindWithoutAVersion", "30 07 02 01 01 60 02 04 00", {ParseErrorCode::malformed, 8, "protocolOp"}}),
    name_of);

TEST(LdapBind, TellsPasswordsFromTheirAbsence) {
  const auto credential = [](const std::string& authentication) -> std::optional<AuthenticationScheme> {
    const std::string operation = bind_operation(authentication);
    const auto request = parse_ldap_bind_request(as_bytes(operation).subspan(2));
    EXPECT_TRUE(request);
    return request ? ldap_credential(*request) : std::nullopt;
  };
  const std::string kerberos_ticket{kKerberosMechanism.begin(), kKerberosMechanism.end()};
  using enum AuthenticationScheme;
  EXPECT_EQ(credential(simple("secret")), ldap_simple);
  EXPECT_EQ(credential(simple("")), std::nullopt) << "anonymous or unauthenticated";
  EXPECT_EQ(credential(sasl("PLAIN", octets("\0a\0b"))), sasl_plain);
  EXPECT_EQ(credential(sasl("EXTERNAL")), sasl_external);
  EXPECT_EQ(credential(sasl("DIGEST-MD5")), std::nullopt) << "the server speaks first";
  EXPECT_EQ(credential(sasl("DIGEST-MD5", "username")), sasl_digest_md5);
  EXPECT_EQ(credential(sasl("GSSAPI", kerberos_ticket + octets("\x01\x00"))), sasl_gssapi);
  EXPECT_EQ(credential(sasl("GSS-SPNEGO", "x" + kerberos_ticket + "y" + kerberos_ticket + octets("\x01\x00"))), kerberos);
  EXPECT_EQ(credential(sasl("GSS-SPNEGO", "x" + kerberos_ticket)), negotiate) << "offered, no ticket";
  EXPECT_EQ(credential(sasl("GSS-SPNEGO", octets("x"
                                                 "NTLMSSP\0\x01\0\0\0"))),
            std::nullopt)
      << "NEGOTIATE_MESSAGE";
  EXPECT_EQ(credential(sasl("GSS-SPNEGO", octets("x"
                                                 "NTLMSSP\0\x03\0\0\0"))),
            ntlm);
  EXPECT_EQ(credential(ber(0x8A, octets("NTLMSSP\0\x01\0\0\0"))), std::nullopt) << "sicilyNegotiate";
  EXPECT_EQ(credential(ber(0x8B, octets("NTLMSSP\0\x03\0\0\0"))), ntlm) << "sicilyResponse";
  EXPECT_EQ(credential(ber(0xA5, "")), other) << "no choice that is known";
}

TEST(LdapBind, EveryCutIsMalformedAndOfACutDatagramTruncated) {
  const std::string operation = bind_operation(sasl("PLAIN", "secret")).substr(2);
  for (std::size_t length = 0; length < operation.size(); ++length) {
    const std::string cut = operation.substr(0, length);
    const auto whole = parse_ldap_bind_request(as_bytes(cut));
    ASSERT_FALSE(whole) << length;
    EXPECT_EQ(whole.error().code, ParseErrorCode::malformed) << length;
  }
  EXPECT_EQ(parse_ldap_bind_request(as_bytes("\x02"), ParseErrorCode::truncated).error().code, ParseErrorCode::truncated);
}

TEST(LdapResult, ReadsCodeAndName) {
  const std::string response = result(0x78, 0, ber(0xA3, ber(0x04, "ldap://a")) + ber(0x8A, kLdapStartTls)).substr(2);
  const auto read = parse_ldap_result(as_bytes(response));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->result_code, LdapResultCode::success);
  EXPECT_EQ(read->response_name, kLdapStartTls);
}

TEST(LdapBuffer, SaysWhatItsTokenProves) {
  const auto layer = [](const std::string& token) {
    const std::string octets = buffer(token);
    const auto read = parse_ldap_buffer(as_bytes(octets));
    EXPECT_TRUE(read);
    return read ? read->layer : LdapLayer::opaque;
  };
  const std::string message = ldap_message(2, search_operation());
  const std::string old_wrap = octets("\x60\x82\x01\x00\x06\x09\x2A\x86\x48\x86\xF7\x12\x01\x02\x02\x02\x01\x11\x00");
  EXPECT_EQ(layer(wrap_token('\x02')), LdapLayer::sealed);
  EXPECT_EQ(layer(wrap_token('\x07')), LdapLayer::sealed);
  EXPECT_EQ(layer(wrap_token('\x05')), LdapLayer::readable) << "RFC 4121 section 4.2.2: not sealed";
  EXPECT_EQ(layer(wrap_token('\x08')), LdapLayer::opaque) << "no such flag";
  EXPECT_EQ(layer(old_wrap + octets("\x10\x00\xFF\xFF") + std::string(100, 'x')), LdapLayer::sealed) << "RC4";
  EXPECT_EQ(layer(old_wrap + octets("\xFF\xFF\xFF\xFF") + std::string(100, 'x')), LdapLayer::readable) << "SEAL_ALG none";
  EXPECT_EQ(layer(octets("\x01\0\0\0") + std::string(12, 'x') + message), LdapLayer::readable) << "NTLM signs";
  EXPECT_EQ(layer(octets("\x01\0\0\0") + std::string(12, 'x') + std::string(40, '\xE7')), LdapLayer::token) << "NTLM cannot tell";
  EXPECT_EQ(layer(message + std::string(16, 'x')), LdapLayer::readable) << "DIGEST-MD5 auth-int";
  EXPECT_EQ(layer(message), LdapLayer::opaque) << "no room for a signature";
  EXPECT_EQ(layer(std::string(80, '\xE7')), LdapLayer::opaque);
  EXPECT_EQ(layer("x"), LdapLayer::opaque);
}

TEST(LdapBuffer, HasBounds) {
  EXPECT_EQ(parse_ldap_buffer(annotated_hex("00 00 00 00")).error().code, ParseErrorCode::malformed);
  EXPECT_EQ(parse_ldap_buffer(annotated_hex("01 00 00 00")).error().code, ParseErrorCode::malformed);
  const std::string whole = buffer(wrap_token('\x02'));
  for (std::size_t length = 0; length < 4 + 64; ++length) {
    const auto cut = parse_ldap_buffer(as_bytes(whole).first(length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, ParseErrorCode::need_more);
  }
}

}  // namespace
}  // namespace sealtrace
