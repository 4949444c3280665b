// The values of SIP's header fields that name others: lists, addresses, URIs, Via (RFC 3261 sections 7.3.1, 19.1, 20, 25.1).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "model/application_facts.hpp"

namespace sealtrace {

/// kMaxHostBytes is the longest domain name (RFC 1035 section 2.3.4) with room for an IPv6 reference.
inline constexpr std::size_t kMaxHostBytes = 255;
/// kMaxProductBytes of User-Agent and Server are kept.
inline constexpr std::size_t kMaxProductBytes = 128;

/// next_sip_element takes the text before the first comma off `rest`, trimmed. Commas within quoted strings, angle brackets and comments
/// separate nothing (section 7.3.1, 25.1); one that is not closed ends with the value.
std::string_view next_sip_element(std::string_view& rest);

/// SipUri is what an observer may know of a URI, borrowed from it: no user, no password, no header of it.
struct SipUri {
  bool sip = false;       ///< scheme sip or sips
  bool sips = false;      ///< scheme sips (section 19.1)
  std::string_view host;  ///< as sent, at most kMaxHostBytes, IPv6 without brackets; empty when there is none or it cannot be one
  SipTransport transport{};
};

/// SipHop is one Via or Record-Route entry: what it says of the transport, and its host.
struct SipHop {
  SipTransport transport{};
  bool sips = false;      ///< Record-Route: the URI's scheme
  std::string_view host;  ///< as sent, without port
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

/// sip_tag gives the tag parameter of what begins at the bracket behind an address, or of an address without brackets.
std::optional<std::string_view> sip_tag(std::string_view value);

/// SipName is a host or a product as it is compared and told. It has room of its own, so that a name which was told costs no string.
class SipName {
 public:
  /// of_host puts a host into lower case. of_product keeps at most kMaxProductBytes; octets that are not printable ASCII become '?'.
  static SipName of_host(std::string_view host);
  static SipName of_product(std::string_view product);
  [[nodiscard]] std::string_view text() const { return {octets_.data(), num_octets_}; }

 private:
  std::size_t num_octets_ = 0;
  std::array<char, kMaxHostBytes> octets_;  // not cleared: `num_octets_` says which are set
};

}  // namespace sealtrace
