#include "proto/sasl_mechanism.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

using enum AuthenticationScheme;

constexpr std::array<std::pair<std::string_view, AuthenticationScheme>, 14> kMechanisms{{{"PLAIN", sasl_plain},
                                                                                         {"LOGIN", sasl_login},
                                                                                         {"DIGEST-MD5", sasl_digest_md5},
                                                                                         {"CRAM-MD5", sasl_cram_md5},
                                                                                         {"EXTERNAL", sasl_external},
                                                                                         {"ANONYMOUS", sasl_anonymous},
                                                                                         {"GSSAPI", sasl_gssapi},
                                                                                         {"GS2-KRB5", sasl_gssapi},
                                                                                         {"GS2-KRB5-PLUS", sasl_gssapi},
                                                                                         {"GSS-SPNEGO", negotiate},
                                                                                         {"NTLM", ntlm},
                                                                                         {"OAUTHBEARER", bearer},
                                                                                         {"XOAUTH2", bearer},
                                                                                         {"X-OAUTH2", bearer}}};
constexpr std::string_view kScramPrefix = "SCRAM-";  // RFC 5802 section 4: the hash function's name follows

}  // namespace

AuthenticationScheme sasl_scheme(std::string_view mechanism) {
  if (same_word(mechanism.substr(0, kScramPrefix.size()), kScramPrefix)) return sasl_scram;
  const auto* known = std::ranges::find_if(kMechanisms, [&](const auto& entry) { return same_word(entry.first, mechanism); });
  return known == kMechanisms.end() ? other : known->second;
}

bool sasl_server_begins(AuthenticationScheme scheme) {
  return scheme == sasl_digest_md5 || scheme == sasl_cram_md5 || scheme == sasl_login;
}

}  // namespace sealtrace
