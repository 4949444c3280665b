// How HTTP is recognised by its first octets: HTTP/1 by whole start lines, HTTP/2 by its connection preface.
#pragma once

#include "dissect/session.hpp"

namespace sealtrace {

/// kHttp2Preface is what a client's connection begins with (RFC 9113 section 3.4).
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// probe_http takes a stream that begins with a request-line or a status-line of HTTP/1. Further on in a stream nobody knows, a whole
/// start line and the name of a field behind it must be there. Everything that only looks like HTTP names its own protocol at the end of
/// that line (RTSP, SIP, ICAP) and is refused.
Recognition probe_http(const ProbeInput& input);

/// probe_http2 takes the client's preface, or a server's first SETTINGS frame that sets something.
Recognition probe_http2(const ProbeInput& input);

}  // namespace sealtrace
