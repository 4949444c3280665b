#include "report/community_id.hpp"

#include <algorithm>
#include <array>

namespace sealtrace {

namespace {

/// HashedTuple is the input of the hash: seed, addresses, protocol, padding, ports, in network order. IPv6 needs 40 octets.
struct HashedTuple {
  std::array<std::uint8_t, 40> octets{};
  std::size_t num_bytes = 0;

  void put(std::uint8_t octet) { octets[num_bytes++] = octet; }
  void put16(std::uint16_t number) {
    put(static_cast<std::uint8_t>(number >> 8U));
    put(static_cast<std::uint8_t>(number & 0xFFU));
  }
  void put(const IpAddress& address) {
    const std::size_t first = address.is_v4() ? 12 : 0;
    for (std::size_t i = first; i < address.octets().size(); ++i) put(address.octets()[i]);
  }
};

}  // namespace

std::string community_id(const Endpoint& one, const Endpoint& other, Transport transport, const Hashers& hashers) {
  if (!hashers.sha1) return {};
  const auto [smaller, larger] = std::minmax(one, other);
  HashedTuple tuple;
  tuple.put16(0);  // seed
  tuple.put(smaller.address);
  tuple.put(larger.address);
  tuple.put(static_cast<std::uint8_t>(transport));
  tuple.put(0);
  if (transport != Transport::esp) {  // which has no ports
    tuple.put16(smaller.port);
    tuple.put16(larger.port);
  }
  std::string id = "1:";
  id.reserve(30);
  append_base64(id, hashers.sha1(std::span{tuple.octets}.first(tuple.num_bytes)));
  return id;
}

void append_base64(std::string& text, std::span<const std::uint8_t> octets) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    const std::size_t num_bytes = std::min<std::size_t>(3, octets.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8U | (i < num_bytes ? octets[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i) text.push_back(i <= num_bytes ? kAlphabet[group >> (18U - 6U * i) & 0x3FU] : '=');
  }
}

}  // namespace sealtrace
