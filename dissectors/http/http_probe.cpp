#include "dissectors/http/http_probe.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "dissectors/http/http2_frame.hpp"
#include "dissectors/http/http_parse.hpp"

namespace sealtrace {
namespace {

/// kMaxMethodBytes: longer words in front of a space are no method of anybody.
constexpr std::size_t kMaxMethodBytes = 24;

/// kDecideBytes is where a request-line that is still going on has to be enough: the flow layer holds about a thousand octets back for
/// a decision, and targets may be longer.
constexpr std::size_t kDecideBytes = 512;

/// plausible_request_line looks at a line without its end, or at the beginning of one: method, a space, a target of a form that HTTP has.
Recognition plausible_request_line(std::string_view text) {
  const std::size_t space = text.substr(0, kMaxMethodBytes + 1).find(' ');
  const std::string_view method = text.substr(0, std::min(space, text.size()));
  // Methods of all registries are in capitals; tolerating others would make any text a candidate.
  const bool shaped = std::ranges::all_of(method, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; });
  if (!shaped || method.size() > kMaxMethodBytes || (space == 0 && !text.empty())) return Recognition::no;
  if (space == std::string_view::npos) return Recognition::need_more;
  const std::string_view target = text.substr(space + 1);
  if (std::ranges::any_of(target, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; })) return Recognition::no;
  if (target.size() < kDecideBytes) return Recognition::need_more;
  const bool form = target.starts_with('/') || target.starts_with("http://") || target.starts_with("https://");
  return form && target.find(' ') == std::string_view::npos ? Recognition::yes : Recognition::no;
}

/// begins_field tells a field name and its colon at the start of `text`.
bool begins_field(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && is_http_token(text.substr(0, colon));
}

/// begins_status tells "HTTP/1.x ddd" and what may stand behind it.
Recognition begins_status(std::string_view text) {
  constexpr std::string_view kShape = "HTTP/1.# ###";
  for (std::size_t i = 0; i < std::min(text.size(), kShape.size()); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '#' ? !digit : text[i] != kShape[i]) return Recognition::no;
  }
  if (text.size() <= kShape.size()) return Recognition::need_more;
  const char next = text[kShape.size()];
  return next == ' ' || next == '\r' || next == '\n' ? Recognition::yes : Recognition::no;
}

/// probe_whole_line decides by a start line that is all there.
Recognition probe_whole_line(std::string_view line, std::string_view behind, bool at_start) {
  const auto start = parse_http_start_line(line);
  if (!start || (start->request && plausible_request_line(line) == Recognition::no)) return Recognition::no;
  return at_start || begins_field(behind) ? Recognition::yes : Recognition::no;
}

}  // namespace

Recognition probe_http(const ProbeInput& input) {
  if (input.transport != Transport::tcp) return Recognition::no;
  const std::string_view text = as_text(input.bytes);
  if (text.empty()) return Recognition::need_more;
  if (text.front() < 'A' || text.front() > 'Z') return Recognition::no;
  const std::size_t end = text.find('\n');
  if (end != std::string_view::npos) {
    const std::string_view line = text.substr(0, end);
    return probe_whole_line(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line, text.substr(end + 1), input.at_start);
  }
  if (!input.at_start) return Recognition::no;
  const Recognition status = begins_status(text);
  if (status != Recognition::no) return status;
  return plausible_request_line(text.ends_with('\r') ? text.substr(0, text.size() - 1) : text);
}

Recognition probe_http2(const ProbeInput& input) {
  if (input.transport != Transport::tcp) return Recognition::no;
  const std::string_view text = as_text(input.bytes);
  const std::string_view first = text.substr(0, kHttp2Preface.size());
  if (kHttp2Preface.starts_with(first)) return first.size() == kHttp2Preface.size() ? Recognition::yes : Recognition::need_more;
  if (!input.at_start) return Recognition::no;
  // A frame header alone is nine octets of which most are zero: identifiers and values of real settings have to follow.
  const auto header = parse_http2_frame_header(input.bytes);
  if (!header) {
    const bool could_be =
        std::ranges::all_of(input.bytes.first(std::min<std::size_t>(input.bytes.size(), 2)), [](auto c) { return c == 0; });
    return could_be && (input.bytes.size() < 4 || input.bytes[3] == static_cast<std::uint8_t>(Http2FrameType::settings))
               ? Recognition::need_more
               : Recognition::no;
  }
  constexpr std::size_t kMaxSettings = 16;
  const bool settings = header->type == Http2FrameType::settings && header->flags == 0 && header->stream_id == 0 && header->length != 0 &&
                        header->length % kHttp2SettingBytes == 0 && header->length / kHttp2SettingBytes <= kMaxSettings;
  if (!settings) return Recognition::no;
  const Bytes payload = input.bytes.subspan(kHttp2FrameHeaderBytes);
  if (payload.size() < kHttp2SettingBytes) {
    return payload.empty() || payload[0] == 0 ? Recognition::need_more : Recognition::no;
  }
  return http2_setting_is_known(payload.first(kHttp2SettingBytes)) ? Recognition::yes : Recognition::no;
}

}  // namespace sealtrace
