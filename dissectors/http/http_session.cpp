#include "dissectors/http/http_session.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "dissectors/http/http_form.hpp"
#include "dissectors/http/http_probe.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

/// kMaxPassBytes is what is asked to be passed over at once: the flow layer counts less than 2^31.
constexpr std::uint64_t kMaxPassBytes = 1U << 30;
/// kMaxMethodBytes: longer words are no method.
constexpr std::size_t kMaxMethodBytes = 32;
/// kMaxSearchedLineBytes bounds a request-line that is found by searching.
constexpr std::size_t kMaxSearchedLineBytes = 8192;

std::unique_ptr<Session> open_http(const Services& services) { return std::make_unique<HttpSession>(services); }

constexpr bool is_capital(std::uint8_t octet) { return octet >= 'A' && octet <= 'Z'; }

constexpr std::string_view kBeginsStatus = "HTTP/1.";

/// begins_status tells whether `text`, or what of it is there, can be a status-line of HTTP/1.
bool begins_status(std::string_view text) { return text.starts_with(kBeginsStatus.substr(0, text.size())); }

/// begins_request tells whether `text`, or what of it is there, can be a request-line.
bool begins_request(std::string_view text) {
  const std::string_view first = text.substr(0, kMaxMethodBytes + 1);
  const std::size_t space = first.find(' ');
  const std::string_view method = first.substr(0, space);
  return method.size() <= kMaxMethodBytes && space != 0 && std::ranges::all_of(method, is_http_token_char);
}

/// end_of_head finds the empty line behind a head: the offset behind it, or 0. The first `searched` octets were looked at before.
std::size_t end_of_head(std::string_view text, std::size_t searched) {
  for (std::size_t at = text.find('\n', searched < 2 ? 0 : searched - 2); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (text.substr(at + 1, 1) == "\n") return at + 2;
    if (text.substr(at + 1, 2) == "\r\n") return at + 3;
  }
  return 0;
}

HttpHead summary(const HttpStartLine& start, const TextHead& head) {
  HttpHead told;
  told.message.version = start.minor_version == 0 ? 10 : 11;
  if (start.request) {
    told.set_request(start.method, start.request_target);
  } else {
    told.set_status(start.status_code);
  }
  for (const TextField& field : head.fields) told.add_field(field.name, field.value);
  told.complete();
  return told;
}

/// is_tls_upgrade tells the token of RFC 2817.
bool is_tls_upgrade(std::string_view token) { return token.starts_with("tls/"); }

/// is_served tells a head that a web server writes: found by searching, a status-line alone may be text about HTTP.
bool is_served(const TextHead& head) {
  constexpr std::string_view kFields[]{"Date", "Server", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Location"};
  return std::ranges::any_of(kFields, [&](std::string_view name) { return head.find(name) != nullptr; });
}

}  // namespace

const Dissector kHttpDissector{.name = "http", .probe = probe_http, .open = open_http};

HttpSession::HttpSession(const Services& services) : halves_{Half{services.hash_key}, Half{services.hash_key}} {
  half(Side::initiator).requests = true;  // until the first head says otherwise
}

Progress HttpSession::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& half = this->half(chunk.sender);
  half.seen = true;
  half.last_evidence = chunk.origin->at(0, 1);
  half.last_time = chunk.origin->time_at(0);
  switch (half.phase) {
    case Phase::head: return on_head(half, chunk, facts);
    case Phase::body: return on_body(half, chunk, facts);
    case Phase::chunk_header: return on_chunk_header(half, chunk, facts);
    case Phase::chunk_end: return on_chunk_end(half, chunk, facts);
    case Phase::trailer: return on_trailer(half, chunk, facts);
    case Phase::waiting: return on_waiting(half, chunk, facts);
    case Phase::searching: return on_searching(half, chunk, facts);
    case Phase::done: break;
  }
  return leave(half, chunk);
}

Progress HttpSession::leave(Half& half, const Chunk& chunk) {
  half.phase = Phase::done;
  return side_done(chunk);
}

Progress HttpSession::give_up(Half& half, const ParseError& error, const Chunk& chunk, FactSink& facts) {
  if (half.requests) pairing_lost_ = true;
  facts.report(chunk.fact(unreadable_fact(error), 0, chunk.bytes.size()));
  return leave(half, chunk);
}

void HttpSession::begin_search(Half& half) {
  half.unread = true;
  half.phase = Phase::searching;
  half.search_left = kMaxHttpSearchBytes;
  half.at_line_start = true;
  half.searched = 0;
  half.peek = half.form = half.wait_after = false;
}

Progress HttpSession::on_head(Half& half, const Chunk& chunk, FactSink& facts) {
  const std::string_view text = as_text(chunk.bytes);
  // RFC 9112 section 2.2: empty lines before a message are passed over.
  const std::size_t empty = std::min(text.find_first_not_of("\r\n"), text.size());
  if (empty != 0) return {.consumed = empty};
  Half& peer = this->half(other(chunk.sender));
  if (!half.proven && !peer.proven) {
    // Who asks and who answers is settled by the first head: who opened the connection may not have been seen.
    const bool settled = text.size() >= kBeginsStatus.size() || !begins_status(text);
    if (!settled || (begins_request(text) && text.find(' ') == std::string_view::npos)) return wait_for(text.size() + 1);
    if (begins_status(text) || begins_request(text)) {
      half.requests = !begins_status(text);
      peer.requests = !half.requests;
    }
  }
  if (half.requests ? !begins_request(text) : !begins_status(text)) {
    if (half.proven) return give_up(half, {.code = ParseErrorCode::malformed, .offset = 0, .field = "start-line"}, chunk, facts);
    // Joined in the middle of a message, or no HTTP on this side: nobody is to be blamed.
    half.lost = pairing_lost_ = true;
    begin_search(half);
    half.at_line_start = false;
    return on_searching(half, chunk, facts);
  }
  const std::size_t end = end_of_head(text.substr(0, kMaxTextHeadBytes), half.searched);
  if (end == 0 && text.size() < kMaxTextHeadBytes) {
    half.searched = text.size();
    return wait_for(text.size() + 1);
  }
  half.searched = 0;
  const auto head = parse_text_head(chunk.bytes);
  if (!head) return give_up(half, head.error(), chunk, facts);
  const auto start = parse_http_start_line(head->start_line);
  if (!start) return give_up(half, start.error(), chunk, facts);
  if (start->request != half.requests)
    return give_up(half, {.code = ParseErrorCode::malformed, .offset = 0, .field = "start-line"}, chunk, facts);
  half.proven = true;
  return start->request ? on_request(half, *start, *head, chunk, facts) : on_response(half, *start, *head, chunk, facts);
}

void HttpSession::remember_request(const AnsweredRequest& request, const Chunk& chunk, std::size_t head_bytes, FactSink& facts) {
  if (pairing_lost_) return;
  answered_before_ = num_early_answers_ != 0;
  if (answered_before_) {
    --num_early_answers_;
    return;
  }
  if (open_requests_.size() < kMaxOpenRequests) return open_requests_.push_back(request);
  pairing_lost_ = true;
  open_requests_.clear();
  facts.report(chunk.fact(BudgetExceeded{.budget = "http_requests"}, 0, head_bytes));
}

std::optional<AnsweredRequest> HttpSession::take_answered(bool final) {
  if (pairing_lost_) return std::nullopt;
  if (open_requests_.empty()) {
    num_early_answers_ += final ? 1 : 0;
    return std::nullopt;
  }
  const AnsweredRequest answered = open_requests_.front();
  if (final) open_requests_.pop_front();
  return answered;
}

Progress HttpSession::on_request(Half& half, const HttpStartLine& start, const TextHead& head, const Chunk& chunk, FactSink& facts) {
  const HttpHead told = summary(start, head);
  half.reporter.report(told, chunk, 0, head.length, facts);
  if (is_tls_upgrade(told.message.upgrade)) half.reporter.upgrade(UpgradePhase::requested, chunk, 0, head.length, facts);
  const AnsweredRequest request{.head = start.method == "HEAD", .connect = told.message.connect, .upgrade = !told.message.upgrade.empty()};
  remember_request(request, chunk, head.length, facts);
  const auto body = parse_http_body(head, chunk.bytes, start, nullptr);
  if (!body) return give_up(half, body.error(), chunk, facts);
  half.wait_after = request.connect || request.upgrade;
  half.form = told.form && body->kind == HttpBodyKind::content_length;
  return begin_body(half, *body, head.length);
}

Progress HttpSession::on_response(Half& half, const HttpStartLine& start, const TextHead& head, const Chunk& chunk, FactSink& facts) {
  const HttpHead told = summary(start, head);
  half.reporter.report(told, chunk, 0, head.length, facts);
  const bool switching = start.status_code == 101;
  const bool final = switching || start.status_code >= 200;
  const auto answered = take_answered(final);
  if (switching) {
    half.reporter.upgrade(UpgradePhase::accepted, chunk, 0, head.length, facts);
    return {.consumed = head.length, .need = 1, .done = false, .hand_over = true};
  }
  if (start.status_code == 426 && is_tls_upgrade(told.message.upgrade))  // RFC 9110 section 15.5.22
    half.reporter.upgrade(UpgradePhase::required, chunk, 0, head.length, facts);
  const auto body = parse_http_body(head, chunk.bytes, start, answered ? &*answered : nullptr);
  if (!body) return give_up(half, body.error(), chunk, facts);
  // Where the order is lost, an answer that names no length while a client waits for a tunnel is taken for the one it waits for.
  const bool opens_tunnel = answered ? answered->connect : answer_due_ && body->kind == HttpBodyKind::until_close;
  if (opens_tunnel && start.status_code / 100 == 2) return {.consumed = head.length, .need = 1, .done = false, .hand_over = true};
  if (final && (!answered || answered->connect || answered->upgrade)) answer_due_ = false;
  half.peek = !answered && body->kind != HttpBodyKind::none && body->kind != HttpBodyKind::until_close;
  return begin_body(half, *body, head.length);
}

Progress HttpSession::begin_body(Half& half, const HttpBody& body, std::size_t head_bytes) {
  half.chunked = body.kind == HttpBodyKind::chunked;
  half.body_left = body.length;
  switch (body.kind) {
    case HttpBodyKind::none: end_message(half); break;
    case HttpBodyKind::until_close: half.phase = Phase::done; return {.consumed = head_bytes};
    case HttpBodyKind::chunked: half.phase = Phase::chunk_header; break;
    case HttpBodyKind::content_length:
      half.phase = Phase::body;
      return half.peek || half.form ? Progress{.consumed = head_bytes} : pass(half, head_bytes);
  }
  return {.consumed = head_bytes};
}

Progress HttpSession::pass(Half& half, std::uint64_t consumed) {
  const std::uint64_t passed = std::min(half.body_left, kMaxPassBytes);
  half.body_left -= passed;
  if (half.body_left == 0) {
    if (half.chunked) {
      half.phase = Phase::chunk_end;
    } else {
      end_message(half);
    }
  }
  return {.consumed = consumed + passed, .need = half.phase == Phase::chunk_end ? 2U : 1U};
}

void HttpSession::end_message(Half& half) {
  half.chunked = half.peek = half.form = false;
  half.phase = half.wait_after ? Phase::waiting : Phase::head;
  half.wait_after = false;
  if (half.phase != Phase::waiting) return;
  const auto asks = [](const AnsweredRequest& request) { return request.connect || request.upgrade; };
  answer_due_ = pairing_lost_ || answered_before_ || std::ranges::any_of(open_requests_, asks);
}

Progress HttpSession::on_body(Half& half, const Chunk& chunk, FactSink& facts) {
  if (half.peek) {
    const std::string_view text = as_text(chunk.bytes);
    const std::size_t enough = static_cast<std::size_t>(std::min<std::uint64_t>(half.body_left, kBeginsStatus.size()));
    if (begins_status(text.substr(0, enough))) {
      if (text.size() < enough) return wait_for(text.size() + 1);
      if (enough == kBeginsStatus.size()) {  // another response where the body is due: this one answered HEAD
        end_message(half);
        return on_head(half, chunk, facts);
      }
    }
    half.peek = false;
  }
  if (half.form && read_form(half, chunk, facts)) return wait_for(chunk.bytes.size() + 1);
  return pass(half, 0);
}

bool HttpSession::read_form(Half& half, const Chunk& chunk, FactSink& facts) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(half.body_left, kMaxHttpFormBytes));
  if (chunk.bytes.size() < wanted) return true;
  half.form = false;
  const std::string_view form = as_text(chunk.bytes.first(wanted));
  const auto tell = [&](AuthenticationScheme scheme, const std::optional<HttpFormField>& field) {
    if (field) half.reporter.credential(scheme, chunk, field->offset, field->length, facts);
  };
  tell(AuthenticationScheme::form, find_password_field(form));
  tell(AuthenticationScheme::bearer, find_token_field(form));
  return false;
}

Progress HttpSession::on_chunk_header(Half& half, const Chunk& chunk, FactSink& facts) {
  if (half.peek) {
    const std::string_view text = as_text(chunk.bytes);
    if (begins_status(text)) {
      if (text.size() < kBeginsStatus.size()) return wait_for(text.size() + 1);
      end_message(half);
      return on_head(half, chunk, facts);
    }
    half.peek = false;
  }
  const auto header = parse_http_chunk_header(chunk.bytes);
  if (!header) {
    if (header.error().code == ParseErrorCode::need_more) return wait_for(chunk.bytes.size() + 1);
    return give_up(half, header.error(), chunk, facts);
  }
  if (header->chunk_size == 0) {
    half.phase = Phase::trailer;
    half.trailer_bytes = 0;
    half.searched = 0;
    return {.consumed = header->length};
  }
  half.phase = Phase::body;
  half.body_left = header->chunk_size;
  return pass(half, header->length);
}

Progress HttpSession::on_chunk_end(Half& half, const Chunk& chunk, FactSink& facts) {
  const std::string_view text = as_text(chunk.bytes);
  if (text.front() == '\r' && text.size() < 2) return wait_for(2);
  if (!text.starts_with("\r\n"))
    return give_up(half, {.code = ParseErrorCode::malformed, .offset = 0, .field = "chunk-data"}, chunk, facts);
  half.phase = Phase::chunk_header;
  return {.consumed = 2};
}

Progress HttpSession::on_trailer(Half& half, const Chunk& chunk, FactSink& facts) {
  const std::string_view text = as_text(chunk.bytes);
  const std::size_t end = text.find('\n', half.searched);
  const std::size_t length = end == std::string_view::npos ? text.size() : end + 1;
  if (half.trailer_bytes + length > kMaxTextHeadBytes)
    return give_up(half, {.code = ParseErrorCode::malformed, .offset = 0, .field = "trailer-section"}, chunk, facts);
  if (end == std::string_view::npos) {
    half.searched = text.size();
    return wait_for(text.size() + 1);
  }
  half.searched = 0;
  half.trailer_bytes += length;
  if (trimmed(text.substr(0, end)).empty()) end_message(half);
  return {.consumed = length};
}

Progress HttpSession::on_waiting(Half& half, const Chunk& chunk, FactSink& facts) {
  const Half& server = this->half(other(chunk.sender));
  if (!answer_due_) {  // it was no
    half.phase = Phase::head;
    return on_head(half, chunk, facts);
  }
  const bool answer_may_come = server.seen && !server.lost && server.phase != Phase::done && !answered_before_;
  if (answer_may_come) return wait_for(chunk.bytes.size() + 1);
  // One side alone may have been captured, or the answer lost: then what the client sends says what it was told.
  if (!is_capital(chunk.bytes[0])) return {.consumed = 0, .need = 1, .done = false, .hand_over = true};
  answer_due_ = false;
  half.phase = Phase::head;
  return on_head(half, chunk, facts);
}

Progress HttpSession::on_searching(Half& half, const Chunk& chunk, FactSink& facts) {
  const std::string_view text = as_text(chunk.bytes);
  const std::size_t searched = std::exchange(half.searched, 0);  // of a head that begins with the chunk
  const auto found = [&](std::size_t at) {
    half.phase = Phase::head;
    half.proven = true;
    return at == 0 ? on_head(half, chunk, facts) : Progress{.consumed = at};
  };
  std::size_t at = 0;
  const auto move_to = [&](std::size_t to) {
    half.search_left -= std::min<std::uint64_t>(half.search_left, to - at);
    at = to;
  };
  if (half.requests) {
    while (at < text.size() && half.search_left != 0) {
      const std::size_t end = text.substr(at, kMaxSearchedLineBytes).find('\n');
      if (end == std::string_view::npos) {
        if (text.size() - at < kMaxSearchedLineBytes) break;
        half.at_line_start = false;
        move_to(at + kMaxSearchedLineBytes);
        continue;
      }
      const std::string_view here = text.substr(at);
      const ProbeInput line{.bytes = as_bytes(here.substr(0, end + 1)), .transport = Transport::tcp, .at_start = true};
      if (half.at_line_start && begins_request(here) && probe_http(line) == Recognition::yes) {
        const std::size_t head_bytes = end_of_head(here.substr(0, kMaxTextHeadBytes), at == 0 ? searched : 0);
        if (head_bytes == 0 && here.size() < kMaxTextHeadBytes) {  // the rest of it decides
          half.searched = here.size();
          break;
        }
        if (head_bytes != 0 && parse_text_head(as_bytes(here.substr(0, head_bytes)))) return found(at);
      }
      half.at_line_start = true;
      move_to(at + end + 1);
    }
  } else {
    while (half.search_left != 0) {
      const std::size_t begin = text.find("HTTP/1.", at);
      if (begin == std::string_view::npos) {
        move_to(std::max(at, text.size() < 6 ? 0 : text.size() - 6));
        break;
      }
      move_to(begin);
      const std::string_view here = text.substr(begin);
      const ProbeInput status{.bytes = as_bytes(here.substr(0, 13)), .transport = Transport::tcp, .at_start = true};
      const Recognition recognition = probe_http(status);
      const std::size_t end = end_of_head(here.substr(0, kMaxTextHeadBytes), begin == 0 ? searched : 0);
      if (recognition != Recognition::no && end == 0 && here.size() < kMaxTextHeadBytes) {  // the rest of it decides
        half.searched = here.size();
        break;
      }
      const auto head = recognition == Recognition::yes ? parse_text_head(as_bytes(here.substr(0, end))) : Parsed<TextHead>{};
      if (recognition == Recognition::yes && head && parse_http_start_line(head->start_line) && is_served(*head)) return found(begin);
      move_to(begin + 1);
    }
  }
  if (half.search_left == 0) return leave(half, chunk);
  return {.consumed = at, .need = static_cast<std::uint32_t>(text.size() - at + 1)};
}

void HttpSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) {
  Half& half = this->half(sender);
  if (half.phase == Phase::done || missing_bytes <= skipped) return;
  const std::uint64_t lost = missing_bytes - skipped;
  if (half.num_gaps < kMaxHttpGaps) {
    ++half.num_gaps;
    facts.report({.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = false},
                  .sender = sender,
                  .time = half.last_time,
                  .evidence = half.last_evidence});
  }
  half.searched = 0;
  // The front of a form is held until it is whole, and lost with what is missing: how much of the body is left is not known then.
  if (half.phase == Phase::body && !half.form && lost <= half.body_left) {
    half.peek = false;
    half.body_left -= lost;
    if (half.body_left == 0) pass(half, 0);
    return;
  }
  half.lost = pairing_lost_ = true;
  open_requests_.clear();
  if (half.phase == Phase::waiting) return;
  if (half.requests && half.wait_after) answer_due_ = true;
  begin_search(half);
}

void HttpSession::on_end(FactSink& facts) {
  for (const Side side : {Side::initiator, Side::responder}) {
    const Half& half = this->half(side);
    if (!half.unread || !half.seen) continue;
    facts.report({.body = MessageUnreadable{.field = "start-line", .malformed = false},
                  .sender = side,
                  .time = half.last_time,
                  .evidence = half.last_evidence});
  }
}

}  // namespace sealtrace
