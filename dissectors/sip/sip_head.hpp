// The head of a SIP message (RFC 3261 section 7.3): what an observer may know of it, and where the message ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dissectors/sip/at_most.hpp"
#include "dissectors/sip/sip_authentication.hpp"
#include "dissectors/sip/sip_body.hpp"
#include "dissectors/sip/sip_fields.hpp"
#include "dissectors/sip/sip_start_line.hpp"
#include "model/application_facts.hpp"
#include "wire/bytes.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

/// kMaxSipBodyBytes bounds a Content-Length that is believed: presence documents of large contact lists stay below 1 MiB.
inline constexpr std::uint32_t kMaxSipBodyBytes = 8U << 20;
/// kMaxSipHops bounds the Via and Record-Route values kept of one message, each.
inline constexpr std::size_t kMaxSipHops = 16;

/// SipContentLength is what the Content-Length fields say (section 20.14): nothing, a length, or no sense: not a number, above
/// kMaxSipBodyBytes, or two that differ.
struct SipContentLength {
  bool present = false;
  bool malformed = false;
  std::uint32_t bytes = 0;
};

/// SipDialog is what tells the dialog and the transaction of a message (section 12): keyed hashes of Call-ID and the tags of From and To.
/// What names the call beyond the dialog is hashed too: the sender's half of Session-ID (RFC 7989), the icid-value of P-Charging-Vector
/// (RFC 7315).
struct SipDialog {
  OpaqueHash call_id{};
  OpaqueHash from_tag{};
  OpaqueHash to_tag{};
  std::uint32_t cseq = 0;
  OpaqueHash session_id{};
  OpaqueHash charging_id{};
};

/// SipHops are the values of Via or Record-Route, topmost first.
using SipHops = AtMost<SipHop, kMaxSipHops>;

/// SipNames are the hosts and the product that a head names, as sent. They borrow the head.
struct SipNames {
  std::string_view request_domain;  ///< host of the Request-URI
  std::string_view from_domain;
  std::string_view to_domain;
  std::string_view contact_host;
  std::string_view product;  ///< User-Agent of a request, Server of a response
  SipHops via;
  SipHops record_route;
};

/// SipHead is what was read of a head. Its names borrow the head's octets, and its message does not have them yet.
struct SipHead {
  SipMessage message;
  SipNames names;
  SipAuthenticationSchemes credentials;  ///< of Authorization and Proxy-Authorization that carry one
  SipAuthenticationSchemes offers;       ///< of WWW-Authenticate and Proxy-Authenticate
  SipContentLength content_length;
  SipBodyType body;
  SipDialog dialog;
  bool complete = false;   ///< Via, From, To, Call-ID and CSeq are there (section 8.1.1)
  std::size_t length = 0;  ///< of the head with its empty line, in octets
};

/// find_sip_head_end gives the length of the head at the start of `bytes` with its empty line, looking from octet `from` on; 0 when it
/// has not ended.
std::size_t find_sip_head_end(Bytes bytes, std::size_t from);

/// parse_sip_head reads the head at the start of `bytes`, which begin with the start line. Fails as need_more without an empty line, as
/// malformed when the start line or a field is none. `hash_key` is for what tells the dialog.
Parsed<SipHead> parse_sip_head(Bytes bytes, std::uint64_t hash_key);

/// parse_sip_head_cut reads the whole lines of a head that the capture cut; `length` is 0. Fails as truncated when not even the start
/// line is whole.
Parsed<SipHead> parse_sip_head_cut(Bytes bytes, std::uint64_t hash_key);

/// parse_sip_start reads the start line alone, of a head whose fields are malformed.
Parsed<SipHead> parse_sip_start(Bytes bytes);

/// add_sip_findings puts what the bodies said into a message (section 7.4).
void add_sip_findings(SipMessage& message, const SipBodyFindings& findings);

}  // namespace sealtrace
