#include "proto/text_head.hpp"

#include <algorithm>

namespace sealtrace {
namespace {

/// kUsualFields is room for the fields of most heads.
constexpr std::size_t kUsualFields = 16;

constexpr bool is_token(char c) { return c > ' ' && c < 0x7F && c != ':'; }

}  // namespace

std::string lower_case(std::string_view text, std::size_t max_bytes) {
  std::string lowered{text.substr(0, max_bytes)};
  for (char& c : lowered) c = c >= ' ' && c < 0x7F ? lower_letter(c) : '?';
  return lowered;
}

std::string_view next_word(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(word);
}

std::optional<std::uint32_t> decimal(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::uint32_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return number;
}

const TextField* TextHead::find(std::string_view name, char compact) const {
  const auto found = std::ranges::find_if(fields, [&](const TextField& field) {
    return same_word(field.name, name) || (compact != 0 && field.name.size() == 1 && lower_letter(field.name.front()) == compact);
  });
  return found == fields.end() ? nullptr : &*found;
}

Parsed<TextHead> parse_text_head(Bytes bytes) {
  ParseScope scope;
  ByteReader reader{bytes, scope};
  const std::string_view text = as_text(bytes.first(std::min(bytes.size(), kMaxTextHeadBytes)));
  TextHead head;
  std::size_t at = 0;
  while (scope.ok()) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) {
      const bool too_long = bytes.size() >= kMaxTextHeadBytes;
      scope.fail(too_long ? ParseErrorCode::malformed : ParseErrorCode::need_more, at, at == 0 ? "start-line" : "header fields");
      break;
    }
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t begin = at;
    at = end + 1;
    if (head.start_line.data() == nullptr) {
      if (line.empty() || is_space(line.front())) scope.fail(ParseErrorCode::malformed, begin, "start-line");
      head.start_line = line;
      continue;
    }
    if (line.empty()) break;
    if (is_space(line.front())) {  // folded: the field before goes on
      if (head.fields.empty()) {
        scope.fail(ParseErrorCode::malformed, begin, "header fields");
        break;
      }
      TextField& field = head.fields.back();
      const std::size_t value_at = static_cast<std::size_t>(field.value.data() - text.data());
      field.value = trimmed(text.substr(value_at, end - value_at));
      continue;
    }
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = trimmed(line.substr(0, colon));
    if (colon == line.size() || name.empty() || !std::ranges::all_of(name, is_token)) {
      scope.fail(ParseErrorCode::malformed, begin, "field-name");
    } else if (head.fields.size() == kMaxTextHeadFields) {
      scope.fail(ParseErrorCode::malformed, begin, "header fields");
    } else {
      if (head.fields.empty()) head.fields.reserve(kUsualFields);
      head.fields.push_back({.name = name, .value = trimmed(line.substr(colon + 1)), .offset = begin});
    }
  }
  head.length = at;
  return scope.finish(std::move(head));
}

}  // namespace sealtrace
