// Which scheme an authentication header field uses, and whether it carries a credential (RFC 3261 section 22, [MS-SIPAE]). No value
// of one leaves these functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/application_facts.hpp"

namespace sealtrace {

/// SipAuthenticationSchemes is a set of them.
class SipAuthenticationSchemes {
 public:
  void add(AuthenticationScheme scheme) { bits_ |= 1U << static_cast<unsigned>(scheme); }
  [[nodiscard]] bool has(AuthenticationScheme scheme) const { return (bits_ >> static_cast<unsigned>(scheme) & 1U) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }

 private:
  std::uint32_t bits_ = 0;
};
static_assert(kAuthenticationSchemeNames.size() <= 32);

/// sip_authentication_scheme reads the scheme of a challenge or of credentials. Negotiate is told apart by the token it carries.
AuthenticationScheme sip_authentication_scheme(std::string_view value);

/// carries_sip_credential tells whether the value of Authorization or Proxy-Authorization proves something: a response or signature, a
/// token, a user and password. The empty ones that open an exchange (`gssapi-data=""`, `response=""` of RFC 3310) do not.
bool carries_sip_credential(std::string_view value);

}  // namespace sealtrace
