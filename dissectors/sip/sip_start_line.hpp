// The first line of a SIP message (RFC 3261 section 7), and what tells it from other protocols' first lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dissect/session.hpp"
#include "model/application_facts.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

/// kMaxSipStartLineBytes bounds a start line: above what URIs of real deployments need, with their headers and opaque parameters.
inline constexpr std::size_t kMaxSipStartLineBytes = 8192;

/// SipStartLine is a Request-Line (section 7.1) or a Status-Line (section 7.2), borrowed.
struct SipStartLine {
  bool request = false;
  SipMethod method{};            ///< of a request
  std::string_view request_uri;  ///< of a request, without angle brackets
  std::uint16_t status = 0;      ///< of a response
};

/// sip_method gives the method of this name; methods are case-sensitive (section 7.1).
SipMethod sip_method(std::string_view name);

/// parse_sip_start_line reads one line, without its line end. What RFC 4475 shows of senders that are careless with white space or
/// brackets is read. Fails as malformed.
Parsed<SipStartLine> parse_sip_start_line(std::string_view line);

/// recognise_sip_start tells whether `text` begins with a start line of SIP 2.0, in the exact form of section 25.1. need_more while the
/// line has no end; a known method with a SIP URI of kUnmistakableBytes is taken without one.
Recognition recognise_sip_start(std::string_view text);

}  // namespace sealtrace
