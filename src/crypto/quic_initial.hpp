// The protection of QUIC's Initial packets: its keys follow from what the client's first packet says in clear, so that everybody who sees
// that packet can open them (RFC 9001 section 5.2, RFC 9369 section 3.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/evidence.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// has_quic_initial_keys says whether the keys of Initial packets of this version are known: version 1, version 2, drafts 23 to 34,
/// and the one of the last that Facebook named its own.
bool has_quic_initial_keys(std::uint32_t version);

/// QuicPacketProtection is the key, IV and header protection key of one sender (RFC 9001 section 5.1), AEAD_AES_128_GCM.
struct QuicPacketProtection {
  std::array<std::uint8_t, 16> key{};
  std::array<std::uint8_t, 12> iv{};
  std::array<std::uint8_t, 16> header_key{};
};

/// OpenedQuicPacket is the payload of a packet: its frames in clear.
struct OpenedQuicPacket {
  std::uint64_t packet_number = 0;
  std::vector<std::uint8_t> payload;
};

/// QuicInitialKeys are the keys of one connection's Initial packets.
class QuicInitialKeys {
 public:
  /// QuicInitialKeys derives both senders' keys from the Destination Connection ID of the client's first Initial packet, or of the first
  /// one after a Retry. The version must have known keys.
  QuicInitialKeys(std::uint32_t version, Bytes destination_connection_id);

  /// open removes the protection of one packet, of which `packet_number_offset` octets are before the packet number. `largest` is the
  /// greatest packet number opened from this sender so far. nullopt when the packet does not authenticate: other keys, or not whole.
  [[nodiscard]] std::optional<OpenedQuicPacket> open(Side sender, Bytes packet, std::size_t packet_number_offset,
                                                     std::uint64_t largest) const;
  [[nodiscard]] const QuicPacketProtection& of(Side sender) const { return protections_[index(sender)]; }

 private:
  std::array<QuicPacketProtection, 2> protections_;
};

}  // namespace sealtrace
