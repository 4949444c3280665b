#include "dissectors/sip/sip_datagram.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "dissectors/sip/sip_open_message.hpp"
#include "dissectors/sip/sip_start_line.hpp"

namespace sealtrace {
namespace {

/// read_body scans the octets behind a head. What Content-Length does not cover is not of the message; what it promises and the datagram
/// does not hold is an error of the sender, unless the capture cut it (section 18.3).
void read_body(SipHead&& head, Bytes body, bool cut, const SipPlace& place, SipReports& reports, FactSink& facts) {
  const SipContentLength length = head.content_length;
  bool whole = !cut;
  if (length.malformed) {
    reports.on_unreadable({.code = ParseErrorCode::malformed, .offset = 0, .field = "Content-Length"}, place, facts);
  } else if (length.present && length.bytes <= body.size()) {
    body = body.first(length.bytes);
    whole = true;
  } else if (length.present && !cut) {
    reports.on_unreadable({.code = ParseErrorCode::malformed, .offset = 0, .field = "Content-Length"}, place, facts);
  }
  SipOpenMessage message{std::move(head), place, reports};
  if (!whole && message.reads_body())
    reports.on_unreadable({.code = ParseErrorCode::truncated, .offset = 0, .field = "message-body"}, place, facts);
  message.take(body);
  message.finish(whole, reports, facts);
}

}  // namespace

Datagram read_sip_datagram(const Chunk& chunk, SipReports& reports, FactSink& facts) {
  std::string_view text = as_text(chunk.bytes);
  const std::size_t begin = std::min(text.find_first_not_of("\r\n"), text.size());
  text.remove_prefix(begin);
  if (text.empty()) return Datagram::taken;
  const Bytes message = chunk.bytes.subspan(begin);
  const SipPlace place = sip_place_of(chunk, begin, message.size());
  if (auto head = parse_sip_head(message, reports.hash_key())) {
    const std::size_t length = head->length;
    const SipPlace head_place = sip_place_of(chunk, begin, length);
    reports.on_head(*head, head_place, facts);
    read_body(std::move(*head), message.subspan(length), chunk.cut, head_place, reports, facts);
    return Datagram::taken;
  }
  auto start = parse_sip_start(message);
  if (!start) {
    const bool begins = recognise_sip_start(text) != Recognition::no;
    if (!chunk.cut || !begins) return Datagram::not_mine;
    reports.on_unreadable({.code = ParseErrorCode::truncated, .offset = begin, .field = "start-line"}, place, facts);
    return Datagram::taken;
  }
  const std::size_t length = find_sip_head_end(message, 0);
  auto head = length == 0 ? parse_sip_head_cut(message, reports.hash_key()) : parse_sip_head(message, reports.hash_key());
  const ParseError ended{.code = chunk.cut ? ParseErrorCode::truncated : ParseErrorCode::malformed, .offset = 0, .field = "header fields"};
  SipHead& readable = head ? *head : *start;
  reports.on_head(readable, place, facts);
  reports.on_unreadable(head ? ended : head.error(), place, facts);
  reports.on_start(std::move(readable), place, facts);
  return Datagram::taken;
}

}  // namespace sealtrace
