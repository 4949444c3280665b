// EspSession: ESP between two hosts, and whether it encrypts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dissect/session.hpp"
#include "dissectors/esp/esp_parse.hpp"

namespace sealtrace {

/// kEspDissector takes what IP calls ESP (protocol 50). ESP in UDP is a row of the signatures.
extern const Dissector kEspDissector;

/// EspWatch looks for an octet that stands still, from packet to packet of one security association. Behind eight octets, where an
/// initialization vector or counter lies at most, ciphertext is uniform: that one of 24 places has the same octet in 12 of 16 packets
/// happens to it once in 2^70. Headers of IP, TCP, UDP and RTP, which a NULL cipher (RFC 2410) leaves readable, all have such octets.
class EspWatch {
 public:
  static constexpr std::uint32_t kEnoughPackets = 16;
  static constexpr std::uint32_t kStillPackets = 12;

  /// take looks at a payload that is long enough; others say nothing.
  void take(Bytes payload);
  [[nodiscard]] bool enough() const { return num_packets_ >= kEnoughPackets; }
  [[nodiscard]] bool stands_still() const;

 private:
  static constexpr std::size_t kSkipped = 8;
  static constexpr std::size_t kPlaces = 24;
  std::array<std::array<std::uint8_t, kPlaces>, kEnoughPackets> seen_{};
  std::uint32_t num_packets_ = 0;
};

/// EspSession watches one association of each direction at a time: a new SPI begins anew.
class EspSession final : public Session {
 public:
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;
  void on_end(FactSink& facts) override;

 private:
  struct Half {
    std::uint32_t spi = 0;
    EspWatch watch;
    Fact last;  ///< the last packet, to point at
    bool any = false;
    bool encrypts_told = false;
    bool clear_told = false;
  };
  std::array<Half, 2> halves_;
};

}  // namespace sealtrace
