#include "proto/stun.hpp"

#include <algorithm>
#include <span>

namespace sealtrace {
namespace {

constexpr std::size_t kAttributeHeaderBytes = 4;
constexpr std::size_t kTransactionIdBytes = 16;  // RFC 8489's magic cookie is the first four of them
constexpr std::uint16_t kMsDataIndication = 0x0115;
constexpr std::uint16_t kMultiplexedTurnChannel = 0xFF10;
constexpr std::size_t kSessionIdBytes = 8;

/// StunAttribute (IANA "STUN Attributes", [MS-TURN] section 2.2.2) as far as it is read. Destination and Remote Address are [MS-TURN]'s;
/// 0x0012 is RFC 8656's XOR-PEER-ADDRESS otherwise.
enum class StunAttribute : std::uint16_t {
  mapped_address = 0x0001,
  channel_number = 0x000C,
  alternate_server_ms = 0x000E,
  magic_cookie = 0x000F,
  destination_address = 0x0011,
  peer_or_remote_address = 0x0012,
  data = 0x0013,
  xor_relayed_address = 0x0016,
  xor_mapped_address = 0x0020,
  google_options = 0x8001,
  xor_mapped_address_draft = 0x8020,
  alternate_server = 0x8023,
};

/// class_of puts the two class bits of a type together (RFC 8489 section 5).
StunClass class_of(std::uint16_t type) { return static_cast<StunClass>((type >> 7 & 2) | (type >> 4 & 1)); }
std::uint16_t method_of(std::uint16_t type) {
  return static_cast<std::uint16_t>((type & 0x000F) | (type >> 1 & 0x0070) | (type >> 2 & 0x0F80));
}

bool is_rfc3489_type(std::uint16_t type) {  // RFC 3489 section 11.1
  const std::uint16_t method = type & 0x000F;
  const std::uint16_t kind = type & 0xFFF0;
  return (method == 1 || method == 2) && (kind == 0x0000 || kind == 0x0100 || kind == 0x0110);
}

bool is_ms_turn_type(std::uint16_t type) {  // [MS-TURN] section 2.2.1
  switch (type) {
    case 0x0003:
    case 0x0103:
    case 0x0113:
    case 0x0004:
    case 0x0104:  // Google's relay answers Send
    case 0x0114:
    case kMsDataIndication:
    case 0x0006:
    case 0x0106:
    case 0x0116: return true;
  }
  return false;
}

/// looks_random refuses counters and text fields of other protocols where RFC 3489 has 128 random bits: eight octets of zero do not happen
/// there, also with clients that draw only a part of it.
bool looks_random(Bytes transaction_id) { return std::ranges::count(transaction_id, std::uint8_t{0}) < 8; }

/// attributes_fit walks attributes and says whether they fill `attributes`. RFC 8489 section 14 pads them to four octets; [MS-TURN] and
/// Google's relay do not.
bool attributes_fit(Bytes attributes, bool padded) {
  ParseScope scope;
  ByteReader reader{attributes, scope};
  while (reader.more()) {
    reader.skip(2, "attribute_type");
    const std::size_t length = reader.block16("attribute_value").remaining();
    if (padded) reader.skip(std::min<std::size_t>((4 - length % 4) % 4, reader.remaining()), "padding");
  }
  return scope.ok();
}

/// Rules is how one dialect's attributes are read.
struct Rules {
  StunFlavour flavour{};
  bool padded = true;
  bool allocates = false;  ///< an Allocate response: before RFC 5766, MAPPED-ADDRESS was the relay's
  bool cut = false;
  Bytes transaction_id;
};

/// read_address reads an address attribute (RFC 8489 sections 14.1, 14.2); nullopt for a family that is not IP's, or a wrong length.
std::optional<Endpoint> read_address(Bytes value, bool exclusive_or, Bytes transaction_id) {
  constexpr std::size_t kPortOffset = 2;
  constexpr std::size_t kAddressOffset = 4;
  const bool v4 = value.size() == kAddressOffset + 4 && value[1] == 1;
  const bool v6 = value.size() == kAddressOffset + 16 && value[1] == 2;
  if (!v4 && !v6) return std::nullopt;
  std::array<std::uint8_t, 18> octets{};  // port, address
  std::ranges::copy(value.subspan(kPortOffset), octets.begin());
  if (exclusive_or) {
    octets[0] ^= transaction_id[0];
    octets[1] ^= transaction_id[1];
    for (std::size_t i = 0; i < kTransactionIdBytes; ++i) octets[2 + i] ^= transaction_id[i];
  }
  const std::span<const std::uint8_t, 18> whole{octets};
  Endpoint endpoint{.address = v4 ? IpAddress::v4(whole.subspan<2, 4>()) : IpAddress::v6(whole.subspan<2, 16>()),
                    .port = static_cast<std::uint16_t>(octets[0] << 8 | octets[1])};
  return endpoint;
}

struct AddressMeaning {
  TransportAddressKind kind{};
  bool exclusive_or = false;
};

/// meaning_of says what an attribute's address is, in its dialect.
std::optional<AddressMeaning> meaning_of(StunAttribute type, const Rules& rules) {
  const bool rfc8489 = rules.flavour == StunFlavour::rfc8489;
  const bool ms_turn = rules.flavour == StunFlavour::ms_turn || rules.flavour == StunFlavour::google;
  switch (type) {
    case StunAttribute::mapped_address:
      return AddressMeaning{.kind = ms_turn && rules.allocates ? TransportAddressKind::relayed : TransportAddressKind::mapped};
    case StunAttribute::xor_mapped_address:
    case StunAttribute::xor_mapped_address_draft: return AddressMeaning{.kind = TransportAddressKind::mapped, .exclusive_or = true};
    case StunAttribute::xor_relayed_address:
      if (!rfc8489) return std::nullopt;
      return AddressMeaning{.kind = TransportAddressKind::relayed, .exclusive_or = true};
    case StunAttribute::peer_or_remote_address:
      if (!rfc8489 && !ms_turn) return std::nullopt;
      return AddressMeaning{.kind = TransportAddressKind::peer, .exclusive_or = rfc8489};
    case StunAttribute::destination_address:
      if (!ms_turn) return std::nullopt;
      return AddressMeaning{.kind = TransportAddressKind::peer};
    case StunAttribute::alternate_server: return AddressMeaning{.kind = TransportAddressKind::alternate};
    case StunAttribute::alternate_server_ms:
      if (!ms_turn) return std::nullopt;
      return AddressMeaning{.kind = TransportAddressKind::alternate};
    case StunAttribute::channel_number:
    case StunAttribute::magic_cookie:
    case StunAttribute::data:
    case StunAttribute::google_options: break;
  }
  return std::nullopt;
}

void read_attribute(StunAttribute type, Bytes value, std::size_t offset, const Rules& rules, StunMessage& message) {
  if (type == StunAttribute::data) {
    if (message.has_data) return;  // RFC 8489 section 14: of an attribute that comes again the first counts
    message.has_data = true;
    message.data_offset = offset;
    message.data = value;
    return;
  }
  if (type == StunAttribute::channel_number && value.size() >= 2 && rules.flavour == StunFlavour::rfc8489) {
    message.channel_number = static_cast<std::uint16_t>(value[0] << 8 | value[1]);
    return;
  }
  if (type == StunAttribute::google_options && rules.flavour == StunFlavour::ms_turn) message.header.flavour = StunFlavour::google;
  const auto meaning = meaning_of(type, rules);
  if (!meaning || message.num_addresses == kMaxStunAddresses) return;
  const auto endpoint = read_address(value, meaning->exclusive_or, rules.transaction_id);
  if (!endpoint) return;
  message.addresses[message.num_addresses++] = {.kind = meaning->kind, .endpoint = *endpoint, .offset = offset, .length = value.size()};
}

void read_attributes(ByteReader& attributes, const Rules& rules, StunMessage& message) {
  while (attributes.more()) {
    if (rules.cut && attributes.remaining() < kAttributeHeaderBytes) return;
    const StunAttribute type{attributes.u16("attribute_type")};
    const std::size_t length = attributes.u16("attribute_length");
    if (rules.cut && length > attributes.remaining()) {
      message.data_cut = type == StunAttribute::data && !message.has_data;
      if (message.data_cut) read_attribute(type, attributes.rest(), attributes.offset(), rules, message);
      return;
    }
    const std::size_t offset = attributes.offset();
    const Bytes value = attributes.bytes(length, "attribute_value");
    if (!attributes.scope().ok()) return;
    read_attribute(type, value, offset, rules, message);
    if (rules.padded) attributes.skip(std::min<std::size_t>((4 - length % 4) % 4, attributes.remaining()), "padding");
  }
}

/// tell_older reads what tells the dialects without a cookie in the header apart.
void tell_older(ByteReader& reader, std::uint16_t type, std::size_t attributes_bytes, Bytes transaction_id, StunHeader& header) {
  if (is_ms_turn_type(type)) {
    reader.supported(attributes_bytes >= 8, "magic_cookie");
    reader.supported(StunAttribute{reader.u16("attribute_type")} == StunAttribute::magic_cookie, "magic_cookie");
    reader.supported(reader.u16("attribute_length") == 4, "magic_cookie");
    reader.supported(reader.u32("magic_cookie") == kMsTurnMagicCookie, "magic_cookie");
    header.flavour = StunFlavour::ms_turn;
    if (type == kMsDataIndication) header.message_class = StunClass::indication;
    return;
  }
  reader.supported(is_rfc3489_type(type), "magic_cookie");
  reader.supported(attributes_bytes % 4 == 0 && looks_random(transaction_id), "magic_cookie");
  header.flavour = StunFlavour::rfc3489;
}

}  // namespace

const Endpoint* StunMessage::peer() const {
  for (std::size_t i = 0; i < num_addresses; ++i) {
    if (addresses[i].kind == TransportAddressKind::peer) return &addresses[i].endpoint;
  }
  return nullptr;
}

bool StunMessage::relays() const {
  if (!has_data) return false;
  switch (header.flavour) {
    case StunFlavour::rfc8489:
      return header.message_class == StunClass::indication &&
             (StunMethod{header.method} == StunMethod::send || StunMethod{header.method} == StunMethod::data);
    case StunFlavour::ms_turn:
    case StunFlavour::google: {
      const bool send = MsTurnMethod{header.method} == MsTurnMethod::send && header.message_class == StunClass::request;
      return send || (MsTurnMethod{header.method} == MsTurnMethod::data && header.message_class == StunClass::indication);
    }
    case StunFlavour::rfc3489: break;
  }
  return false;
}

Parsed<StunHeader> parse_stun_header(Bytes bytes) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  const std::uint16_t type = reader.u16("message_type");
  reader.supported(type >> 14 == 0, "message_type");
  const std::size_t length = reader.u16("message_length");
  const Bytes transaction_id = reader.bytes(kTransactionIdBytes, "transaction_id");
  StunHeader header{.method = method_of(type), .message_class = class_of(type), .message_bytes = kStunHeaderBytes + length};
  if (!scope.ok()) return scope.finish(header);
  if (ByteReader{transaction_id, scope}.u32("magic_cookie") == kStunMagicCookie) {
    header.flavour = StunFlavour::rfc8489;
  } else {
    tell_older(reader, type, length, transaction_id, header);
  }
  return scope.finish(header);
}

Parsed<StunMessage> parse_stun_message(Bytes bytes, bool cut) {
  const auto header = parse_stun_header(bytes);
  if (!header) return std::unexpected(header.error());
  ParseScope scope;
  ByteReader reader{bytes, scope};
  reader.skip(4, "message_type");
  Rules rules;
  rules.flavour = header->flavour;
  rules.transaction_id = reader.bytes(kTransactionIdBytes, "transaction_id");
  rules.allocates = StunMethod{header->method} == StunMethod::allocate && header->message_class == StunClass::success;
  StunMessage message;
  message.header = *header;
  const std::size_t length = header->message_bytes - kStunHeaderBytes;
  rules.cut = cut && length > reader.remaining();
  ByteReader attributes = reader.block(rules.cut ? reader.remaining() : length, "attributes");
  if (!scope.ok()) return scope.finish(message);
  if (header->flavour != StunFlavour::rfc8489 && !rules.cut) rules.padded = !attributes_fit(attributes.rest(), false);
  read_attributes(attributes, rules, message);
  return scope.finish(message);
}

Parsed<ChannelData> parse_channel_data(Bytes bytes) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  ChannelData frame;
  frame.channel_number = reader.u16("channel_number");
  reader.supported(frame.channel_number >> 14 == 1, "channel_number");
  const std::size_t length = reader.u16("length");
  frame.data_offset = reader.offset();
  frame.data = reader.bytes(length, "application_data");
  return scope.finish(frame);
}

Parsed<MultiplexedTurn> parse_multiplexed_turn(Bytes bytes) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  reader.supported(reader.u16("channel_id") == kMultiplexedTurnChannel, "channel_id");
  const std::size_t length = reader.u16("length");
  reader.require(length >= kSessionIdBytes, "length");
  MultiplexedTurn frame;
  frame.session_id = reader.u64("mturn_session_id");
  frame.data_offset = reader.offset();
  frame.data = reader.bytes(length < kSessionIdBytes ? 0 : length - kSessionIdBytes, "data");
  return scope.finish(frame);
}

}  // namespace sealtrace
