#include <memory>

#include "dissectors/dtls/dtls_carrier.hpp"
#include "dissectors/dtls/dtls_session.hpp"

namespace sealtrace {
namespace {

/// may_carry says whether a payload may begin DTLS, or TURN or CAPWAP around it (RFC 7983): most media does not, and is asked for every
/// packet.
bool may_carry(Bytes payload) { return !payload.empty() && payload[0] < 0x80; }

Recognition probe(const ProbeInput& input) {
  if (!may_carry(input.bytes)) return Recognition::no;
  DtlsCarrier carrier;
  if (input.transport == Transport::udp) return carrier.unwrap_datagram(input.bytes) ? Recognition::yes : Recognition::no;
  // On TCP, DTLS is only met inside TURN; a stream of it shows at the frame that relays a hello.
  const auto frame = parse_turn_frame(input.bytes);
  return frame && carrier.unwrap_frame(*frame) ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open(const Services& services) { return std::make_unique<DtlsSession>(services); }

}  // namespace

extern const Dissector kDtlsDissector;
const Dissector kDtlsDissector{.name = "dtls", .probe = probe, .open = open};

}  // namespace sealtrace
