// IpAddress, Endpoint, Cidr: who talks to whom.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sealtrace {

/// IpAddress holds an IPv6 address, or an IPv4 address in its IPv4-mapped form (RFC 4291 section 2.5.5.2), in network order.
class IpAddress {
 public:
  constexpr IpAddress() = default;
  /// v4 and v6 take the octets in network order.
  static IpAddress v4(std::span<const std::uint8_t, 4> octets) {
    std::uint32_t host = 0;
    std::memcpy(&host, octets.data(), sizeof host);
    constexpr std::uint64_t kMapped = 0xFFFF'0000'0000;
    const std::uint64_t word = big_endian(kMapped) | std::uint64_t{host} << (std::endian::native == std::endian::little ? 32 : 0);
    IpAddress address;
    std::memcpy(address.octets_.data() + 8, &word, sizeof word);
    return address;
  }
  static IpAddress v6(std::span<const std::uint8_t, 16> octets) {
    IpAddress address;
    std::memcpy(address.octets_.data(), octets.data(), 16);
    return address;
  }
  /// parse reads dotted IPv4 or RFC 4291 IPv6 text; nullopt for anything else.
  static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const {
    static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    return std::memcmp(octets_.data(), kMapped.data(), kMapped.size()) == 0;
  }
  [[nodiscard]] const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  /// words gives the octets as two words, in no particular order: to hash and to compare.
  [[nodiscard]] std::array<std::uint64_t, 2> words() const { return std::bit_cast<std::array<std::uint64_t, 2>>(octets_); }
  /// word gives the eight octets from `at` as a big-endian number.
  [[nodiscard]] std::uint64_t word(std::size_t at) const {
    std::uint64_t value = 0;
    std::memcpy(&value, octets_.data() + at, sizeof value);
    return big_endian(value);
  }
  /// to_string gives dotted IPv4, or IPv6 as RFC 5952 writes it.
  [[nodiscard]] std::string to_string() const;

  /// The order is that of the octets. Both comparisons work on words: every packet makes several.
  std::strong_ordering operator<=>(const IpAddress& other) const {
    const std::strong_ordering high = word(0) <=> other.word(0);
    return high != 0 ? high : word(8) <=> other.word(8);
  }
  bool operator==(const IpAddress& other) const { return word(0) == other.word(0) && word(8) == other.word(8); }

 private:
  static std::uint64_t big_endian(std::uint64_t value) { return std::endian::native == std::endian::little ? std::byteswap(value) : value; }

  std::array<std::uint8_t, 16> octets_{};
};

/// Endpoint is an address and a transport port.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
};

/// Cidr is a network: `prefix_bits` counts from the left of the 128-bit form (an IPv4 /8 is 104).
struct Cidr {
  IpAddress network;
  std::uint8_t prefix_bits = 128;

  /// parse reads "10.0.0.0/8", "fd00::/8" or a bare address; host bits beyond the prefix must be zero.
  static std::optional<Cidr> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] std::string to_string() const;

  auto operator<=>(const Cidr&) const = default;
};

/// Transport names the protocol above IP by its IANA protocol number.
enum class Transport : std::uint8_t { tcp = 6, udp = 17, esp = 50 };

constexpr std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::tcp: return "tcp";
    case Transport::udp: return "udp";
    case Transport::esp: return "esp";
  }
  return "unknown";
}

}  // namespace sealtrace
