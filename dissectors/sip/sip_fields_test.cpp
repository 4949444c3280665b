#include "dissectors/sip/sip_fields.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dissectors/sip/sip_authentication.hpp"

namespace sealtrace {
namespace {

TEST(SipList, CommasSeparateOutsideQuotesBracketsAndComments) {
  struct Case {
    std::string_view value;
    std::vector<std::string_view> elements;
  };
  const Case cases[] = {
      {"a, b ,c", {"a", "b", "c"}},
      {R"("Bob, \"the, one\"" <sip:a,b@c>, d)", {R"("Bob, \"the, one\"" <sip:a,b@c>)", "d"}},
      {"a (one, (two, three), \\), four), b", {"a (one, (two, three), \\), four)", "b"}},
      {"\"never closed, a", {"\"never closed, a"}},
      {"<never closed, a", {"<never closed, a"}},
      {"\"ends in an escape\\", {"\"ends in an escape\\"}},
      {",,a", {"", "", "a"}},
  };
  for (const Case& c : cases) {
    std::vector<std::string_view> elements;
    for (std::string_view rest = c.value; !rest.empty();) elements.push_back(next_sip_element(rest));
    EXPECT_EQ(elements, c.elements) << c.value;
  }
}

TEST(SipUri, TellsTheHostAndNeverTheUser) {
  struct Case {
    std::string_view uri;
    std::string_view host;
    bool sips;
    SipTransport transport;
  };
  const Case cases[] = {
      {"sip:alice@Atlanta.com", "atlanta.com", false, SipTransport::none},
      {"sips:alice:secret@atlanta.com:5061;transport=tcp?subject=a@b", "atlanta.com", true, SipTransport::tcp},
      {"SIP:atlanta.com;Transport=TLS", "atlanta.com", false, SipTransport::tls},
      {"sip:[2001:DB8::10]:5070;lr", "2001:db8::10", false, SipTransport::none},
      {"sip:user@[::ffff:192.0.2.10]", "::ffff:192.0.2.10", false, SipTransport::none},
      {"sip:+1-212;phone-context=a.com@b.com;user=phone", "b.com", false, SipTransport::none},
      {"sip:user%40secret@host.example.", "host.example", false, SipTransport::none},
      {"sip:a@host;transport=dccp", "host", false, SipTransport::other},
      {"sip:a@host;maddr=1.2.3.4;transport=ws;lr", "host", false, SipTransport::ws},
      {"sip:two@ats@host", "", false, SipTransport::none},
      {"sip:a@ho st", "ho", false, SipTransport::none},
      {"sip:a@ho<st", "", false, SipTransport::none},
      {"sip:a@[::1", "", false, SipTransport::none},
      {"sip:a@[secret]", "", false, SipTransport::none},
      {"sip:a@", "", false, SipTransport::none},
      {"tel:+1-212-555-1234;phone-context=example.com", "", false, SipTransport::none},
      {"urn:service:sos", "", false, SipTransport::none},
      {"", "", false, SipTransport::none},
      {"*", "", false, SipTransport::none},
  };
  for (const Case& c : cases) {
    const SipUri uri = parse_sip_uri(c.uri);
    EXPECT_EQ(SipName::of_host(uri.host).text(), c.host) << c.uri;
    EXPECT_EQ(uri.sips, c.sips) << c.uri;
    EXPECT_EQ(uri.transport, c.transport) << c.uri;
  }
  EXPECT_EQ(parse_sip_uri("sip:a@" + std::string(256, 'h')).host, "");
}

TEST(SipAddress, IsFoundBehindADisplayName) {
  struct Case {
    std::string_view element;
    std::string_view uri;
  };
  const Case cases[] = {
      {"Bob <sip:bob@biloxi.com>;tag=1", "sip:bob@biloxi.com"},
      {R"("<sip:not@this.one>; \"" <sip:bob@biloxi.com>)", "sip:bob@biloxi.com"},
      {"sip:bob@biloxi.com;tag=a@b", "sip:bob@biloxi.com"},
      {"< sip:bob@biloxi.com;lr >", "sip:bob@biloxi.com;lr"},
      {"<sip:bob@biloxi.com", "sip:bob@biloxi.com"},
      {"*", "*"},
  };
  for (const Case& c : cases) EXPECT_EQ(sip_uri_of(c.element), c.uri) << c.element;
}

TEST(SipVia, IsReadWithWhiteSpaceAndWithout) {
  struct Case {
    std::string_view element;
    SipTransport transport;
    std::string_view host;
  };
  const Case cases[] = {
      {"SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds", SipTransport::udp, "pc33.atlanta.com"},
      {"SIP / 2.0\r\n / TLS\r\n 192.0.2.2:5061 ;branch=390skdjuw", SipTransport::tls, "192.0.2.2"},
      {"SIP/2.0/TCP [2001:db8::9:1]:5060", SipTransport::tcp, "2001:db8::9:1"},
      {"sip/2.0/wss df7jal23ls0d.invalid;branch=z9hG4bK56sdasks", SipTransport::wss, "df7jal23ls0d.invalid"},
      {"SIP/2.0/TLS-SCTP a", SipTransport::tls, "a"},
      {"SIP/2.0/UNKNOWN host (a comment, with a comma)", SipTransport::other, "host"},
  };
  for (const Case& c : cases) {
    const auto hop = parse_sip_via(c.element);
    ASSERT_TRUE(hop) << c.element;
    EXPECT_EQ(hop->transport, c.transport) << c.element;
    EXPECT_EQ(hop->host, c.host) << c.element;
  }
  for (const std::string_view none : {"", "SIP", "SIP/2.0/UDP", "HTTP/1.1 proxy", "SIP/2.0/"}) EXPECT_FALSE(parse_sip_via(none)) << none;
}

TEST(SipAuthentication, NamesTheSchemeAndWhetherItProvesSomething) {
  using enum AuthenticationScheme;
  struct Case {
    std::string_view value;
    AuthenticationScheme scheme;
    bool credential;
  };
  const Case cases[] = {
      {R"(Digest username="bob", realm="biloxi.com", nonce="dcd98b", uri="sip:bob@biloxi.com", response="245f23415f11432b3434341c022")",
       digest, true},
      {R"(digest username="bob@ims.example",realm="ims.example",nonce="",uri="sip:ims.example",response="")", digest, false},
      {R"(Digest realm="a, response=\"x\"", nonce="1")", digest, false},
      {R"(NTLM qop="auth", realm="SIP Communications Service", targetname="fe01.contoso.com", gssapi-data="")", ntlm, false},
      {R"(NTLM qop="auth", opaque="A", realm="r", targetname="t", gssapi-data="TlRMTVNTUAADAAAAGAAYAH")", ntlm, true},
      {R"(NTLM qop="auth", opaque="A", crand="1", cnum="2", response="0100000062")", ntlm, true},
      {R"(Kerberos qop="auth", realm="r", targetname="sip/fe01.contoso.com", gssapi-data="YIIEvg")", kerberos, true},
      {R"(TLS-DSK qop="auth", opaque="B", realm="r", targetname="t", gssapi-data="FgMBAE4BAABK")", tls_dsk, true},
      {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", basic, true},
      {"Digest abcdef", digest, false},
      {"Bearer eyJhbGciOiJSUzI1NiJ9.e30.x", bearer, true},
      {"Negotiate TlRMTVNTUAABAAAA", ntlm, true},
      {"Negotiate YIIBMAYGKwYBBQUCoIIBJDCCASCgGjAYBgkqhkiC9xIBAgIGCSqGSIb3EgECAg==", kerberos, true},
      {"Negotiate YEgGBisGAQUFAqA+MDygDjAMBgorBgEEAYI3AgIKoioEKE5UTE1TU1AAAQAAAA==", ntlm, true},
      {"Negotiate", negotiate, false},
      {R"(Negotiate gssapi-data="")", negotiate, false},
      {"Unheard-Of realm=x", other, false},
      {"", other, false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(sip_authentication_scheme(c.value), c.scheme) << c.value;
    EXPECT_EQ(carries_sip_credential(c.value), c.credential) << c.value;
  }
}

TEST(SipFields, LongAndHostileValuesEnd) {
  for (const char c : {'"', '(', '<', '\\', ',', ';', '@', ':', '[', '/', '='}) {
    const std::string flood(60'000, c);
    for (std::string_view rest = flood; !rest.empty();) next_sip_element(rest);
    EXPECT_LE(parse_sip_uri("sip:" + flood).host.size(), kMaxHostBytes);
    EXPECT_TRUE(sip_uri_of(flood).size() <= flood.size());
    parse_sip_via("SIP/2.0/UDP " + flood);
    sip_authentication_scheme(flood);
    carries_sip_credential("Digest " + flood);
    sip_parameter(flood, "boundary");
  }
}

}  // namespace
}  // namespace sealtrace
