#include <memory>

#include "dissectors/dtls/dtls_parse.hpp"
#include "dissectors/dtls/dtls_session.hpp"

namespace sealtrace {
namespace {

Recognition probe(const ProbeInput& input) {
  const bool yes = input.transport == Transport::udp && looks_like_dtls(input.bytes);
  return yes ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open(const Services& services) { return std::make_unique<DtlsSession>(services); }

}  // namespace

extern const Dissector kDtlsDissector;
const Dissector kDtlsDissector{.name = "dtls", .probe = probe, .open = open};

}  // namespace sealtrace
