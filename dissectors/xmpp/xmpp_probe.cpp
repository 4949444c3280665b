#include "dissectors/xmpp/xmpp_probe.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "dissectors/xmpp/xmpp_session.hpp"

namespace sealtrace {
namespace {

/// kElements are the local names that begins_xmpp knows: of others it need not see the end.
constexpr std::array<std::string_view, 15> kElements{"stream", "features",     "starttls",  "proceed",  "failure",
                                                     "auth",   "authenticate", "challenge", "response", "success",
                                                     "result", "verify",       "message",   "presence", "iq"};

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool has(std::string_view attributes, std::string_view name) { return xml_attribute(attributes, name).has_value(); }

bool has_address(std::string_view attributes, std::string_view name) {
  const auto value = xml_attribute(attributes, name);
  return value && value->contains('@');
}

/// is_stanza asks for more than a name: `message` is a word of many languages.
bool is_stanza(std::string_view local, std::string_view attributes) {
  if (local == "iq") {
    const auto type = xml_attribute(attributes, "type");
    return type && is_one_of(*type, {"get", "set", "result", "error"}) && has(attributes, "id");
  }
  if (local != "message" && local != "presence") return false;
  return has_address(attributes, "to") || has_address(attributes, "from");
}

bool is_top_level(const XmlToken& tag) {
  XmppNamespaces names;
  names.assume_usual();
  if (!names.declare(tag.attributes, 1)) return false;
  const XmppName name = names.resolve(tag.name);
  switch (name.space) {
    case XmppNamespace::streams: return name.local == "features" && tag.name != name.local;
    case XmppNamespace::tls: return is_one_of(name.local, {"starttls", "proceed", "failure"});
    case XmppNamespace::sasl: return is_one_of(name.local, {"auth", "challenge", "response", "success", "failure"});
    case XmppNamespace::sasl2: return is_one_of(name.local, {"authenticate", "challenge", "response", "success", "failure"});
    case XmppNamespace::dialback:
      return is_one_of(name.local, {"result", "verify"}) && has(tag.attributes, "from") && has(tag.attributes, "to");
    case XmppNamespace::unbound:
      return name.local == tag.name && is_stanza(name.local, tag.attributes);  // in the stream's namespace, which is not known
    case XmppNamespace::client:
    case XmppNamespace::server: return is_stanza(name.local, tag.attributes);
    case XmppNamespace::other:
    case XmppNamespace::dialback_feature:
    case XmppNamespace::bind:
    case XmppNamespace::iq_auth:
    case XmppNamespace::compress: return false;
  }
  return false;
}

/// may_become_xmpp looks at a tag whose end is not there yet: once its name is whole, it must be a known one.
bool may_become_xmpp(std::string_view octets) {
  if (octets.size() < 2 || octets[1] == '?') return true;
  std::string_view name = octets.substr(octets[1] == '/' ? 2 : 1);
  const auto end = std::ranges::find_if(name, [](char c) { return is_xml_space(c) || c == '/' || c == '>'; });
  if (end == name.end()) return name.size() <= kMaxXmlNameBytes;
  name = {name.begin(), end};
  name.remove_prefix(name.find(':') + 1);  // npos + 1 is 0
  return std::ranges::find(kElements, name) != kElements.end();
}

Recognition probe(const ProbeInput& input) {
  if (input.transport != Transport::tcp) return Recognition::no;
  return begins_xmpp(input.bytes);
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<XmppSession>(); }

}  // namespace

bool is_stream_header(const XmlToken& tag) {
  if (tag.kind != XmlTokenKind::start_tag) return false;
  XmppNamespaces names;
  if (!names.declare(tag.attributes, 0)) return false;
  const XmppNamespace content = names.resolve("message").space;
  const bool known_content = content == XmppNamespace::client || content == XmppNamespace::server;
  return known_content && names.resolve(tag.name) == XmppName{.space = XmppNamespace::streams, .local = "stream"};
}

Recognition begins_xmpp(Bytes octets) {
  if (octets.empty()) return Recognition::need_more;
  if (octets[0] != '<') return Recognition::no;
  XmlScanner scanner;
  bool declared = false;
  while (true) {
    const auto token = scanner.next(octets);
    if (!token) {
      const bool may_go_on = token.error().code == ParseErrorCode::need_more && (octets.empty() || may_become_xmpp(as_text(octets)));
      return may_go_on ? Recognition::need_more : Recognition::no;
    }
    switch (token->kind) {
      case XmlTokenKind::declaration:
        if (declared) return Recognition::no;
        declared = true;
        break;
      case XmlTokenKind::text:
        if (!declared || !std::ranges::all_of(token->text, is_xml_space) || token->length > kMaxXmlNameBytes) return Recognition::no;
        break;
      case XmlTokenKind::start_tag:
      case XmlTokenKind::empty_tag:
        return is_stream_header(*token) || (!declared && is_top_level(*token)) ? Recognition::yes : Recognition::no;
      case XmlTokenKind::end_tag: return !declared && token->name == "stream:stream" ? Recognition::yes : Recognition::no;
    }
    octets = octets.subspan(token->length);
  }
}

const Dissector kXmppDissector{.name = "xmpp", .probe = probe, .open = open};

}  // namespace sealtrace
