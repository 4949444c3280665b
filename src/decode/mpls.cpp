#include "decode/guess.hpp"
#include "decode/tunnels.hpp"

namespace sealtrace::decode {

Step read_mpls(Walk& walk) {
  walk.add_tunnel(Tunnel::mpls);
  constexpr unsigned kMaxLabels = 16;  // forwarding hardware imposes at most about ten
  bool bottom_of_stack = false;
  for (unsigned num_labels = 0; !bottom_of_stack; ++num_labels) {
    if (num_labels == kMaxLabels) return Step::end(DecodeResult::unsupported);
    const auto entry = walk.window.header<4>();
    if (!entry) return walk.window.lacks(4);
    bottom_of_stack = (entry.u8<2>() & 0x01U) != 0;
    walk.window.advance(4);
  }
  constexpr std::size_t kEnoughBytes = 18;  // a control word and an Ethernet header
  if (!walk.window.has(kEnoughBytes)) return walk.window.lacks(kEnoughBytes);
  const unsigned first_nibble = walk.window.bytes.front() >> 4U;
  if (first_nibble == 0 && looks_like_ethernet<4>(walk.window)) {
    walk.window.advance(4);  // RFC 4448 section 4.6
    return Step::to(Layer::ethernet);
  }
  if (first_nibble == 1 && !looks_like_ethernet<0>(walk.window))
    return Step::end(DecodeResult::not_ip);  // RFC 4385 section 5: a channel for operation
  return step_into_guess(walk.window);
}

}  // namespace sealtrace::decode
