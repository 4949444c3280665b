#include "decode/decoder.hpp"

#include <algorithm>

#include "decode/internet.hpp"
#include "decode/link_layers.hpp"
#include "decode/transport.hpp"
#include "decode/tunnels.hpp"
#include "decode/udp_tunnels.hpp"
#include "decode/walk.hpp"

namespace sealtrace {
namespace decode {
namespace {

/// read_layer reads one header.
Step read_layer(Walk& walk, Layer layer) {
  switch (layer) {
    case Layer::ethernet: return read_ethernet(walk);
    case Layer::vlan: return read_vlan(walk);
    case Layer::ipv4: return read_ipv4(walk);
    case Layer::ipv6: return read_ipv6(walk);
    case Layer::tcp: return read_tcp(walk);
    case Layer::udp: return read_udp(walk);
    case Layer::backbone_tag: return read_backbone_tag(walk);
    case Layer::llc: return read_llc(walk);
    case Layer::wireless: return read_wireless(walk);
    case Layer::linux_sll: return read_linux_sll(walk);
    case Layer::linux_sll2: return read_linux_sll2(walk);
    case Layer::null_loopback: return read_null_loopback(walk);
    case Layer::cisco_hdlc: return read_cisco_hdlc(walk);
    case Layer::ppp_hdlc: return read_ppp_hdlc(walk);
    case Layer::ppp: return read_ppp(walk);
    case Layer::pppoe: return read_pppoe(walk);
    case Layer::mpls: return read_mpls(walk);
    case Layer::gre: return read_gre(walk);
    case Layer::vxlan: return read_vxlan(walk);
    case Layer::geneve: return read_geneve(walk);
    case Layer::gtp_u: return read_gtp_u(walk);
    case Layer::ip: return read_ip(walk);
    case Layer::ipv6_options: return read_ipv6_options(walk);
    case Layer::ipv6_fragment: return read_ipv6_fragment(walk);
    case Layer::authentication: return read_authentication(walk);
    case Layer::esp: return read_esp(walk);
    case Layer::end: break;
  }
  return Step::end(DecodeResult::unsupported);
}

}  // namespace
}  // namespace decode

DecodeResult Decoder::decode_by_walk(Bytes frame, std::uint32_t wire_bytes, LinkLayer link_layer, Timestamp time, Segment& out) {
  using decode::Layer;
  using decode::Step;
  out.encapsulation = {};
  out.reassembled = false;
  decode::Walk walk{.window = {.bytes = frame, .wire_bytes = std::max<std::size_t>(wire_bytes, frame.size())},
                    .out = out,
                    .fragments = fragments_,
                    .counters = counters_,
                    .time = time};
  Step step = decode::first_step(link_layer);
  while (step.layer != Layer::end) {
    if (++walk.num_headers > limits_.max_headers) {
      ++counters_.nesting_exceeded;
      step = Step::end(DecodeResult::unsupported);
      break;
    }
    step = decode::read_layer(walk, step.layer);
  }
  count(step.result);
  if (walk.bad_ip_checksum) ++counters_.bad_ip_checksum;
  if (walk.encapsulation_cut) ++counters_.encapsulation_cut;
  if (step.result == DecodeResult::segment && out.payload.size() < out.payload_wire_bytes) ++counters_.payload_cut;
  return step.result;
}

void Decoder::count(DecodeResult result) {
  switch (result) {
    case DecodeResult::segment: ++counters_.segments; break;
    case DecodeResult::fragment: ++counters_.fragments; break;
    case DecodeResult::not_ip: ++counters_.not_ip; break;
    case DecodeResult::not_transport: ++counters_.not_transport; break;
    case DecodeResult::truncated: ++counters_.truncated; break;
    case DecodeResult::malformed: ++counters_.malformed; break;
    case DecodeResult::unsupported: ++counters_.unsupported; break;
  }
}

}  // namespace sealtrace
