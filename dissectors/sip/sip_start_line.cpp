#include "dissectors/sip/sip_start_line.hpp"

#include <algorithm>

#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

/// kUnmistakableBytes of a request line without an end are enough: no other protocol has `METHOD sip:`.
constexpr std::size_t kUnmistakableBytes = 512;
/// kMaxMethodBytes: the longest registered method has nine octets.
constexpr std::size_t kMaxMethodBytes = 32;
constexpr std::string_view kVersion = "SIP/2.0";

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alpha(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool is_token(char c) { return is_alpha(c) || is_digit(c) || std::string_view{"-.!%*_+`'~"}.find(c) != std::string_view::npos; }

/// scheme_end gives where the scheme of a URI ends (its colon), npos when the text cannot begin one, its size when it may go on.
std::size_t scheme_end(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':') return i == 0 ? std::string_view::npos : i;
    const bool fits =
        i == 0 ? is_alpha(text[i]) : is_alpha(text[i]) || is_digit(text[i]) || text[i] == '+' || text[i] == '-' || text[i] == '.';
    if (!fits) return std::string_view::npos;
  }
  return text.size();
}

Recognition recognise_status_line(std::string_view text) {
  constexpr std::size_t kCodeAt = kVersion.size() + 1;
  for (std::size_t i = kCodeAt; i < kCodeAt + 3; ++i) {
    if (i == text.size()) return Recognition::need_more;
    if (!is_digit(text[i]) || (i == kCodeAt && (text[i] == '0' || text[i] > '6'))) return Recognition::no;
  }
  if (text.size() == kCodeAt + 3) return Recognition::need_more;
  const char next = text[kCodeAt + 3];
  return next == ' ' || next == '\r' || next == '\n' ? Recognition::yes : Recognition::no;
}

Recognition recognise_request_line(std::string_view text) {
  const std::size_t space = text.find(' ');
  const std::string_view method = text.substr(0, std::min(space, text.size()));
  if (method.size() > kMaxMethodBytes || !std::ranges::all_of(method, is_token)) return Recognition::no;
  if (space == std::string_view::npos) return Recognition::need_more;
  const std::string_view rest = text.substr(space + 1);
  const std::size_t colon = scheme_end(rest);
  if (colon == std::string_view::npos) return Recognition::no;
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, std::min(end, rest.size()));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\r' && c != '\t'; };
  if (std::ranges::any_of(line, is_control)) return Recognition::no;
  if (end != std::string_view::npos) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t version_at = line.rfind(' ');
    if (version_at == std::string_view::npos || version_at <= colon + 1) return Recognition::no;
    return line.substr(version_at + 1) == kVersion ? Recognition::yes : Recognition::no;
  }
  const std::string_view scheme = rest.substr(0, colon);
  const bool sip = (scheme == "sip" || scheme == "sips") && colon + 1 < rest.size() && sip_method(method) != SipMethod::other;
  return sip && text.size() >= kUnmistakableBytes ? Recognition::yes : Recognition::need_more;
}

}  // namespace

SipMethod sip_method(std::string_view name) {
  const auto found = std::ranges::find(kSipMethodNames, name);
  if (found == kSipMethodNames.end() || found == kSipMethodNames.begin()) return SipMethod::other;
  return static_cast<SipMethod>(found - kSipMethodNames.begin());
}

Parsed<SipStartLine> parse_sip_start_line(std::string_view line) {
  const auto malformed = [](std::string_view field, std::size_t at) {
    return std::unexpected(ParseError{.code = ParseErrorCode::malformed, .offset = at, .field = field});
  };
  SipStartLine start;
  std::string_view rest = trimmed(line);
  if (rest.size() > 4 && same_word(rest.substr(0, 4), "SIP/")) {
    next_word(rest, ' ');
    rest = trimmed(rest);
    const auto status = decimal(next_word(rest, ' '));
    if (!status || *status < 100 || *status > 699) return malformed("Status-Code", kVersion.size() + 1);
    start.status = static_cast<std::uint16_t>(*status);
    return start;
  }
  const std::string_view method = next_word(rest, ' ');
  if (method.empty() || !std::ranges::all_of(method, is_token)) return malformed("Method", 0);
  rest = trimmed(rest);
  const std::size_t version_at = rest.rfind(' ');
  if (version_at == std::string_view::npos) return malformed("Request-URI", method.size());
  const std::string_view version = rest.substr(version_at + 1);
  if (version.size() < 5 || !same_word(version.substr(0, 4), "SIP/")) return malformed("SIP-Version", line.size());
  start.request = true;
  start.method = sip_method(method);
  start.request_uri = trimmed(rest.substr(0, version_at));
  if (start.request_uri.starts_with('<')) start.request_uri.remove_prefix(1);
  const std::size_t colon = scheme_end(start.request_uri);
  if (colon >= start.request_uri.size()) return malformed("Request-URI", method.size());
  return start;
}

Recognition recognise_sip_start(std::string_view text) {
  if (text.empty()) return Recognition::need_more;
  if (!is_upper(text.front())) return Recognition::no;
  constexpr std::string_view kStatusLine = "SIP/2.0 ";
  if (text.starts_with(kStatusLine)) return recognise_status_line(text);
  if (kStatusLine.starts_with(text)) return Recognition::need_more;
  return recognise_request_line(text);
}

}  // namespace sealtrace
