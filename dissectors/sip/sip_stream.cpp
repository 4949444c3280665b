#include "dissectors/sip/sip_stream.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

/// kMaxSearchBytes is how far a search for the next message goes: twice the longest body.
constexpr std::uint64_t kMaxSearchBytes = 2ULL * kMaxSipBodyBytes;

constexpr ParseError malformed(std::string_view field) { return {.code = ParseErrorCode::malformed, .offset = 0, .field = field}; }

Progress wait_for_more(std::size_t have_bytes, std::size_t consumed = 0) {
  return {.consumed = consumed, .need = static_cast<std::uint32_t>(have_bytes - consumed + 1)};
}

/// line_end gives what follows the first line of `text`, or its size.
std::size_t line_end(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? text.size() : end + 1;
}

}  // namespace

Progress SipStreamReader::on_stream(const Chunk& chunk, SipReports& reports, FactSink& facts) {
  last_ = sip_place_of(chunk, chunk.bytes.size() - 1, 1);
  switch (state_) {
    case State::between: break;
    case State::body: return take_body(chunk, reports, facts);
    case State::searching: return search(chunk, reports, facts);
  }
  // Empty lines before a message are passed over; alone they are keep-alives (RFC 3261 section 7.5, RFC 5626 section 4.4.1).
  const std::size_t begin = std::min(as_text(chunk.bytes).find_first_not_of("\r\n"), chunk.bytes.size());
  if (begin != 0 && !start_line_read_) return {.consumed = begin};
  return take_head(chunk, reports, facts);
}

Progress SipStreamReader::take_head(const Chunk& chunk, SipReports& reports, FactSink& facts) {
  const std::size_t size = chunk.bytes.size();
  if (!start_line_read_) {
    const std::string_view text = as_text(chunk.bytes.first(std::min(size, kMaxSipStartLineBytes)));
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && size < kMaxSipStartLineBytes) return wait_for_more(size);
    const auto start = parse_sip_start_line(text.substr(0, std::min(end, text.size())));
    if (found_ && recognise_sip_start(text) != Recognition::yes) return not_a_message(malformed("start-line"), chunk, reports, facts);
    if (end == std::string_view::npos || !start)
      return not_a_message(start ? malformed("start-line") : start.error(), chunk, reports, facts);
    start_line_read_ = true;
    searched_bytes_ = 0;
  }
  const std::size_t length = find_sip_head_end(chunk.bytes.first(std::min(size, kMaxTextHeadBytes)), searched_bytes_);
  if (length == 0 && size < kMaxTextHeadBytes) {
    searched_bytes_ = size < 2 ? 0 : size - 2;  // a line end may be cut
    return wait_for_more(size);
  }
  if (length == 0) return not_a_message(malformed("header fields"), chunk, reports, facts);
  auto head = parse_sip_head(chunk.bytes.first(length), reports.hash_key());
  if (!head) return not_a_message(head.error(), chunk, reports, facts);
  if (found_ && !head->complete) return not_a_message(malformed("header fields"), chunk, reports, facts);
  return begin_message(std::move(*head), chunk, reports, facts);
}

Progress SipStreamReader::begin_message(SipHead&& head, const Chunk& chunk, SipReports& reports, FactSink& facts) {
  close_message(true, reports, facts);
  const SipPlace place = sip_place_of(chunk, 0, head.length);
  reports.on_head(head, place, facts);
  proven_ = true;
  found_ = start_line_read_ = false;
  num_search_bytes_ = 0;
  state_ = State::between;
  const std::size_t head_bytes = head.length;
  const SipContentLength length = head.content_length;
  open_.emplace(std::move(head), place, reports);
  if (!length.present || length.malformed) {  // section 20.14: a stream has no other end of a body
    reports.on_unreadable(malformed("Content-Length"), place, facts);
    begin_search();
    return {.consumed = head_bytes};
  }
  if (length.bytes == 0 || !open_->reads_body()) {
    close_message(true, reports, facts);
    return {.consumed = std::uint64_t{head_bytes} + length.bytes};
  }
  state_ = State::body;
  body_left_ = length.bytes;
  return {.consumed = head_bytes};
}

Progress SipStreamReader::not_a_message(const ParseError& error, const Chunk& chunk, SipReports& reports, FactSink& facts) {
  if (!found_ && (proven_ || start_line_read_)) {
    const std::size_t shown = std::min(line_end(as_text(chunk.bytes)), chunk.bytes.size());
    const SipPlace place = sip_place_of(chunk, 0, shown);
    reports.on_unreadable(error, place, facts);
    if (start_line_read_) {  // what kind of message it is was read all the same
      if (auto start = parse_sip_start(chunk.bytes)) {
        proven_ = true;
        reports.on_head(*start, place, facts);
        reports.on_start(std::move(*start), place, facts);
      }
    }
  }
  begin_search();
  mid_line_ = true;
  return search(chunk, reports, facts);
}

Progress SipStreamReader::take_body(const Chunk& chunk, SipReports& reports, FactSink& facts) {
  const auto taken = static_cast<std::uint32_t>(std::min<std::size_t>(body_left_, chunk.bytes.size()));
  open_->take(chunk.bytes.first(taken));
  body_left_ -= taken;
  if (body_left_ == 0) {
    state_ = State::between;
    close_message(true, reports, facts);
  }
  return {.consumed = taken};
}

void SipStreamReader::begin_search() {
  state_ = State::searching;
  found_ = start_line_read_ = mid_line_ = false;
  searched_bytes_ = 0;
}

Progress SipStreamReader::search(const Chunk& chunk, SipReports& reports, FactSink& facts) {
  const std::string_view text = as_text(chunk.bytes);
  std::size_t at = 0;
  // What is passed over may be the body of a message that did not say how long it is.
  const auto pass = [&](std::size_t count) {
    if (open_) open_->take(chunk.bytes.subspan(at, count));
    at += count;
    num_search_bytes_ += count;
  };
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (mid_line_) {
      const std::size_t end = line_end(rest);
      mid_line_ = rest[end - 1] != '\n';
      pass(end);
      continue;
    }
    const Recognition start = recognise_sip_start(rest.substr(0, kMaxSipStartLineBytes));
    if (start == Recognition::need_more && rest.size() < kMaxSipStartLineBytes) return wait_for_more(text.size(), at);
    mid_line_ = start != Recognition::yes;
    if (mid_line_) continue;
    state_ = State::between;
    found_ = true;
    start_line_read_ = false;
    return at != 0 ? Progress{.consumed = at} : take_head(chunk, reports, facts);
  }
  if (num_search_bytes_ <= kMaxSearchBytes) return {.consumed = at};
  facts.report(
      {.body = BudgetExceeded{.budget = "sip_search_bytes"}, .sender = chunk.sender, .time = last_.time, .evidence = last_.evidence});
  close_message(false, reports, facts);
  return {.consumed = at, .need = 1, .done = true};
}

void SipStreamReader::close_message(bool whole, SipReports& reports, FactSink& facts) {
  if (!open_) return;
  open_->finish(whole, reports, facts);
  open_.reset();
}

void SipStreamReader::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, SipReports& reports, FactSink& facts) {
  if (missing_bytes <= skipped) return;
  const std::uint64_t lost = missing_bytes - skipped;
  last_.sender = sender;
  reports.on_gap(lost, last_, facts);
  if (state_ == State::body && lost <= body_left_) {
    open_->lose();
    body_left_ -= static_cast<std::uint32_t>(lost);
    if (body_left_ != 0) return;
    state_ = State::between;
    return close_message(false, reports, facts);
  }
  close_message(false, reports, facts);
  begin_search();
}

void SipStreamReader::on_end(SipReports& reports, FactSink& facts) { close_message(false, reports, facts); }

}  // namespace sealtrace
