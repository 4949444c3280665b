#include "model/ip_address.hpp"

#include <arpa/inet.h>

#include <charconv>

namespace sealtrace {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy{text};  // inet_pton wants a terminated string
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET, copy.c_str(), octets.data()) == 1) return v4(std::span{octets}.first<4>());
  if (inet_pton(AF_INET6, copy.c_str(), octets.data()) == 1) return v6(octets);
  return std::nullopt;
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!is_v4()) {
    inet_ntop(AF_INET6, octets_.data(), text.data(), text.size());
    return text.data();
  }
  char* end = text.data();  // by hand: inet_ntop goes through printf, and reports write two addresses per flow
  for (std::size_t i = 12; i < octets_.size(); ++i) {
    if (i != 12) *end++ = '.';
    end = std::to_chars(end, text.data() + text.size(), octets_[i]).ptr;
  }
  return {text.data(), end};
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> network = IpAddress::parse(text.substr(0, slash));
  if (!network) return std::nullopt;
  const unsigned width = network->is_v4() ? 32 : 128;
  unsigned bits = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits > width) return std::nullopt;
  }
  const Cidr cidr{.network = *network, .prefix_bits = static_cast<std::uint8_t>(128 - width + bits)};
  for (unsigned bit = cidr.prefix_bits; bit < 128; ++bit) {
    if ((network->octets()[bit / 8] >> (7 - bit % 8) & 1) != 0) return std::nullopt;
  }
  return cidr;
}

bool Cidr::contains(const IpAddress& address) const {
  const unsigned whole = prefix_bits / 8U;
  if (std::memcmp(network.octets().data(), address.octets().data(), whole) != 0) return false;
  const unsigned rest = prefix_bits % 8U;
  return rest == 0 || (network.octets()[whole] ^ address.octets()[whole]) >> (8 - rest) == 0;
}

std::string Cidr::to_string() const {
  const unsigned bits = network.is_v4() ? prefix_bits - 96U : prefix_bits;
  return network.to_string() + "/" + std::to_string(bits);
}

}  // namespace sealtrace
