#include <memory>

#include "dissectors/dtls/dtls_carrier.hpp"
#include "dissectors/dtls/dtls_session.hpp"

namespace sealtrace {
namespace {

Recognition probe(const ProbeInput& input) {
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
