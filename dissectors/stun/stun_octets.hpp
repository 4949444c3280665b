// Octets of STUN, TURN and media for the tests of this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sealtrace::testing {

inline std::string u8(std::size_t number) { return {static_cast<char>(number)}; }
inline std::string u16(std::size_t number) { return u8(number >> 8) + u8(number & 0xFF); }
inline std::string u32(std::size_t number) { return u16(number >> 16) + u16(number & 0xFFFF); }
inline std::string padded(std::string octets) { return octets + std::string((4 - octets.size() % 4) % 4, '\0'); }
inline std::string attribute(std::size_t type, const std::string& value) { return u16(type) + u16(value.size()) + padded(value); }

/// stun_message is a message of RFC 8489 with a transaction id of twelve octets 'i'.
inline std::string stun_message(std::size_t type, const std::string& attributes = {}) {
  return u16(type) + u16(attributes.size()) + "\x21\x12\xA4\x42" + std::string(12, 'i') + attributes;
}
/// xor_address is an IPv4 address attribute's value: 10.0.0.`host`, `port`.
inline std::string xor_address(std::size_t host, std::size_t port) {
  return u16(1) + u16(port ^ 0x2112) + u32((0x0A000000 + host) ^ 0x2112A442);
}
inline std::string plain_address(std::size_t host, std::size_t port) { return u16(1) + u16(port) + u32(0x0A000000 + host); }

/// ms_message is a message of [MS-TURN]: the cookie is its first attribute.
inline std::string ms_message(std::size_t type, const std::string& attributes = {}) {
  const std::string all = attribute(0x000F, "\x72\xC6\x4B\xC6") + attributes;
  return u16(type) + u16(all.size()) + std::string(16, 'i') + all;
}
inline std::string ms_frame(std::size_t type, const std::string& payload) { return u8(type) + u8(0) + u16(payload.size()) + payload; }
inline std::string rfc4571(const std::string& payload) { return u16(payload.size()) + payload; }
inline std::string channel_data(std::size_t channel, const std::string& data) { return u16(channel) + u16(data.size()) + data; }

/// rtp is a packet of source `ssrc` with 20 octets of payload.
inline std::string rtp(std::size_t sequence_number, std::size_t ssrc = 0x11223344, std::size_t payload_type = 0) {
  return u8(0x80) + u8(payload_type) + u16(sequence_number) + u32(sequence_number * 160) + u32(ssrc) + std::string(20, 'v');
}

}  // namespace sealtrace::testing
