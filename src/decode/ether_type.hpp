// EtherType: the number that names what an Ethernet, GRE or cooked header carries.
#pragma once

#include <cstdint>

#include "decode/walk.hpp"

namespace sealtrace::decode {

/// EtherType holds assigned numbers of the IEEE registry; others are kept as they are.
enum class EtherType : std::uint16_t {
  ipv4 = 0x0800,
  arp = 0x0806,
  trans_ether_bridging = 0x6558,  ///< an Ethernet frame (RFC 1701, NVGRE, GENEVE)
  centrino_monitor = 0x2452,      ///< an 802.11 frame, from old wireless adapters in monitor mode
  vlan = 0x8100,                  ///< 802.1Q C-TAG
  ppp = 0x880B,
  mpls = 0x8847,
  mpls_multicast = 0x8848,  ///< or upstream-assigned (RFC 5332)
  pppoe_discovery = 0x8863,
  pppoe_session = 0x8864,
  ipv6 = 0x86DD,
  service_vlan = 0x88A8,      ///< 802.1ad S-TAG
  backbone_service = 0x88E7,  ///< 802.1ah I-TAG
  vlan_9100 = 0x9100,         ///< tags of equipment older than 802.1ad
  vlan_9200 = 0x9200,
  vlan_9300 = 0x9300,
};

/// step_into names the layer that follows an EtherType.
inline Step step_into(EtherType type) {
  switch (type) {
    case EtherType::ipv4: return Step::to(Layer::ipv4);
    case EtherType::ipv6: return Step::to(Layer::ipv6);
    case EtherType::vlan:
    case EtherType::service_vlan:
    case EtherType::vlan_9100:
    case EtherType::vlan_9200:
    case EtherType::vlan_9300: return Step::to(Layer::vlan);
    case EtherType::backbone_service: return Step::to(Layer::backbone_tag);
    case EtherType::mpls:
    case EtherType::mpls_multicast: return Step::to(Layer::mpls);
    case EtherType::pppoe_session: return Step::to(Layer::pppoe);
    case EtherType::ppp: return Step::to(Layer::ppp);
    case EtherType::centrino_monitor: return Step::to(Layer::wireless);
    case EtherType::trans_ether_bridging: return Step::to(Layer::ethernet);
    case EtherType::arp:
    case EtherType::pppoe_discovery: break;
  }
  return Step::end(DecodeResult::not_ip);
}

}  // namespace sealtrace::decode
