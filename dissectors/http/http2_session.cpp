#include "dissectors/http/http2_session.hpp"

#include <algorithm>
#include <memory>

#include "dissectors/http/http_probe.hpp"
#include "proto/text_head.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

std::unique_ptr<Session> open_http2(const Services& services) { return std::make_unique<Http2Session>(services); }

/// HeadFields fills an HttpHead with the few fields that are looked at.
class HeadFields final : public HpackSink {
 public:
  void field(std::string_view name, std::string_view value) override {
    if (name == ":method") {
      is_head_ = true;
      head.add_method(value);
    } else if (name == ":path") {
      head.add_path(value);
    } else if (name == ":authority") {
      head.add_authority(value);
    } else if (name == ":status") {
      is_head_ = true;
      head.set_status(static_cast<std::uint16_t>(std::min<std::uint32_t>(decimal(value).value_or(0), 999)));
    } else if (!name.starts_with(':')) {
      head.add_field(name, value);
    }
  }
  /// is_head is false for trailers (RFC 9113 section 8.1).
  [[nodiscard]] bool is_head() const { return is_head_; }

  HttpHead head;

 private:
  bool is_head_ = false;
};

}  // namespace

const Dissector kHttp2Dissector{.name = "http2", .probe = probe_http2, .open = open_http2};

Http2Session::Http2Session(const Services& services) : halves_{Half{services.hash_key}, Half{services.hash_key}} {}

Progress Http2Session::give_up(Half& half, const ParseError& error, const Chunk& chunk, FactSink& facts) {
  half.done = true;
  half.block = {};
  facts.report(chunk.fact(unreadable_fact(error), 0, chunk.bytes.size()));
  return side_done(chunk);
}

Progress Http2Session::begin(Half& half, const Chunk& chunk) {
  const std::string_view text = as_text(chunk.bytes).substr(0, kHttp2Preface.size());
  if (kHttp2Preface.starts_with(text)) {
    half.begun = text.size() == kHttp2Preface.size();
    return half.begun ? Progress{.consumed = kHttp2Preface.size()} : wait_for(text.size() + 1);
  }
  // A server may write its SETTINGS before it has read that its client speaks HTTP/1.
  const Recognition http1 = probe_http({.bytes = chunk.bytes, .transport = Transport::tcp, .at_start = true});
  if (http1 == Recognition::yes) return {.consumed = 0, .need = 1, .done = false, .hand_over = true};
  if (http1 == Recognition::need_more) return wait_for(chunk.bytes.size() + 1);
  if (chunk.bytes.size() < kHttp2FrameHeaderBytes) return wait_for(kHttp2FrameHeaderBytes);
  half.begun = true;
  // Both sides begin with SETTINGS (RFC 9113 section 3.4): what begins otherwise was joined later, and blocks before it are missing.
  const auto header = parse_http2_frame_header(chunk.bytes);
  if (header && header->type == Http2FrameType::settings && (header->flags & kHttp2FlagAck) == 0) return {};
  half.decoder.join_late();
  // Nothing says that a frame begins here, so an unreadable one is nobody's fault.
  const bool plausible = header && header->length <= kMaxFieldBlockBytes && header->type <= Http2FrameType::continuation;
  half.done = !plausible;
  return half.done ? side_done(chunk) : Progress{};
}

Progress Http2Session::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& half = this->half(chunk.sender);
  half.last_evidence = chunk.origin->at(0, 1);
  half.last_time = chunk.origin->time_at(0);
  if (half.done) return side_done(chunk);
  if (!half.begun) {
    const Progress progress = begin(half, chunk);
    if (!half.begun || half.done || progress.consumed != 0) return progress;
  }
  return read_frame(half, chunk, facts);
}

Progress Http2Session::read_frame(Half& half, const Chunk& chunk, FactSink& facts) {
  const auto header = parse_http2_frame_header(chunk.bytes);
  if (!header) {
    if (header.error().code == ParseErrorCode::need_more) return wait_for(kHttp2FrameHeaderBytes);
    return give_up(half, header.error(), chunk, facts);
  }
  const bool continues = header->type == Http2FrameType::continuation && header->stream_id == half.block_stream_id;
  // RFC 9113 section 6.10: nothing stands between the parts of a field block, and none without a beginning.
  if (half.in_block != (header->type == Http2FrameType::continuation) || (half.in_block && !continues))
    return give_up(half, {.code = ParseErrorCode::malformed, .offset = 3, .field = "Type"}, chunk, facts);
  const bool read = half.in_block || header->type == Http2FrameType::headers || header->type == Http2FrameType::push_promise ||
                    header->type == Http2FrameType::settings;
  const std::size_t frame_bytes = kHttp2FrameHeaderBytes + header->length;
  if (!read) return {.consumed = frame_bytes};
  if (half.block.size() + header->length > kMaxFieldBlockBytes)
    return give_up(half, {.code = ParseErrorCode::unsupported, .offset = 0, .field = "Length"}, chunk, facts);
  if (chunk.bytes.size() < frame_bytes) return wait_for(frame_bytes);
  return read_payload(half, *header, chunk, facts);
}

Progress Http2Session::read_payload(Half& half, const Http2FrameHeader& header, const Chunk& chunk, FactSink& facts) {
  const std::size_t frame_bytes = kHttp2FrameHeaderBytes + header.length;
  const Bytes payload = chunk.bytes.subspan(kHttp2FrameHeaderBytes, header.length);
  if (header.type == Http2FrameType::settings) {
    // What this side is ready to decode is what the other may encode with.
    if (const auto size = http2_header_table_size(payload)) this->half(other(chunk.sender)).decoder.allow_table(*size);
    return {.consumed = frame_bytes};
  }
  const auto fragment = http2_field_block(header, payload);
  if (!fragment) return give_up(half, fragment.error(), chunk, facts);
  if (!half.in_block) half.pushed = header.type == Http2FrameType::push_promise;
  const bool whole = (header.flags & kHttp2FlagEndHeaders) != 0;
  Bytes block = *fragment;
  if (half.in_block || !whole) {
    half.block.insert(half.block.end(), fragment->begin(), fragment->end());
    block = half.block;
  }
  half.in_block = !whole;
  half.block_stream_id = header.stream_id;
  if (!whole) return {.consumed = frame_bytes};

  HeadFields fields;
  const auto decoded = half.decoder.decode(block, fields);
  half.block.clear();
  if (!decoded) return give_up(half, decoded.error(), chunk, facts);
  if (fields.is_head() && !half.pushed) {
    fields.head.message.version = 20;
    fields.head.complete();
    half.reporter.report(fields.head, chunk, 0, frame_bytes, facts);
  }
  return {.consumed = frame_bytes};
}

void Http2Session::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) {
  Half& half = this->half(sender);
  if (half.done || missing_bytes <= skipped) return;
  // Frames have no mark to find them again by.
  half.done = true;
  half.block = {};
  facts.report({.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = false},
                .sender = sender,
                .time = half.last_time,
                .evidence = half.last_evidence});
}

}  // namespace sealtrace
