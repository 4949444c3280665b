// EspSession: ESP between two hosts, and whether it encrypts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/esp/esp_parse.hpp"

namespace sealtrace {

/// kEspDissector takes what IP calls ESP (protocol 50), kEspInUdpDissector what looks like it on UDP port 4500 (RFC 3948).
extern const Dissector kEspDissector;
extern const Dissector kEspInUdpDissector;

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

/// EspAssociation is one security association, and what was seen of it.
struct EspAssociation {
  std::uint32_t spi = 0;
  std::uint32_t sequence_number = 0;  ///< of the last packet
  std::uint32_t num_unproved = 0;     ///< packets in UDP that came before two agreed
  bool proved = false;                ///< in UDP: its sequence numbers go on
  bool readable = false;
  EspWatch watch;
  Fact last;  ///< the last packet, to point at, while there are too few
};

/// EspHalf watches the associations of one direction: those used side by side, and each new one anew.
class EspHalf {
 public:
  /// association finds or makes the one of this SPI. Of more than kMaxAssociations, one that nothing proved is forgotten, else the oldest.
  EspAssociation& association(std::uint32_t spi);
  /// watch looks at a packet of it, and says once that one encrypts (`how`), and once that one does not.
  void watch(EspAssociation& association, Bytes payload, StaticText how, const Chunk& chunk, FactSink& facts);
  /// end says that an association had too few packets to tell.
  void end(FactSink& facts);

 private:
  static constexpr std::size_t kMaxAssociations = 8;
  void forget(EspAssociation& association);

  std::vector<EspAssociation> associations_;
  std::optional<Fact> too_few_;  ///< of one that was forgotten
  bool encrypts_told_ = false;
  bool clear_told_ = false;
};

/// EspFlow is what ESP and ESP in UDP have in common: two directions, and what is due at their end.
class EspFlow : public Session {
 public:
  void on_end(FactSink& facts) override;

 protected:
  [[nodiscard]] EspHalf& half(Side side) { return halves_[index(side)]; }

 private:
  std::array<EspHalf, 2> halves_;
};

class EspSession final : public EspFlow {
 public:
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;
};

/// EspInUdpSession shares its five-tuple with IKE, whose first four octets are zero, and with keep-alives of one octet (RFC 3948 section
/// 2). A header alone proves nothing: a second packet of the association, whose sequence number goes on, does.
class EspInUdpSession final : public EspFlow {
 public:
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;

 private:
  bool recognised_ = false;
};

}  // namespace sealtrace
