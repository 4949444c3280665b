// STUN messages in their dialects: RFC 8489 (and 5389), RFC 3489, [MS-TURN], Google's relay; TURN's ChannelData and Multiplexed TURN.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/application_facts.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

/// kStunMagicCookie is the cookie of RFC 8489 section 5, in the header.
inline constexpr std::uint32_t kStunMagicCookie = 0x2112A442;
/// kMsTurnMagicCookie is the value of the first attribute of every [MS-TURN] message (section 2.2.2.8).
inline constexpr std::uint32_t kMsTurnMagicCookie = 0x72C64BC6;
inline constexpr std::size_t kStunHeaderBytes = 20;

/// StunClass (RFC 8489 section 5), with the values of StunSeen::message_class.
enum class StunClass : std::uint8_t { request = 0, indication = 1, success = 2, error = 3 };

/// StunMethod (IANA "STUN Methods") as far as somebody looks for it; unknown values are kept.
enum class StunMethod : std::uint16_t {
  binding = 0x001,
  shared_secret = 0x002,
  allocate = 0x003,
  refresh = 0x004,
  send = 0x006,
  data = 0x007,
  create_permission = 0x008,
  channel_bind = 0x009,
  connection_bind = 0x00B,
};

/// MsTurnMethod holds the methods of [MS-TURN] section 2.2.1 that mean something else in RFC 8656, or nothing.
enum class MsTurnMethod : std::uint16_t { allocate = 0x003, send = 0x004, data = 0x005, set_active_destination = 0x006 };

/// StunHeader is the header of a message; `message_bytes` counts it with its attributes. The class of [MS-TURN]'s Data indication (type
/// 0x0115, an error response by its bits) is indication.
struct StunHeader {
  StunFlavour flavour{};
  std::uint16_t method = 0;
  StunClass message_class{};
  std::size_t message_bytes = 0;
};

/// StunAddress is a transport address that a message tells, and where its attribute's value lies.
struct StunAddress {
  TransportAddressKind kind{};
  Endpoint endpoint;
  std::size_t offset = 0;
  std::size_t length = 0;
};

/// kMaxStunAddresses bounds what is kept of one message: a response to Allocate has two, CreatePermission names a few peers.
inline constexpr std::size_t kMaxStunAddresses = 6;

/// StunMessage is a message with what this product reads of its attributes. Credentials are passed over.
struct StunMessage {
  StunHeader header;
  std::array<StunAddress, kMaxStunAddresses> addresses;
  std::size_t num_addresses = 0;
  std::optional<std::uint16_t> channel_number;
  bool has_data = false;
  bool data_cut = false;  ///< the capture ends inside DATA
  std::size_t data_offset = 0;
  Bytes data;  ///< relayed to or from the peer

  /// peer gives the first address of a peer, if there is one.
  [[nodiscard]] const Endpoint* peer() const;
  /// relays says that this is a Send or Data message of its dialect that carries a datagram.
  [[nodiscard]] bool relays() const;
};

/// parse_stun_header reads the header, and of dialects without a cookie in it the attribute that tells them apart. need_more below 20
/// octets; of [MS-TURN] 28. Fails as unsupported (message_type, magic_cookie) for what no dialect has. RFC 3489 has no cookie: its
/// types, and a transaction id that looks drawn at random, have to do.
Parsed<StunHeader> parse_stun_header(Bytes bytes);

/// parse_stun_message reads a whole message (need_more when it goes on). `cut` says that the capture holds only a part: then what is
/// there is read. Fails as malformed when attributes leave the message, as unsupported where parse_stun_header does.
Parsed<StunMessage> parse_stun_message(Bytes bytes, bool cut = false);

/// ChannelData is a frame of RFC 8656 section 12.4: two octets of channel number, two of length, data.
struct ChannelData {
  std::uint16_t channel_number = 0;
  std::size_t data_offset = 0;
  Bytes data;
};
/// parse_channel_data reads a frame from the start of `bytes` (need_more when it goes on). Fails as unsupported outside the channel
/// numbers of RFC 5766, 0x4000 to 0x7FFF, which RFC 8656 narrowed to 0x4FFF.
Parsed<ChannelData> parse_channel_data(Bytes bytes);

/// MultiplexedTurn is a frame of [MS-TURN] section 2.2.3: channel 0xFF10, a length, the session's id, data.
struct MultiplexedTurn {
  std::uint64_t session_id = 0;
  std::size_t data_offset = 0;
  Bytes data;
};
/// parse_multiplexed_turn reads a frame from the start of `bytes` (need_more when it goes on). Fails as unsupported for another channel.
Parsed<MultiplexedTurn> parse_multiplexed_turn(Bytes bytes);

}  // namespace sealtrace
