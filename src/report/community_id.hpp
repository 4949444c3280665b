// Community ID v1: the flow identifier that Zeek, Suricata and others share (github.com/corelight/community-id-spec).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/ip_address.hpp"
#include "report/options.hpp"

namespace sealtrace {

/// community_id is "1:" and the base64 of a SHA-1 over the flow's addresses, protocol and ports, the same from either
/// side, with the default seed 0. Empty without a SHA-1.
std::string community_id(const Endpoint& one, const Endpoint& other, Transport transport, const Hashers& hashers);

/// append_base64 encodes with the standard alphabet and padding (RFC 4648 section 4).
void append_base64(std::string& text, std::span<const std::uint8_t> octets);

}  // namespace sealtrace
