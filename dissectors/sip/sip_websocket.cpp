#include "dissectors/sip/sip_websocket.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

/// kMaxFrameBytes bounds a frame that is believed: a head and the longest body.
constexpr std::uint64_t kMaxFrameBytes = kMaxTextHeadBytes + std::uint64_t{kMaxSipBodyBytes};
constexpr std::uint8_t kRsv1 = 0x4;
/// kMaxProbeText octets of a message decide whether it is SIP.
constexpr std::size_t kMaxProbeText = 1024;

constexpr ParseError error_of(ParseErrorCode code, std::string_view field) { return {.code = code, .offset = 0, .field = field}; }

}  // namespace

Progress SipWebsocketReader::on_stream(const Chunk& chunk, SipReports& reports, FactSink& facts) {
  const std::size_t size = chunk.bytes.size();
  last_ = sip_place_of(chunk, size - 1, 1);
  std::size_t at = 0;
  // What is not looked at is asked to be skipped as soon as that is known, so that its loss is no gap however the octets come.
  while (state_ != State::ended && (at < size || (state_ == State::payload && !wants_payload()))) {
    if (state_ == State::header) {
      take_header_octet(chunk, at++, reports, facts);
      continue;
    }
    const std::uint64_t left = frame_.payload_length - position_;
    if (!wants_payload() && left > size - at) {  // the rest of it is not looked at
      position_ = frame_.payload_length;
      end_frame(last_, reports, facts);
      return {.consumed = at + left, .need = 1, .done = state_ == State::ended};
    }
    at += take_payload(chunk, at, reports, facts);
  }
  return {.consumed = at, .need = 1, .done = state_ == State::ended};
}

void SipWebsocketReader::take_header_octet(const Chunk& chunk, std::size_t at, SipReports& reports, FactSink& facts) {
  header_[header_bytes_++] = chunk.bytes[at];
  const auto frame = parse_websocket_frame(Bytes{header_}.first(header_bytes_));
  if (!frame && frame.error().code == ParseErrorCode::need_more) return;
  const SipPlace place = sip_place_of(chunk, at, 1);
  if (!frame) return fail(frame.error(), place, reports, facts);
  header_bytes_ = 0;
  frame_ = *frame;
  position_ = 0;
  begin_frame(place, reports, facts);
  if (state_ == State::payload && frame_.payload_length == 0) end_frame(place, reports, facts);
}

void SipWebsocketReader::begin_frame(const SipPlace& place, SipReports& reports, FactSink& facts) {
  state_ = State::payload;
  if (frame_.payload_length > kMaxFrameBytes)
    return fail(error_of(ParseErrorCode::unsupported, "Extended payload length"), place, reports, facts);
  if (is_control_frame(frame_.opcode)) return;
  const bool begins = frame_.opcode != WebsocketOpcode::continuation;
  if (begins && use_ != Use::none) return fail(error_of(ParseErrorCode::malformed, "opcode"), place, reports, facts);
  if (!begins && use_ == Use::none) {
    // A capture may begin inside a message; later a fragment needs a first one (RFC 6455 section 5.4).
    if (proven_) return fail(error_of(ParseErrorCode::malformed, "opcode"), place, reports, facts);
    use_ = Use::skip;
  }
  if (begins) {
    use_ = frame_.rsv == 0 ? Use::head : Use::skip;
    if ((frame_.rsv & kRsv1) != 0 && !std::exchange(compressed_, true))
      reports.on_unreadable(error_of(ParseErrorCode::unsupported, "RSV1"), place, facts);
  }
}

std::size_t SipWebsocketReader::take_payload(const Chunk& chunk, std::size_t at, SipReports& reports, FactSink& facts) {
  constexpr std::size_t kBlockBytes = 1024;
  const auto left = static_cast<std::size_t>(frame_.payload_length - position_);
  const std::size_t taken = std::min({left, chunk.bytes.size() - at, kBlockBytes});
  if (wants_payload()) {
    std::array<char, kBlockBytes> block{};
    for (std::size_t i = 0; i < taken; ++i) block[i] = static_cast<char>(unmasked_octet(frame_, chunk.bytes[at + i], position_ + i));
    take_text({block.data(), taken}, chunk, at, reports, facts);
  }
  position_ += taken;
  if (position_ == frame_.payload_length) end_frame(sip_place_of(chunk, at + taken - 1, 1), reports, facts);
  return taken;
}

void SipWebsocketReader::take_text(std::string_view text, const Chunk& chunk, std::size_t at, SipReports& reports, FactSink& facts) {
  if (use_ == Use::body) return open_->take(as_bytes(text));
  if (head_.empty()) {  // keep-alives, or empty lines before a message
    const std::size_t begin = std::min(text.find_first_not_of("\r\n"), text.size());
    text.remove_prefix(begin);
    at += begin;
  }
  const std::size_t before = head_.size();
  head_ += text;
  const std::size_t length = find_sip_head_end(as_bytes(head_).first(std::min(head_.size(), kMaxTextHeadBytes)), searched_bytes_);
  searched_bytes_ = head_.size() < 2 ? 0 : head_.size() - 2;
  if (length == 0 && head_.size() < kMaxTextHeadBytes) return;
  const SipPlace place = sip_place_of(chunk, at, length == 0 ? text.size() : length - before);
  auto head = length == 0 ? std::unexpected(error_of(ParseErrorCode::malformed, "header fields"))
                          : parse_sip_head(as_bytes(head_).first(length), reports.hash_key());
  if (!head) {
    use_ = Use::skip;
    auto start = parse_sip_start(as_bytes(head_));
    if (start || proven_) reports.on_unreadable(head.error(), place, facts);
    if (start) {
      start->message.over_websocket = true;
      reports.on_head(*start, place, facts);
      reports.on_start(std::move(*start), place, facts);
    }
  } else {
    proven_ = true;
    head->message.over_websocket = true;
    reports.on_head(*head, place, facts);
    open_.emplace(std::move(*head), place, reports);
    use_ = Use::body;
    open_->take(as_bytes(std::string_view{head_}.substr(length)));
  }
  head_.clear();
  searched_bytes_ = 0;
}

void SipWebsocketReader::end_frame(const SipPlace& place, SipReports& reports, FactSink& facts) {
  state_ = frame_.opcode == WebsocketOpcode::close ? State::ended : State::header;
  if (!is_control_frame(frame_.opcode) && frame_.fin) end_message(place, reports, facts);
}

void SipWebsocketReader::end_message(const SipPlace& place, SipReports& reports, FactSink& facts) {
  if (open_) open_->finish(true, reports, facts);
  open_.reset();
  if (use_ == Use::head && !head_.empty()) {  // it has no empty line
    auto start = parse_sip_start(as_bytes(head_));
    if (start || proven_) reports.on_unreadable(error_of(ParseErrorCode::malformed, start ? "header fields" : "start-line"), place, facts);
    if (start) {
      start->message.over_websocket = true;
      reports.on_head(*start, place, facts);
      reports.on_start(std::move(*start), place, facts);
    }
  }
  head_.clear();
  searched_bytes_ = 0;
  use_ = Use::none;
}

void SipWebsocketReader::fail(const ParseError& error, const SipPlace& place, SipReports& reports, FactSink& facts) {
  state_ = State::ended;
  if (proven_) reports.on_unreadable(error, place, facts);
  on_end(reports, facts);
}

void SipWebsocketReader::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, SipReports& reports, FactSink& facts) {
  if (missing_bytes <= skipped || state_ == State::ended) return;
  const std::uint64_t lost = missing_bytes - skipped;
  last_.sender = sender;
  reports.on_gap(lost, last_, facts);
  const bool inside = state_ == State::payload && lost <= frame_.payload_length - position_;
  if (!inside) {  // a header is among what is missing, and nothing marks the next one
    on_end(reports, facts);
    state_ = State::ended;
    return;
  }
  if (!is_control_frame(frame_.opcode) && use_ != Use::none) {
    on_end(reports, facts);
    use_ = Use::skip;
  }
  position_ += lost;
  if (position_ == frame_.payload_length) end_frame(last_, reports, facts);
}

void SipWebsocketReader::on_end(SipReports& reports, FactSink& facts) {
  if (open_) open_->finish(false, reports, facts);
  open_.reset();
  head_ = {};
  searched_bytes_ = 0;
}

Recognition probe_sip_websocket(Bytes bytes, bool at_start) {
  std::string text;
  bool in_message = false;
  while (!bytes.empty()) {
    const auto frame = parse_websocket_frame(bytes);
    if (!frame) return frame.error().code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
    const bool expected = is_control_frame(frame->opcode) ? at_start && frame->opcode != WebsocketOpcode::close
                                                          : (frame->opcode == WebsocketOpcode::continuation) == in_message;
    if (!expected || frame->rsv != 0 || frame->payload_length > kMaxFrameBytes) return Recognition::no;
    bytes = bytes.subspan(frame->length);
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(frame->payload_length, bytes.size()));
    const bool whole = length == frame->payload_length;
    if (!is_control_frame(frame->opcode)) {
      in_message = !frame->fin || !whole;
      for (std::size_t i = 0; i < length && text.size() < kMaxProbeText; ++i) {
        const char c = static_cast<char>(unmasked_octet(*frame, bytes[i], i));
        if (!text.empty() || (c != '\r' && c != '\n')) text += c;
      }
      const Recognition start = recognise_sip_start(text);
      if (start != Recognition::need_more) return start;
      if (!in_message && !text.empty()) return Recognition::no;  // the message has ended within its first line
    }
    if (!whole) return Recognition::need_more;
    bytes = bytes.subspan(length);
  }
  return Recognition::need_more;
}

}  // namespace sealtrace
