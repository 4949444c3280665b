#include "dissectors/dtls/dtls_carrier.hpp"

#include <algorithm>

#include "dissectors/dtls/dtls_parse.hpp"

namespace sealtrace {
namespace {

constexpr std::uint32_t kMagicCookie = 0x2112A442;  // RFC 8489 section 5
constexpr std::size_t kTransactionIdBytes = 12;
constexpr std::size_t kCapwapPreambleBytes = 4;

enum class StunType : std::uint16_t { channel_bind_request = 0x0009, send_indication = 0x0016, data_indication = 0x0017 };
enum class StunAttribute : std::uint16_t { channel_number = 0x000C, xor_peer_address = 0x0012, data = 0x0013 };

Bytes at_most(Bytes bytes, std::size_t count) { return bytes.first(std::min(bytes.size(), count)); }

/// read_xor_address undoes the exclusive-or with magic cookie and transaction id (RFC 8489 section 14.2).
TurnPeer read_xor_address(ByteReader& value, Bytes cookie_and_transaction_id) {
  TurnPeer peer{};
  value.u8("reserved");
  peer[0] = value.u8("family");
  const Bytes port = value.bytes(2, "x_port");
  const Bytes address = at_most(value.rest(), 16);
  for (std::size_t i = 0; i < port.size(); ++i) peer[1 + i] = port[i] ^ cookie_and_transaction_id[i];
  for (std::size_t i = 0; i < address.size(); ++i) peer[3 + i] = address[i] ^ cookie_and_transaction_id[i];
  return peer;
}

void read_attributes(ByteReader& attributes, Bytes cookie_and_transaction_id, TurnFrame& frame) {
  while (attributes.more()) {
    const StunAttribute type{attributes.u16("attribute_type")};
    ByteReader value = attributes.block16("attribute_value");
    const std::size_t padding = std::min<std::size_t>((4 - value.remaining() % 4) % 4, attributes.remaining());
    switch (type) {
      case StunAttribute::channel_number: frame.channel = value.u16("channel_number"); break;
      case StunAttribute::xor_peer_address: frame.peer = read_xor_address(value, cookie_and_transaction_id); break;
      case StunAttribute::data:
        frame.data_offset = value.offset();
        frame.data = value.rest();
        break;
    }
    attributes.skip(padding, "padding");
  }
}

TurnFrame::Kind kind_of(StunType type) {
  switch (type) {
    case StunType::channel_bind_request: return TurnFrame::Kind::channel_bind;
    case StunType::send_indication:
    case StunType::data_indication: return TurnFrame::Kind::indication;
  }
  return TurnFrame::Kind::other;
}

bool has_capwap_preamble(Bytes datagram) {  // RFC 5415 section 4.2: version 0, type 1, reserved
  static constexpr std::array<std::uint8_t, kCapwapPreambleBytes> kPreamble{0x01, 0x00, 0x00, 0x00};
  return datagram.size() > kPreamble.size() && std::ranges::equal(datagram.first(kPreamble.size()), kPreamble);
}

}  // namespace

Parsed<TurnFrame> parse_turn_frame(Bytes bytes) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  TurnFrame frame;
  const std::uint16_t type = reader.u16("message_type");
  const std::uint16_t length = reader.u16("message_length");
  if (type >> 12 == 4) {
    frame.kind = TurnFrame::Kind::channel_data;
    frame.channel = type;
    frame.data_offset = reader.offset();
    frame.data = reader.bytes(length, "application_data");
    frame.frame_bytes = (frame.data_offset + length + 3) / 4 * 4;
    return scope.finish(frame);
  }
  reader.supported(type >> 14 == 0, "message_type");
  const Bytes cookie_and_transaction_id = at_most(reader.rest(), 4 + kTransactionIdBytes);
  reader.supported(reader.u32("magic_cookie") == kMagicCookie, "magic_cookie");
  reader.skip(kTransactionIdBytes, "transaction_id");
  frame.kind = kind_of(StunType{type});
  ByteReader attributes = reader.block(length, "attributes");
  frame.frame_bytes = reader.offset();
  read_attributes(attributes, cookie_and_transaction_id, frame);
  return scope.finish(frame);
}

std::optional<DtlsPayload> DtlsCarrier::take(Form form, DtlsPayload payload) {
  if (form_ == Form::unknown && looks_like_dtls(payload.bytes)) form_ = form;
  if (form_ != form || payload.bytes.empty()) return std::nullopt;
  return payload;
}

std::optional<DtlsPayload> DtlsCarrier::unwrap_datagram(Bytes datagram) {
  if (datagram.empty()) return std::nullopt;
  if (datagram[0] >= 20 && datagram[0] <= 63) return take(Form::bare, {.offset = 0, .bytes = datagram});  // RFC 7983
  if (form_ == Form::bare) return std::nullopt;
  if (has_capwap_preamble(datagram)) {
    return take(Form::capwap, {.offset = kCapwapPreambleBytes, .bytes = datagram.subspan(kCapwapPreambleBytes)});
  }
  const auto frame = parse_turn_frame(datagram);
  return frame ? unwrap_frame(*frame) : std::nullopt;
}

std::optional<DtlsPayload> DtlsCarrier::unwrap_frame(const TurnFrame& frame) {
  if (frame.kind == TurnFrame::Kind::channel_bind && peer_ && frame.peer == peer_) channel_ = frame.channel;
  const bool indication = frame.kind == TurnFrame::Kind::indication && frame.peer;
  if (!indication && frame.kind != TurnFrame::Kind::channel_data) return std::nullopt;
  const bool followed = indication ? peer_ == frame.peer : channel_ == frame.channel;
  if (form_ == Form::turn && !followed) return std::nullopt;
  const auto payload = take(Form::turn, {.offset = frame.data_offset, .bytes = frame.data});
  if (payload && indication) peer_ = frame.peer;
  if (payload && !indication) channel_ = frame.channel;
  return payload;
}

}  // namespace sealtrace
