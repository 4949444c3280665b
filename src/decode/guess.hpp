// Guesses: what lies beneath headers that do not say it.
#pragma once

#include "decode/walk.hpp"

namespace sealtrace::decode {

/// ipv4_fits tells whether what follows reads as an IPv4 header with lengths that fit the window.
bool ipv4_fits(const Window& window);

/// looks_like_ethernet tells whether an Ethernet header may start kAt octets into the window, by an EtherType that an encapsulated
/// frame is likely to have.
template <std::size_t kAt>
bool looks_like_ethernet(const Window& window);
extern template bool looks_like_ethernet<0>(const Window& window);
extern template bool looks_like_ethernet<4>(const Window& window);

/// step_into_guess tells IPv4, IPv6 and Ethernet apart where no field does, by version and EtherType. An IPv4 header whose
/// lengths do not fit is taken for an Ethernet address if an EtherType follows.
Step step_into_guess(const Window& window);

}  // namespace sealtrace::decode
