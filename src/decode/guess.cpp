#include "decode/guess.hpp"

#include "decode/ether_type.hpp"

namespace sealtrace::decode {

bool ipv4_fits(const Window& window) {
  const auto header = window.header<20>();
  if (!header) return false;
  const std::size_t header_bytes = std::size_t{header.u8<0>() & 0x0FU} * 4;
  const std::size_t total_length = header.be16<2>();
  return header.u8<0>() >> 4U == 4 && header_bytes >= 20 && total_length >= header_bytes && total_length <= window.wire_bytes;
}

template <std::size_t kAt>
bool looks_like_ethernet(const Window& window) {
  const auto header = window.header<kAt + 14>();
  if (!header) return false;
  switch (EtherType{header.template be16<kAt + 12>()}) {
    case EtherType::ipv4:
    case EtherType::arp:
    case EtherType::vlan:
    case EtherType::mpls:
    case EtherType::mpls_multicast:
    case EtherType::pppoe_discovery:
    case EtherType::pppoe_session:
    case EtherType::ipv6:
    case EtherType::service_vlan: return true;
    case EtherType::trans_ether_bridging:
    case EtherType::ppp:
    case EtherType::centrino_monitor:
    case EtherType::backbone_service:
    case EtherType::vlan_9100:
    case EtherType::vlan_9200:
    case EtherType::vlan_9300: break;
  }
  return false;
}

template bool looks_like_ethernet<0>(const Window& window);
template bool looks_like_ethernet<4>(const Window& window);

Step step_into_guess(const Window& window) {
  constexpr std::size_t kEnoughBytes = 20;
  if (!window.has(kEnoughBytes)) return window.lacks(kEnoughBytes);
  const unsigned version = window.bytes.front() >> 4U;
  if (version == 4 && ipv4_fits(window)) return Step::to(Layer::ipv4);
  if (version == 6 && !looks_like_ethernet<0>(window)) return Step::to(Layer::ipv6);
  if (looks_like_ethernet<0>(window)) return Step::to(Layer::ethernet);
  if (version == 4) return Step::to(Layer::ipv4);
  return Step::end(DecodeResult::unsupported);
}

}  // namespace sealtrace::decode
