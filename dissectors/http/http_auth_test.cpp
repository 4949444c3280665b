#include "dissectors/http/http_auth.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <ostream>
#include <string>

#include "proto/gss_token.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using enum AuthenticationScheme;

std::string base64(std::string_view annotated) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  std::uint32_t bits = 0;
  unsigned num_bits = 0;
  for (const std::uint8_t octet : annotated_hex(annotated)) {
    bits = bits << 8 | octet;
    for (num_bits += 8; num_bits >= 6;) text += kDigits[bits >> (num_bits -= 6) & 63U];
  }
  if (num_bits != 0) text += kDigits[bits << (6 - num_bits) & 63U];
  return text;
}

constexpr std::string_view kNtlmMessage = "4e544c4d53535000 01000000 97b208e2";
constexpr std::string_view kKerberosToken = R"(60 82 05 00             # [APPLICATION 0]
  06 09 2a 86 48 86 f7 12 01 02 02  # 1.2.840.113554.1.2.2
  01 00                             # KRB_AP_REQ
  6e 82 04 f0)";
/// spnego is a NegTokenInit whose first mechanism is this one.
std::string spnego(std::string_view mechanism) {
  return R"(60 82 06 1f 06 06 2b 06 01 05 05 02  # SPNEGO
    a0 82 06 13 30 82 06 0f                        # [0] NegTokenInit
    a0 30 30 2e                                    # [0] MechTypeList
    )" + std::string{mechanism} +
         "\n06 0a 2b 06 01 04 01 82 37 02 02 1e a2 82 05 d9 04 82 05 d5";
}
constexpr std::string_view kKerberos = "06 09 2a 86 48 86 f7 12 01 02 02";
constexpr std::string_view kMicrosoftKerberos = "06 09 2a 86 48 82 f7 12 01 02 02";
constexpr std::string_view kNtlm = "06 0a 2b 06 01 04 01 82 37 02 02 0a";
constexpr std::string_view kNegoex = "06 0a 2b 06 01 04 01 82 37 02 02 1e";

struct Credential {
  std::string_view name;
  std::string value;
  AuthenticationScheme expected{};
};
void PrintTo(const Credential& credential, std::ostream* out) { *out << credential.name; }

class HttpCredential : public testing::TestWithParam<Credential> {};
TEST_P(HttpCredential, HasItsScheme) { EXPECT_EQ(http_credential_scheme(GetParam().value), GetParam().expected); }
INSTANTIATE_TEST_SUITE_P(
    Table, HttpCredential,
    testing::Values(Credential{"Basic", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", basic}, Credential{"InAnyCase", "bAsIc QWxhZGRpbg==", basic},
                    Credential{"Digest", "Digest username=\"Mufasa\", realm=\"x\"", digest},
                    Credential{"Bearer", "Bearer mF_9.B5f-4.1JqM", bearer}, Credential{"TlsDsk", "TLS-DSK qop=\"auth\"", tls_dsk},
                    Credential{"Ntlm", "NTLM " + base64(kNtlmMessage), ntlm},
                    Credential{"NtlmBehindNegotiate", "Negotiate " + base64(kNtlmMessage), ntlm},
                    Credential{"KerberosBehindNegotiate", "Negotiate " + base64(kKerberosToken), kerberos},
                    Credential{"SpnegoPrefersKerberos", "Negotiate " + base64(spnego(kKerberos)), kerberos},
                    Credential{"SpnegoPrefersKerberosOfMicrosoft", "Negotiate " + base64(spnego(kMicrosoftKerberos)), kerberos},
                    Credential{"SpnegoPrefersNtlm", "Negotiate " + base64(spnego(kNtlm)), ntlm},
                    Credential{"SpnegoPrefersAnother", "Negotiate " + base64(spnego(kNegoex)), negotiate},
                    Credential{"SpnegoAnswerWithNtlm",
                               "Negotiate " + base64("a1 81 90 30 81 8d a0 03 0a 01 01 a2 81 85 04 81 82 4e544c4d53535000"), ntlm},
                    Credential{"SpnegoAnswerNamesKerberos",
                               "Negotiate " + base64("a1 14 30 12 a0 03 0a 01 00 a1 0b " + std::string{kMicrosoftKerberos}), kerberos},
                    Credential{"NoToken", "Negotiate", negotiate}, Credential{"NoBase64", "Negotiate ****", negotiate},
                    Credential{"TokenOfZeros", "Negotiate AAAAAAAA", negotiate}, Credential{"NewScheme", "HOBA result=\"x\"", other},
                    Credential{"Empty", "", other}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(HttpCredentialCuts, ACutTokenNeverShowsAnotherMechanism) {
  const std::string whole = base64(spnego(kKerberos));
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const AuthenticationScheme scheme = negotiated_scheme(whole.substr(0, length));
    EXPECT_TRUE(scheme == negotiate || scheme == kerberos) << length;
    if (length < 42) {
      EXPECT_EQ(scheme, negotiate) << length;
    }
  }
}

struct Challenge {
  std::string_view name;
  std::string value;
  SchemeSet expected = 0;
};
void PrintTo(const Challenge& challenge, std::ostream* out) { *out << challenge.name; }

class HttpChallenge : public testing::TestWithParam<Challenge> {};
TEST_P(HttpChallenge, ListsItsSchemes) { EXPECT_EQ(http_challenge_schemes(GetParam().value), GetParam().expected); }
INSTANTIATE_TEST_SUITE_P(
    Table, HttpChallenge,
    testing::Values(
        Challenge{"One", "Basic realm=\"simple\"", scheme_bit(basic)}, Challenge{"WithoutParameters", "NTLM", scheme_bit(ntlm)},
        Challenge{"ParametersAreNone", "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5", scheme_bit(digest)},
        Challenge{"SeveralInOneField", "Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\", Basic\", Basic realm=\"simple\"",
                  scheme_bit(other) | scheme_bit(basic)},
        Challenge{"ListOfNames", "Negotiate, NTLM , Basic realm=x", scheme_bit(negotiate) | scheme_bit(ntlm) | scheme_bit(basic)},
        Challenge{"SpacesAroundEquals", "Basic realm = \"x\", charset = UTF-8", scheme_bit(basic)},
        Challenge{"AStepOfNtlm", "Negotiate " + base64(kNtlmMessage), scheme_bit(ntlm)},
        Challenge{"UnendingQuote", "Basic realm=\"x, NTLM", scheme_bit(basic)},
        Challenge{"EmptyElements", ", ,Bearer,", scheme_bit(bearer)}, Challenge{"Empty", "", 0}),
    [](const auto& param) { return std::string{param.param.name}; });

}  // namespace
}  // namespace sealtrace
