#include "dissectors/sip/sip_fields.hpp"

#include <algorithm>
#include <array>

#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }

/// kIsHostOctet: what may stand in a name or an IPv4 address.
constexpr std::array<bool, 256> kIsHostOctet = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    table[i] = is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  }
  return table;
}();

constexpr bool ends_host(char c) { return is_space(c) || c == ':' || c == ';' || c == '?' || c == ',' || c == '>' || c == '('; }
constexpr bool is_host_octet(char c) { return kIsHostOctet[static_cast<unsigned char>(c)]; }

/// Scanner walks a value and knows what a separator there would mean (section 25.1: quoted-string, comment, name-addr).
class Scanner {
 public:
  /// plain takes the next octet and tells whether it stands outside quotes, brackets and comments.
  bool plain(char c) {
    if (escaped_) {
      escaped_ = false;
      return false;
    }
    if (quoted_) {
      escaped_ = c == '\\';
      quoted_ = c != '"';
      return false;
    }
    if (comment_depth_ != 0) {
      escaped_ = c == '\\';
      if (c == '(') ++comment_depth_;
      if (c == ')') --comment_depth_;
      return false;
    }
    if (bracketed_) {
      bracketed_ = c != '>';
      return false;
    }
    quoted_ = c == '"';
    bracketed_ = c == '<';
    if (c == '(') comment_depth_ = 1;
    return !quoted_ && !bracketed_ && comment_depth_ == 0;
  }
  [[nodiscard]] bool bracketed() const { return bracketed_; }

 private:
  bool escaped_ = false;
  bool quoted_ = false;
  bool bracketed_ = false;
  std::size_t comment_depth_ = 0;  // counts octets of one value at most
};

/// find_plain gives the first place of `c` outside quotes, brackets and comments, or the size.
std::size_t find_plain(std::string_view text, char c) {
  const std::size_t first = std::min(text.find(c), text.size());
  const std::string_view before = text.substr(0, first);
  const auto has = [before](char opening) { return before.find(opening) != std::string_view::npos; };
  if (!has('"') && !has('<') && !has('(')) return first;
  Scanner scanner;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (scanner.plain(text[i]) && text[i] == c) return i;
  }
  return text.size();
}

/// take_host takes a host off `rest`: a name, an IPv4 address or an IPv6 reference (section 25.1). Empty when it is none of them.
std::string_view take_host(std::string_view& rest) {
  std::string_view host;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return {};
    host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    const auto is_address = [](char c) { return is_hex(c) || c == ':' || c == '.'; };
    if (!std::ranges::all_of(host, is_address)) return {};
  } else {
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_host_octet);
    host = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(host.size());
    if (host.ends_with('.')) host.remove_suffix(1);
  }
  const bool ends = rest.empty() || ends_host(rest.front());
  if (!ends || host.size() > kMaxHostBytes) return {};
  return host;
}

SipTransport transport_of(std::string_view token) {
  constexpr std::array<std::string_view, 6> kTokens{"udp", "tcp", "tls", "sctp", "ws", "wss"};
  for (std::size_t i = 0; i < kTokens.size(); ++i) {
    if (same_word(token, kTokens[i])) return static_cast<SipTransport>(static_cast<std::size_t>(SipTransport::udp) + i);
  }
  return same_word(token, "tls-sctp") ? SipTransport::tls : SipTransport::other;
}
static_assert(kSipTransportNames[static_cast<std::size_t>(SipTransport::udp) + 5] == "wss");

}  // namespace

std::string_view next_sip_element(std::string_view& rest) {
  const std::size_t end = find_plain(rest, ',');
  const std::string_view element = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(element);
}

SipUri parse_sip_uri(std::string_view text) {
  SipUri uri;
  std::string_view rest = trimmed(text);
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return uri;
  const std::string_view scheme = rest.substr(0, colon);
  uri.sips = same_word(scheme, "sips");
  uri.sip = uri.sips || same_word(scheme, "sip");
  rest.remove_prefix(colon + 1);
  // A raw '@' ends the userinfo, whatever stands in that (section 19.1.1); a second one makes the host none.
  const std::size_t at = rest.find('@');
  if (at == std::string_view::npos && !uri.sip) return uri;
  if (at != std::string_view::npos) rest.remove_prefix(at + 1);
  uri.host = take_host(rest);
  if (uri.host.empty()) return uri;
  rest = rest.substr(0, std::min(rest.find('?'), rest.size()));
  next_word(rest, ';');  // the port
  while (!rest.empty()) {
    std::string_view value = next_word(rest, ';');
    if (same_word(next_word(value, '='), "transport")) uri.transport = transport_of(trimmed(value));
  }
  return uri;
}

std::string_view sip_uri_of(std::string_view element) {
  Scanner scanner;
  for (std::size_t i = 0; i < element.size(); ++i) {
    const bool plain = scanner.plain(element[i]);
    if (scanner.bracketed()) {
      const std::string_view uri = element.substr(i + 1);
      return trimmed(uri.substr(0, std::min(uri.find('>'), uri.size())));
    }
    if (plain && element[i] == ';') return trimmed(element.substr(0, i));
  }
  return trimmed(element);
}

std::optional<SipHop> parse_sip_via(std::string_view element) {
  constexpr std::string_view kUsual = "SIP/2.0/";
  std::string_view rest = element;
  if (rest.starts_with(kUsual)) {
    rest.remove_prefix(kUsual.size());
  } else {
    if (!same_word(next_word(rest, '/'), "SIP")) return std::nullopt;
    next_word(rest, '/');  // protocol-version
  }
  rest = trimmed(rest);
  const auto end = std::ranges::find_if(rest, is_space);
  const std::string_view transport = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest = trimmed(rest.substr(transport.size()));
  if (transport.empty() || rest.empty()) return std::nullopt;
  return SipHop{.transport = transport_of(transport), .sips = false, .host = take_host(rest)};
}

std::optional<std::string_view> sip_parameter(std::string_view value, std::string_view name) {
  std::size_t end = find_plain(value, ';');
  while (end < value.size()) {
    value.remove_prefix(end + 1);
    end = find_plain(value, ';');
    std::string_view content = value.substr(0, end);
    if (!same_word(next_word(content, '='), name)) continue;
    content = trimmed(content);
    if (content.starts_with('"')) content.remove_prefix(1);
    if (content.ends_with('"')) content.remove_suffix(1);
    return content;
  }
  return std::nullopt;
}

std::optional<std::string_view> sip_tag(std::string_view value) {
  constexpr std::string_view kUsual = ">;tag=";
  if (value.starts_with(kUsual)) {  // and mostly nothing behind it
    const std::string_view tag = value.substr(kUsual.size());
    if (std::ranges::all_of(tag, is_host_octet)) return tag;
  }
  return sip_parameter(value, "tag");
}

SipName SipName::of_host(std::string_view host) {
  SipName name;
  name.num_octets_ = std::min(host.size(), kMaxHostBytes);
  std::ranges::transform(host.substr(0, name.num_octets_), name.octets_.begin(), lower_letter);
  return name;
}

SipName SipName::of_product(std::string_view product) {
  static_assert(kMaxProductBytes <= kMaxHostBytes);
  SipName name;
  name.num_octets_ = std::min(product.size(), kMaxProductBytes);
  const auto printable = [](char c) { return c < ' ' || c >= 0x7F ? '?' : c; };
  std::ranges::transform(product.substr(0, name.num_octets_), name.octets_.begin(), printable);
  return name;
}

}  // namespace sealtrace
