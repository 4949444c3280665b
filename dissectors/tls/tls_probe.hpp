// How a stream of TLS is recognised by its octets, on any port.
#pragma once

#include "dissect/session.hpp"

namespace sealtrace {

/// kTlsDissector is the entry of dissectors/all.cpp.
extern const Dissector kTlsDissector;

/// probe_tls says yes to a ClientHello or ServerHello (of SSL 2.0 too), and at the first octets of a stream also to the records of a
/// session that began before the capture: one whole record, or two headers in their places. A record header alone is five octets
/// of which about 2^-24 of all values pass; with the second one, or a hello's fields, chance is out of the question.
Recognition probe_tls(const ProbeInput& input);

}  // namespace sealtrace
