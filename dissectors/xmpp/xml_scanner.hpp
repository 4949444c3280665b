// XmlScanner: the markup of an XML stream, one token at a time, as RFC 6120 section 11 narrows XML down: no DTD, no comments, no processing
// instructions but the XML declaration, no entities but the five.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// kMaxXmlTagBytes bounds a tag with its attributes: servers take whole stanzas of 10,000 octets at least (RFC 6120 section 13.12), and
/// stanzas keep what is long out of their attributes.
inline constexpr std::size_t kMaxXmlTagBytes = 16'384;
/// kMaxXmlNameBytes bounds an element's name with its prefix.
inline constexpr std::size_t kMaxXmlNameBytes = 256;
/// kMaxXmlAttributes bounds the attributes of a tag that are looked at.
inline constexpr std::size_t kMaxXmlAttributes = 64;

enum class XmlTokenKind : std::uint8_t { text, declaration, start_tag, empty_tag, end_tag };

/// XmlToken borrows. `name` and `attributes` are of a tag, as written; `text` is a run of character data, entities unread, which may go on
/// in the next token.
struct XmlToken {
  XmlTokenKind kind{};
  std::string_view name;
  std::string_view attributes;
  std::string_view text;
  std::size_t length = 0;  ///< of the token, in octets
};

/// XmlScanner remembers what it has looked at of a token that is not whole, and whether it is inside a CDATA section.
class XmlScanner {
 public:
  /// next reads the token at the start of `rest`; after need_more it must be called with the same octets and more. Fails as malformed for
  /// what is not well formed or that RFC 6120 section 11.1 forbids, as unsupported above kMaxXmlTagBytes and kMaxXmlNameBytes.
  Parsed<XmlToken> next(Bytes rest);
  /// reset forgets a token that was begun: the next call is for other octets.
  void reset() { *this = XmlScanner{}; }

 private:
  Parsed<XmlToken> next_markup(std::string_view rest);
  Parsed<XmlToken> next_in_cdata(std::string_view rest);
  /// find_end gives the offset of the '>' that ends the tag, or why there is none.
  Parsed<std::size_t> find_end(std::string_view rest);

  std::size_t scanned_ = 0;  ///< octets of the tag looked at
  char quote_ = 0;           ///< the quotation mark that is open there
  bool in_cdata_ = false;
};

/// XmlAttribute borrows; `value` is as written between its quotation marks.
struct XmlAttribute {
  std::string_view name;
  std::string_view value;
};

/// XmlAttributes reads the attributes of a tag, in order (XML 1.0 section 3.1).
class XmlAttributes {
 public:
  explicit XmlAttributes(std::string_view attributes) : rest_{attributes} {}
  /// next gives nothing at the end, at what is malformed, and beyond kMaxXmlAttributes: `ok` tells the first from the others.
  std::optional<XmlAttribute> next();
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  std::size_t num_read_ = 0;
  bool ok_ = true;
};

/// xml_attribute gives the value of the first attribute of this name, as written.
std::optional<std::string_view> xml_attribute(std::string_view attributes, std::string_view name);

/// xml_unescaped expands the five predefined entities (XML 1.0 section 4.6); any other reference becomes '?'. At most `max_bytes` of the
/// text.
std::string xml_unescaped(std::string_view text, std::size_t max_bytes);

/// is_xml_space is S of XML 1.0 section 2.3.
constexpr bool is_xml_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// is_xml_octet is true for the octets of Char in UTF-8 (XML 1.0 section 2.2).
constexpr bool is_xml_octet(char c) { return static_cast<unsigned char>(c) >= 0x20 || is_xml_space(c); }

}  // namespace sealtrace
