// The head of a text message: a start line and header fields up to an empty line, as SIP (RFC 3261 section 7) and HTTP/1 (RFC 9112
// section 2) share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ascii.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

/// kMaxTextHeadBytes and kMaxTextHeadFields bound a head: above what servers accept (8 to 64 KiB, about 100 fields).
inline constexpr std::size_t kMaxTextHeadBytes = 65'536;
inline constexpr std::size_t kMaxTextHeadFields = 256;

/// TextField is one header field, borrowed. `value` is without white space at its ends; a folded one still has its line breaks inside
/// (they count as white space). `offset` is of the name within the message.
struct TextField {
  std::string_view name;
  std::string_view value;
  std::size_t offset = 0;
};

/// TextHeadEnd says where a head ends: at its empty line, or, of one that was cut, behind its last whole line too.
enum class TextHeadEnd : std::uint8_t { empty_line, any_line };

/// TextHeadReader reads a head from the start of `bytes`, which it borrows, one field after the other. Lines end with CRLF or LF. Fails as
/// need_more without an empty line, as malformed for a head above its bounds, a field without a colon or with an empty or unprintable name,
/// or a start line that begins with white space.
class TextHeadReader {
 public:
  /// The start line is read at once; it is empty where it cannot be.
  explicit TextHeadReader(Bytes bytes, TextHeadEnd end = TextHeadEnd::empty_line);
  [[nodiscard]] std::string_view start_line() const { return start_line_; }
  /// next gives the next field. Nothing behind the last one, and nothing once the head has failed.
  std::optional<TextField> next();
  [[nodiscard]] const std::optional<ParseError>& error() const { return error_; }
  /// length counts the octets that were read: the head with its empty line, once next has given nothing.
  [[nodiscard]] std::size_t length() const { return at_; }

 private:
  /// take_line takes the next line without its end; nothing, and no error yet, when it has none.
  std::optional<std::string_view> take_line();
  void fail(ParseErrorCode code, std::size_t offset, std::string_view field);
  void fail_without_end(std::string_view field);

  std::string_view text_;
  std::string_view start_line_;
  std::size_t at_ = 0;
  std::size_t num_fields_ = 0;
  TextHeadEnd end_;
  bool at_bound_;
  bool ended_ = false;
  std::optional<ParseError> error_;
};

/// TextHead is a start line and its fields in wire order, borrowed; `length` counts the head with its empty line, in octets.
struct TextHead {
  std::string_view start_line;
  std::vector<TextField> fields;
  std::size_t length = 0;

  /// find gives the first field of this name (or of its one-letter form, 0 for none), whatever the case.
  [[nodiscard]] const TextField* find(std::string_view name, char compact = 0) const;
};

/// parse_text_head reads a whole head, as TextHeadReader does.
Parsed<TextHead> parse_text_head(Bytes bytes);

/// lower_case gives ASCII text in lower case, at most `max_bytes` of it; octets that are not printable ASCII become '?'.
std::string lower_case(std::string_view text, std::size_t max_bytes = 256);
/// next_word takes the text before the first `separator` off `rest`, trimmed; the separator goes too.
std::string_view next_word(std::string_view& rest, char separator);
/// decimal reads a number of at most nine digits, and nothing else.
std::optional<std::uint32_t> decimal(std::string_view text);

}  // namespace sealtrace
