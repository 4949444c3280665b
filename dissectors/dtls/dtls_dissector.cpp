#include <memory>

#include "dissectors/dtls/dtls_carrier.hpp"
#include "dissectors/dtls/dtls_session.hpp"

namespace sealtrace {
namespace {

Recognition probe(const ProbeInput& input) {
  constexpr std::uint8_t kFirstAfterDtls = 64;  // RFC 7983: most media begins above, and is asked for every packet
  if (input.transport != Transport::udp || input.bytes.empty() || input.bytes[0] >= kFirstAfterDtls) return Recognition::no;
  return DtlsCarrier{}.unwrap(input.bytes) ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open(const Services& services) { return std::make_unique<DtlsSession>(services); }

}  // namespace

extern const Dissector kDtlsDissector;
const Dissector kDtlsDissector{.name = "dtls", .probe = probe, .open = open};

}  // namespace sealtrace
