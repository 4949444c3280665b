// Octets of media for the tests of this folder: noise as a cipher makes it, a tone, and the packets around them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "dissectors/rtp/log2_tables.hpp"
#include "dissectors/rtp/rtp_parse.hpp"

namespace sealtrace::testing {

using Octets = std::vector<std::uint8_t>;

/// in_bits is a logarithm as a number, to compare with the exact one.
inline double in_bits(Log2 number) { return number / 4096.0; }

/// Noise makes octets as a cipher does: the same ones in every run.
class Noise {
 public:
  explicit Noise(std::uint64_t seed) : engine_{seed} {}
  Octets octets(std::size_t count) {
    Octets made(count);
    for (std::uint8_t& octet : made) octet = static_cast<std::uint8_t>(engine_() >> 24);
    return made;
  }
  std::size_t below(std::size_t bound) { return engine_() % bound; }

 private:
  std::mt19937_64 engine_;
};

inline Octets operator+(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

/// sine_in_mu_law is a quiet tone in PCMU: what calls between people are made of most of the time.
inline Octets sine_in_mu_law(std::size_t count, std::size_t phase) {
  Octets made;
  for (std::size_t i = 0; i < count; ++i) {
    const auto level = static_cast<std::uint8_t>(std::abs(std::sin(static_cast<double>(phase + i) / 5.0)) * 20.0);
    made.push_back(static_cast<std::uint8_t>(((phase + i) / 16 % 2 == 0 ? 0xFF : 0x7F) - level));
  }
  return made;
}

/// Stream is how the packets of one differ from the usual ones.
struct Stream {
  std::uint32_t timestamp_step = 160;
  std::uint8_t payload_type = 96;
};

inline RtpHeader header_of(std::size_t number, const Stream& stream = {}) {
  RtpHeader header;
  header.payload_type = stream.payload_type;
  header.sequence_number = static_cast<std::uint16_t>(number);
  header.timestamp = static_cast<std::uint32_t>(number * stream.timestamp_step);
  return header;
}

/// packet is RTP without CSRCs and extension, 20 ms of 8 kHz behind the packet before it.
inline std::string packet(std::size_t number, const Octets& payload, std::uint8_t payload_type = 96, std::uint8_t ssrc = 9) {
  std::string octets{"\x80", 1};
  octets += static_cast<char>(payload_type);
  octets += static_cast<char>(number >> 8);
  octets += static_cast<char>(number);
  const std::size_t timestamp = number * 160;
  for (const int shift : {24, 16, 8, 0}) octets += static_cast<char>(timestamp >> shift);
  octets += std::string{"\0\0\0", 3} + static_cast<char>(ssrc);
  return octets.append(reinterpret_cast<const char*>(payload.data()), payload.size());
}

}  // namespace sealtrace::testing
