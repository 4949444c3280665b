// The values of SIP's header fields that name others: lists, addresses, URIs, Via (RFC 3261 sections 7.3.1, 19.1, 20, 25.1).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "model/application_facts.hpp"

namespace sealtrace {

/// kMaxHostBytes is the longest domain name (RFC 1035 section 2.3.4) with room for an IPv6 reference.
inline constexpr std::size_t kMaxHostBytes = 255;

/// next_sip_element takes the text before the first comma off `rest`, trimmed. Commas within quoted strings, angle brackets and comments
/// separate nothing (section 7.3.1, 25.1); one that is not closed ends with the value.
std::string_view next_sip_element(std::string_view& rest);

/// SipUri is what an observer may know of a URI: no user, no password, no header of it.
struct SipUri {
  bool sip = false;   ///< scheme sip or sips
  bool sips = false;  ///< scheme sips (section 19.1)
  std::string host;   ///< lower-cased, IPv6 without brackets; empty when there is none or it cannot be one
  SipTransport transport{};
};

/// parse_sip_uri reads a URI of any scheme; only sip, sips and those with a host behind an '@' give a host.
SipUri parse_sip_uri(std::string_view uri);

/// sip_uri_of gives the URI of a name-addr or addr-spec (section 20): what stands in the angle brackets behind a display name, or the text
/// before the first semicolon.
std::string_view sip_uri_of(std::string_view element);

/// parse_sip_via reads one Via value (section 20.42), white space around its slashes and all. Nothing when it does not begin with SIP.
std::optional<SipHop> parse_sip_via(std::string_view element);

/// sip_parameter gives the value of a `;name=value` parameter, its quotes taken off; nothing when it is not there. What stands before the
/// first semicolon is no parameter.
std::optional<std::string_view> sip_parameter(std::string_view value, std::string_view name);

/// sip_product_text keeps at most `max_bytes` of a text that names a product; octets that are not printable ASCII become '?'.
std::string sip_product_text(std::string_view text, std::size_t max_bytes);

}  // namespace sealtrace
