#include "proto/text_head.hpp"

#include <algorithm>
#include <array>

namespace sealtrace {
namespace {

/// kUsualFields is room for the fields of most heads.
constexpr std::size_t kUsualFields = 16;

/// kIsNameOctet: what may stand in a field's name.
constexpr std::array<bool, 256> kIsNameOctet = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) table[c] = c > ' ' && c < 0x7F && c != ':';
  return table;
}();
/// name_bytes gives how many octets at the start of a line may be a field's name.
std::size_t name_bytes(std::string_view line) {
  std::size_t length = 0;
  while (length < line.size() && kIsNameOctet[static_cast<unsigned char>(line[length])]) ++length;
  return length;
}

/// kLowered is lower_case of each octet.
constexpr std::array<char, 256> kLowered = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) table[c] = c >= ' ' && c < 0x7F ? lower_letter(static_cast<char>(c)) : '?';
  return table;
}();

}  // namespace

std::string lower_case(std::string_view text, std::size_t max_bytes) {
  std::string lowered{text.substr(0, max_bytes)};
  for (char& c : lowered) c = kLowered[static_cast<unsigned char>(c)];
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

TextHeadReader::TextHeadReader(Bytes bytes, TextHeadEnd end)
    : text_{as_text(bytes.first(std::min(bytes.size(), kMaxTextHeadBytes)))}, end_{end}, at_bound_{bytes.size() >= kMaxTextHeadBytes} {
  const auto line = take_line();
  if (!line) {
    fail_without_end("start-line");
  } else if (line->empty() || is_space(line->front())) {
    fail(ParseErrorCode::malformed, 0, "start-line");
  } else {
    start_line_ = *line;
  }
}

std::optional<TextField> TextHeadReader::next() {
  ended_ = ended_ || (end_ == TextHeadEnd::any_line && at_ == text_.size());
  if (ended_) return std::nullopt;
  const std::size_t begin = at_;
  const auto line = take_line();
  if (!line) {
    fail_without_end("header fields");
    return std::nullopt;
  }
  ended_ = line->empty();
  if (ended_) return std::nullopt;
  const std::size_t name_end = name_bytes(*line);
  std::size_t colon = name_end;
  while (colon < line->size() && is_space((*line)[colon])) ++colon;
  if (is_space(line->front())) {  // it goes on with a field, and there is none
    fail(ParseErrorCode::malformed, begin, "header fields");
  } else if (name_end == 0 || colon == line->size() || (*line)[colon] != ':') {
    fail(ParseErrorCode::malformed, begin, "field-name");
  } else if (num_fields_ == kMaxTextHeadFields) {
    fail(ParseErrorCode::malformed, begin, "header fields");
  }
  if (error_) return std::nullopt;
  ++num_fields_;
  std::string_view value = line->substr(colon + 1);
  while (at_ < text_.size() && is_space(text_[at_])) {  // folded, or the end
    const std::size_t before = at_;
    const auto folded = take_line();
    if (!folded) break;
    if (folded->empty()) {
      at_ = before;
      break;
    }
    value = std::string_view{value.data(), static_cast<std::size_t>(folded->data() + folded->size() - value.data())};
  }
  return TextField{.name = line->substr(0, name_end), .value = trimmed(value), .offset = begin};
}

std::optional<std::string_view> TextHeadReader::take_line() {
  const std::size_t end = text_.find('\n', at_);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text_.substr(at_, end - at_);
  at_ = end + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void TextHeadReader::fail_without_end(std::string_view field) {
  fail(at_bound_ ? ParseErrorCode::malformed : ParseErrorCode::need_more, at_, field);
}

void TextHeadReader::fail(ParseErrorCode code, std::size_t offset, std::string_view field) {
  ended_ = true;
  error_ = {.code = code, .offset = offset, .field = field};
}

Parsed<TextHead> parse_text_head(Bytes bytes) {
  TextHeadReader reader{bytes};
  TextHead head{.start_line = reader.start_line(), .fields = {}};
  head.fields.reserve(kUsualFields);
  while (const auto field = reader.next()) head.fields.push_back(*field);
  if (reader.error()) return std::unexpected(*reader.error());
  head.length = reader.length();
  return head;
}

}  // namespace sealtrace
