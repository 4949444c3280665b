// SIP over UDP: one message is one datagram (RFC 3261 section 18.3).
#pragma once

#include "dissect/session.hpp"
#include "dissectors/sip/sip_reports.hpp"

namespace sealtrace {

/// read_sip_datagram reports what a datagram shows. Empty lines alone are a keep-alive; what does not begin with a start line is
/// not SIP. Of a datagram that the capture cut, what was read is reported and nothing is held against its sender.
Datagram read_sip_datagram(const Chunk& chunk, SipReports& reports, FactSink& facts);

}  // namespace sealtrace
