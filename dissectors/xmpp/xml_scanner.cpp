#include "dissectors/xmpp/xml_scanner.hpp"

#include <algorithm>
#include <utility>

namespace sealtrace {
namespace {

constexpr std::string_view kDeclaration = "<?xml";
constexpr std::string_view kDeclarationEnd = "?>";
constexpr std::string_view kCdata = "<![CDATA[";
constexpr std::string_view kCdataEnd = "]]>";

std::unexpected<ParseError> stop(ParseErrorCode code, std::size_t offset, std::string_view field) {
  return std::unexpected(ParseError{.code = code, .offset = offset, .field = field});
}

/// may_begin_name is NameStartChar of XML 1.0 section 2.3; octets above ASCII are taken for letters.
bool may_begin_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}
bool may_be_in_name(char c) { return may_begin_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

std::size_t name_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, may_be_in_name) - text.begin());
}

void drop_spaces(std::string_view& text) {
  text.remove_prefix(static_cast<std::size_t>(std::ranges::find_if_not(text, is_xml_space) - text.begin()));
}

/// tag_of takes a whole tag, from '<' to '>', apart.
Parsed<XmlToken> tag_of(std::string_view tag) {
  XmlToken token{.kind = XmlTokenKind::start_tag, .name = {}, .attributes = {}, .text = {}, .length = tag.size()};
  std::string_view inside = tag.substr(1, tag.size() - 2);
  if (inside.starts_with('/')) {
    token.kind = XmlTokenKind::end_tag;
    inside.remove_prefix(1);
  } else if (inside.ends_with('/')) {
    token.kind = XmlTokenKind::empty_tag;
    inside.remove_suffix(1);
  }
  const std::size_t length = name_length(inside);
  if (length == 0 || !may_begin_name(inside[0])) return stop(ParseErrorCode::malformed, 1, "element name");
  if (length > kMaxXmlNameBytes) return stop(ParseErrorCode::unsupported, 1, "element name");
  token.name = inside.substr(0, length);
  token.attributes = inside.substr(length);
  if (!token.attributes.empty() && !is_xml_space(token.attributes[0])) return stop(ParseErrorCode::malformed, 1, "element name");
  if (token.kind == XmlTokenKind::end_tag && !std::ranges::all_of(token.attributes, is_xml_space))
    return stop(ParseErrorCode::malformed, 1, "end tag");
  return token;
}

}  // namespace

Parsed<XmlToken> XmlScanner::next(Bytes octets) {
  const std::string_view rest = as_text(octets);
  if (rest.empty()) return stop(ParseErrorCode::need_more, 0, "content");
  if (in_cdata_) return next_in_cdata(rest);
  if (rest[0] == '<') return next_markup(rest);
  const auto end = std::ranges::find_if(rest, [](char c) { return c == '<' || !is_xml_octet(c); });
  if (end == rest.begin()) return stop(ParseErrorCode::malformed, 0, "character");
  const std::string_view text{rest.begin(), end};
  return XmlToken{.kind = XmlTokenKind::text, .name = {}, .attributes = {}, .text = text, .length = text.size()};
}

Parsed<XmlToken> XmlScanner::next_in_cdata(std::string_view rest) {
  // The last octets may begin the end mark.
  if (rest.size() < kCdataEnd.size()) return stop(ParseErrorCode::need_more, rest.size(), "CDATA section");
  const std::size_t end = rest.find(kCdataEnd);
  const bool ends = end != std::string_view::npos;
  std::string_view text = rest.substr(0, ends ? end : rest.size() - (kCdataEnd.size() - 1));
  std::size_t length = ends ? end + kCdataEnd.size() : text.size();
  const auto bad = std::ranges::find_if_not(text, is_xml_octet);
  if (bad != text.end()) {  // a token of its own, whatever comes before it
    if (bad == text.begin()) return stop(ParseErrorCode::malformed, 0, "character");
    text = {text.begin(), bad};
    length = text.size();
  } else {
    in_cdata_ = !ends;
  }
  return XmlToken{.kind = XmlTokenKind::text, .name = {}, .attributes = {}, .text = text, .length = length};
}

Parsed<XmlToken> XmlScanner::next_markup(std::string_view rest) {
  const auto begins = [rest](std::string_view mark) { return rest.starts_with(mark.substr(0, std::min(mark.size(), rest.size()))); };
  if (rest.size() == 1) return stop(ParseErrorCode::need_more, 1, "markup");
  if (rest[1] == '!') {
    if (!begins(kCdata)) return stop(ParseErrorCode::malformed, 0, "markup declaration");  // RFC 6120 section 11.1
    if (rest.size() < kCdata.size()) return stop(ParseErrorCode::need_more, rest.size(), "CDATA section");
    in_cdata_ = true;
    return XmlToken{.kind = XmlTokenKind::text, .name = {}, .attributes = {}, .text = {}, .length = kCdata.size()};
  }
  if (rest[1] == '?' && !begins(kDeclaration)) return stop(ParseErrorCode::malformed, 0, "processing instruction");
  if (rest[1] != '?' && rest[1] != '/' && !may_begin_name(rest[1])) return stop(ParseErrorCode::malformed, 1, "element name");
  const auto end = find_end(rest);
  if (!end) return std::unexpected(end.error());
  scanned_ = 0;
  quote_ = 0;
  const std::string_view tag = rest.substr(0, *end + 1);
  if (rest[1] != '?') return tag_of(tag);
  const bool whole = tag.size() > kDeclaration.size() + kDeclarationEnd.size() && is_xml_space(tag[kDeclaration.size()]);
  if (!whole || !tag.ends_with(kDeclarationEnd)) return stop(ParseErrorCode::malformed, 0, "XML declaration");
  return XmlToken{.kind = XmlTokenKind::declaration, .name = {}, .attributes = {}, .text = {}, .length = tag.size()};
}

Parsed<std::size_t> XmlScanner::find_end(std::string_view rest) {
  for (std::size_t at = std::max<std::size_t>(scanned_, 1); at < rest.size(); ++at) {
    const char c = rest[at];
    if (at >= kMaxXmlTagBytes) return stop(ParseErrorCode::unsupported, at, "tag");
    if (c == '<') return stop(ParseErrorCode::malformed, at, "tag");
    if (!is_xml_octet(c)) return stop(ParseErrorCode::malformed, at, "character");
    if (quote_ != 0) {
      if (c == quote_) quote_ = 0;
    } else if (c == '"' || c == '\'') {
      quote_ = c;
    } else if (c == '>') {
      return at;
    }
  }
  scanned_ = rest.size();
  return stop(ParseErrorCode::need_more, rest.size(), "tag");
}

std::optional<XmlAttribute> XmlAttributes::next() {
  drop_spaces(rest_);
  if (rest_.empty() || !ok_) return std::nullopt;
  ok_ = false;
  if (++num_read_ > kMaxXmlAttributes || !may_begin_name(rest_[0])) return std::nullopt;
  XmlAttribute attribute;
  attribute.name = rest_.substr(0, name_length(rest_));
  rest_.remove_prefix(attribute.name.size());
  drop_spaces(rest_);
  if (!rest_.starts_with('=')) return std::nullopt;
  rest_.remove_prefix(1);
  drop_spaces(rest_);
  if (rest_.empty() || (rest_[0] != '"' && rest_[0] != '\'')) return std::nullopt;
  const std::size_t end = rest_.find(rest_[0], 1);
  if (end == std::string_view::npos) return std::nullopt;
  attribute.value = rest_.substr(1, end - 1);
  rest_.remove_prefix(end + 1);
  ok_ = rest_.empty() || is_xml_space(rest_[0]);
  if (!ok_) return std::nullopt;
  return attribute;
}

std::optional<std::string_view> xml_attribute(std::string_view attributes, std::string_view name) {
  XmlAttributes all{attributes};
  while (const auto attribute = all.next()) {
    if (attribute->name == name) return attribute->value;
  }
  return std::nullopt;
}

std::string xml_unescaped(std::string_view text, std::size_t max_bytes) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kEntities{
      {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&apos;", '\''}, {"&quot;", '"'}}};
  std::string plain;
  while (!text.empty() && plain.size() < max_bytes) {
    if (text[0] != '&') {
      plain += text[0];
      text.remove_prefix(1);
      continue;
    }
    const auto* entity = std::ranges::find_if(kEntities, [text](const auto& each) { return text.starts_with(each.first); });
    plain += entity == kEntities.end() ? '?' : entity->second;
    const std::size_t end = text.find(';');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return plain;
}

}  // namespace sealtrace
