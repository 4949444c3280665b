#include "dissectors/stun/stun_framing.hpp"

#include <algorithm>

#include "proto/stun.hpp"

namespace sealtrace {
namespace {

/// kMaxFirstFrameBytes is the longest first frame that a stream is recognised by: above any datagram that media is cut for (an MTU), with
/// room for jumbo frames.
constexpr std::size_t kMaxFirstFrameBytes = 4096;
constexpr std::size_t kCookieOffset = 4;
constexpr std::size_t kCookieBytes = 4;
constexpr std::size_t kChannelHeaderBytes = 4;
constexpr std::uint8_t kChannelOctet = 0x4;  // RFC 8656's channels, by the upper half of the first octet
constexpr std::size_t kRtpHeaderBytes = 12;
constexpr std::size_t kMsFrameHeaderBytes = 4;
constexpr std::size_t kRfc4571HeaderBytes = 2;
constexpr std::size_t kMsTurnHeadBytes = kStunHeaderBytes + 8;  // with the cookie's attribute

enum class MsFrameType : std::uint8_t { control = 0x02, end_to_end = 0x03 };

Bytes at_most(Bytes bytes, std::size_t count) { return bytes.first(std::min(bytes.size(), count)); }

/// reads says what a parser's outcome means for recognition.
template <typename T>
Recognition as_recognition(const Parsed<T>& parsed) {
  if (parsed) return Recognition::yes;
  return parsed.error().code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
}

/// may_begin_stun compares what is there of a header: two zero bits, and the cookie behind type and length.
bool may_begin_stun(Bytes bytes) {
  if (!bytes.empty() && bytes[0] >> 6 != 0) return false;
  constexpr std::array<std::uint8_t, kCookieBytes> kCookie{0x21, 0x12, 0xA4, 0x42};
  if (bytes.size() <= kCookieOffset) return true;
  const Bytes cookie = at_most(bytes.subspan(kCookieOffset), kCookieBytes);
  return std::ranges::equal(cookie, Bytes{kCookie}.first(cookie.size()));
}

/// RtpHead is what two packets of one source have in common, or not (RFC 3550 section 5.1).
struct RtpHead {
  std::uint16_t sequence_number = 0;
  std::uint32_t ssrc = 0;
};

Parsed<RtpHead> parse_rtp_head(Bytes bytes) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  reader.supported(reader.u8("version") >> 6 == 2, "version");
  const std::uint8_t payload_type = reader.u8("payload_type") & 0x7F;
  reader.supported(payload_type < 64 || payload_type > 95, "payload_type");  // RFC 5761 section 4
  RtpHead head;
  head.sequence_number = reader.u16("sequence_number");
  reader.skip(4, "timestamp");
  head.ssrc = reader.u32("ssrc");
  reader.supported(head.ssrc != 0, "ssrc");
  return scope.finish(head);
}

/// follows says whether two heads are a source's, one soon after the other.
bool follows(const RtpHead& first, const RtpHead& second) {
  constexpr std::uint16_t kMaxStep = 100;
  const auto step = static_cast<std::uint16_t>(second.sequence_number - first.sequence_number);
  return first.ssrc == second.ssrc && step > 0 && step <= kMaxStep;
}

/// detect_media looks for two frames in a row of one RTP source.
Recognition detect_media(StunFraming framing, Bytes bytes) {
  const auto first = parse_stream_frame(framing, bytes);
  if (!first) return as_recognition(first);
  if (first->payload_bytes < kRtpHeaderBytes || first->payload_bytes > kMaxFirstFrameBytes) return Recognition::no;
  const auto head = parse_rtp_head(bytes.subspan(first->payload_offset));
  if (!head) return as_recognition(head);
  if (bytes.size() < first->frame_bytes) return Recognition::need_more;
  const Bytes rest = bytes.subspan(first->frame_bytes);
  const auto second = parse_stream_frame(framing, rest);
  if (!second) return as_recognition(second);
  if (second->payload_bytes < kRtpHeaderBytes || second->payload_bytes > kMaxFirstFrameBytes) return Recognition::no;
  const auto next_head = parse_rtp_head(rest.subspan(second->payload_offset));
  if (!next_head) return as_recognition(next_head);
  return follows(*head, *next_head) ? Recognition::yes : Recognition::no;
}

/// begins_channel_data says whether a frame of a channel with something plausible inside begins here.
Recognition begins_channel_data(Bytes bytes) {
  constexpr std::size_t kTellingBytes = kMsTurnHeadBytes;  // of the payload: more than any other needs
  if (!bytes.empty() && bytes[0] >> 4 != kChannelOctet) return Recognition::no;
  const auto frame = parse_stream_frame(StunFraming::turn, bytes);
  if (!frame) return as_recognition(frame);
  if (frame->payload_bytes > kMaxFirstFrameBytes) return Recognition::no;
  const Bytes payload = at_most(bytes, frame->payload_bytes).subspan(kChannelHeaderBytes);
  if (payload.size() < std::min(kTellingBytes, frame->payload_bytes - kChannelHeaderBytes)) return Recognition::need_more;
  return looks_like_inner(payload) ? Recognition::yes : Recognition::no;
}

/// detect_channel_data looks for two frames in a row of one channel: a stream joined in the middle.
Recognition detect_channel_data(Bytes bytes) {
  const Recognition first = begins_channel_data(bytes);
  if (first != Recognition::yes) return first;
  const std::size_t frame_bytes = parse_stream_frame(StunFraming::turn, bytes)->frame_bytes;
  if (bytes.size() < frame_bytes) return Recognition::need_more;
  const Bytes rest = bytes.subspan(frame_bytes);
  if (!std::ranges::equal(at_most(rest, 2), bytes.first(std::min<std::size_t>(rest.size(), 2)))) return Recognition::no;
  return begins_channel_data(rest);
}

Recognition detect_turn(Bytes bytes) {
  if (bytes.empty()) return Recognition::need_more;
  if (bytes[0] >> 4 == kChannelOctet) return detect_channel_data(bytes);
  if (!may_begin_stun(bytes)) return Recognition::no;
  const auto header = parse_stun_header(bytes);
  if (header && header->flavour != StunFlavour::rfc8489) return Recognition::no;
  return as_recognition(header);
}

Recognition detect_rfc4571(Bytes bytes) {
  if (bytes.size() < kRfc4571HeaderBytes)
    return bytes.empty() || bytes[0] <= kMaxFirstFrameBytes >> 8 ? Recognition::need_more : Recognition::no;
  const std::size_t length = static_cast<std::size_t>(bytes[0] << 8 | bytes[1]);
  if (length < kRtpHeaderBytes || length > kMaxFirstFrameBytes) return Recognition::no;
  const Bytes payload = at_most(bytes.subspan(kRfc4571HeaderBytes), length);
  if (payload.empty()) return Recognition::need_more;
  if (payload[0] >> 6 == 2) return detect_media(StunFraming::rfc4571, bytes);
  if (payload[0] > 3 || length < kStunHeaderBytes) return Recognition::no;
  if (payload.size() >= 4) {
    const std::size_t message_bytes = kStunHeaderBytes + static_cast<std::size_t>(payload[2] << 8 | payload[3]);
    if (message_bytes != length) return Recognition::no;
  }
  const auto header = parse_stun_header(payload);
  if (header && header->flavour == StunFlavour::rfc3489) return Recognition::no;
  return as_recognition(header);
}

Recognition detect_ms_turn(Bytes bytes) {
  if (bytes.empty()) return Recognition::need_more;
  const MsFrameType type{bytes[0]};
  if ((type != MsFrameType::control && type != MsFrameType::end_to_end) || (bytes.size() > 1 && bytes[1] != 0)) return Recognition::no;
  if (bytes.size() < kMsFrameHeaderBytes) return Recognition::need_more;
  if (type == MsFrameType::end_to_end) return detect_media(StunFraming::ms_turn, bytes);
  const std::size_t length = static_cast<std::size_t>(bytes[2] << 8 | bytes[3]);
  if (length < kMsTurnHeadBytes || length > kMaxFirstFrameBytes) return Recognition::no;
  const auto header = parse_stun_header(at_most(bytes.subspan(kMsFrameHeaderBytes), length));
  if (!header) return as_recognition(header);
  return header->flavour == StunFlavour::ms_turn && header->message_bytes == length ? Recognition::yes : Recognition::no;
}

/// fits_rfc3489 says whether attributes fill a message, each a multiple of four octets (RFC 3489 section 11.2). Their types are not asked:
/// clients have some of their own.
bool fits_rfc3489(Bytes attributes) {
  ParseScope scope;
  ByteReader reader{attributes, scope};
  while (reader.more()) {
    reader.supported(reader.u16("attribute_type") != 0, "attribute_type");
    reader.require(reader.block16("attribute_value").remaining() % 4 == 0, "attribute_length");
  }
  return scope.ok();
}

Recognition probe_message(Bytes datagram) {
  const auto header = parse_stun_header(datagram);
  if (!header) return Recognition::no;
  switch (header->flavour) {
    case StunFlavour::rfc8489:  // a snaplen may have cut it
      return header->message_bytes >= datagram.size() ? Recognition::yes : Recognition::no;
    case StunFlavour::ms_turn:
    case StunFlavour::google: return header->message_bytes >= datagram.size() ? Recognition::yes : Recognition::no;
    case StunFlavour::rfc3489: break;
  }
  const bool whole = header->message_bytes == datagram.size();
  return whole && fits_rfc3489(datagram.subspan(kStunHeaderBytes)) ? Recognition::yes : Recognition::no;
}

}  // namespace

Parsed<StreamFrame> parse_stream_frame(StunFraming framing, Bytes bytes) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  StreamFrame frame;
  switch (framing) {
    case StunFraming::none: reader.supported(false, "framing"); break;
    case StunFraming::rfc4571:
      frame.kind = StreamFrame::Kind::datagram;
      frame.payload_bytes = reader.u16("LENGTH");
      frame.payload_offset = reader.offset();
      frame.frame_bytes = frame.payload_offset + frame.payload_bytes;
      break;
    case StunFraming::ms_turn: {
      const MsFrameType type{reader.u8("type")};
      reader.require(type == MsFrameType::control || type == MsFrameType::end_to_end, "type");
      reader.require(reader.u8("reserved") == 0, "reserved");
      frame.kind = type == MsFrameType::control ? StreamFrame::Kind::message : StreamFrame::Kind::end_to_end;
      frame.payload_bytes = reader.u16("length");
      frame.payload_offset = reader.offset();
      frame.frame_bytes = frame.payload_offset + frame.payload_bytes;
      break;
    }
    case StunFraming::turn: {
      const std::uint16_t first = reader.u16("message_type");
      const std::size_t length = reader.u16("message_length");
      if (first >> 14 == 1) {
        frame.kind = StreamFrame::Kind::channel_data;
        frame.payload_bytes = 4 + length;
        frame.frame_bytes = (frame.payload_bytes + 3) / 4 * 4;
        break;
      }
      reader.require(first >> 14 == 0, "message_type");
      reader.require(reader.u32("magic_cookie") == kStunMagicCookie, "magic_cookie");
      frame.kind = StreamFrame::Kind::message;
      frame.payload_bytes = frame.frame_bytes = kStunHeaderBytes + length;
      break;
    }
  }
  return scope.finish(frame);
}

Detected detect_framing(Bytes bytes) {
  bool undecided = false;
  const auto decided = [&undecided](Recognition recognition) {
    undecided = undecided || recognition == Recognition::need_more;
    return recognition == Recognition::yes;
  };
  if (decided(detect_turn(bytes))) return {.recognition = Recognition::yes, .framing = StunFraming::turn};
  if (decided(detect_ms_turn(bytes))) return {.recognition = Recognition::yes, .framing = StunFraming::ms_turn};
  if (decided(detect_rfc4571(bytes))) return {.recognition = Recognition::yes, .framing = StunFraming::rfc4571};
  return {.recognition = undecided ? Recognition::need_more : Recognition::no, .framing = StunFraming::none};
}

bool looks_like_inner(Bytes payload) {
  if (payload.empty()) return false;
  if (payload[0] >> 6 == 2) return payload.size() >= 8 && parse_rtp_head(payload).has_value();
  constexpr std::size_t kDtlsRecordHeaderBytes = 13;
  if (payload[0] >= 20 && payload[0] <= 25) {  // RFC 6347 section 4.1
    return payload.size() > kDtlsRecordHeaderBytes && payload[1] == 0xFE && payload[2] >= 0xFC;
  }
  if (payload[0] > 3) return false;
  const auto header = parse_stun_header(payload);
  return header && header->flavour != StunFlavour::rfc3489;
}

bool fits_channel_data(Bytes datagram, bool cut) {
  constexpr std::size_t kMaxPadding = 3;
  if (datagram.size() < 4 || datagram[0] >> 6 != 1) return false;
  const std::size_t frame_bytes = 4 + static_cast<std::size_t>(datagram[2] << 8 | datagram[3]);
  if (frame_bytes > datagram.size()) return cut;
  return datagram.size() - frame_bytes <= kMaxPadding;
}

Recognition probe_stun_datagram(Bytes datagram) {
  if (datagram.size() < kStunHeaderBytes) return Recognition::no;
  const std::uint8_t first = datagram[0];
  if (first <= 3) return probe_message(datagram);
  constexpr std::uint8_t kFirstDtlsOctet = 20;  // RFC 7983
  if (first < kFirstDtlsOctet) return may_begin_stun(datagram) ? probe_message(datagram) : Recognition::no;
  if (first >> 4 == kChannelOctet) {  // joined in the middle
    return fits_channel_data(datagram, false) && looks_like_inner(datagram.subspan(4)) ? Recognition::yes : Recognition::no;
  }
  if (first != 0xFF) return Recognition::no;
  const auto frame = parse_multiplexed_turn(datagram);
  const bool whole = frame && frame->data_offset + frame->data.size() == datagram.size();
  return whole && looks_like_inner(frame->data) ? Recognition::yes : Recognition::no;
}

}  // namespace sealtrace
