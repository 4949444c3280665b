#include "proto/gss_token.hpp"

#include <gtest/gtest.h>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using Schemes = std::vector<AuthenticationScheme>;

// SPNEGO's NegTokenInit of an SMB client that has NTLM alone
const auto kNtlmInit = annotated_hex(R"(
604806062b0601050502 a03e 303c a00e 300c 060a2b06010401823702020a      # SPNEGO, mechTypes: NTLM
a22a 0428 4e544c4d53535000 01000000 15820862 0000000028000000 0000000028000000 060100000000000f)");
const auto kNtlmAuthenticate = annotated_hex("4e544c4d53535000 03000000 18001800 58000000 c800c800 70000000");
const auto kNtlmAnonymous = annotated_hex("4e544c4d53535000 03000000 01000100 58000000 00000000 59000000");
// RFC 4121 section 4.1: the mechanism, the token identifier, AP-REQ
const auto kApReq = annotated_hex("6082 0500 06092a864886f712010202 0100 6e82 04f0 3082");
const auto kKerberosOffer = annotated_hex("6028 06062b0601050502 a01e 301c a01a 3018 06092a864882f71201020206092a864886f712010202");

TEST(GssToken, OnlyAProofIsACredential) {
  EXPECT_EQ(gss_credential(kNtlmAuthenticate), AuthenticationScheme::ntlm);
  EXPECT_EQ(gss_credential(kApReq), AuthenticationScheme::kerberos);
  EXPECT_EQ(gss_credential(kNtlmInit), std::nullopt);
  EXPECT_EQ(gss_credential(kNtlmAnonymous), std::nullopt);
  EXPECT_EQ(gss_credential(kKerberosOffer), std::nullopt);
  EXPECT_EQ(gss_credential({}), std::nullopt);
}

TEST(GssToken, MechanismsAreNamedOnce) {
  EXPECT_EQ(gss_mechanisms(kNtlmInit), Schemes{AuthenticationScheme::ntlm});
  EXPECT_EQ(gss_mechanisms(kKerberosOffer), Schemes{AuthenticationScheme::kerberos});
  EXPECT_EQ(gss_mechanisms(annotated_hex("600a 06062b0601050502")), Schemes{AuthenticationScheme::negotiate});
  EXPECT_EQ(gss_mechanisms(annotated_hex("0102030405")), Schemes{});
}

TEST(GssToken, ACutProofIsNone) {
  for (std::size_t length = 0; length < 22; ++length)
    EXPECT_EQ(gss_credential(Bytes{kNtlmAuthenticate}.first(length)), std::nullopt) << length;
  for (std::size_t length = 0; length < 18; ++length) EXPECT_EQ(gss_credential(Bytes{kApReq}.first(length)), std::nullopt) << length;
}

}  // namespace
}  // namespace sealtrace
