#include "dissectors/xmpp/xmpp_names.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace sealtrace {
namespace {

/// kMaxBindings bounds the declarations in force: a stream header has three or four, an element in it one. Prefixes are bounded by
/// kMaxXmlTagBytes, and a longer one than kMaxPrefixBytes is nobody's.
constexpr std::size_t kMaxBindings = 32;
constexpr std::size_t kMaxPrefixBytes = 32;

constexpr std::array<std::pair<std::string_view, XmppNamespace>, 11> kNamespaces{{
    {"http://etherx.jabber.org/streams", XmppNamespace::streams},
    {"jabber:client", XmppNamespace::client},
    {"jabber:server", XmppNamespace::server},
    {"jabber:server:dialback", XmppNamespace::dialback},
    {"urn:xmpp:features:dialback", XmppNamespace::dialback_feature},
    {"urn:ietf:params:xml:ns:xmpp-tls", XmppNamespace::tls},
    {"urn:ietf:params:xml:ns:xmpp-sasl", XmppNamespace::sasl},
    {"urn:xmpp:sasl:2", XmppNamespace::sasl2},
    {"urn:ietf:params:xml:ns:xmpp-bind", XmppNamespace::bind},
    {"jabber:iq:auth", XmppNamespace::iq_auth},
    {"http://jabber.org/protocol/compress", XmppNamespace::compress},
}};

XmppNamespace namespace_of(std::string_view uri) {
  const auto* known = std::ranges::find(kNamespaces, uri, &std::pair<std::string_view, XmppNamespace>::first);
  return known == kNamespaces.end() ? XmppNamespace::other : known->second;
}

/// declared_prefix gives the prefix that an attribute declares, empty for the default namespace; nothing for another attribute.
std::optional<std::string_view> declared_prefix(std::string_view attribute) {
  constexpr std::string_view kXmlns = "xmlns";
  if (!attribute.starts_with(kXmlns)) return std::nullopt;
  attribute.remove_prefix(kXmlns.size());
  if (attribute.empty()) return attribute;
  if (attribute[0] != ':') return std::nullopt;
  return attribute.substr(1);
}

}  // namespace

bool XmppNamespaces::declare(std::string_view attributes, std::uint32_t depth) {
  XmlAttributes all{attributes};
  while (const auto attribute = all.next()) {
    const auto prefix = declared_prefix(attribute->name);
    if (!prefix) continue;
    if (bindings_.size() == kMaxBindings || prefix->size() > kMaxPrefixBytes) return false;
    bindings_.push_back({.prefix = std::string{*prefix}, .space = namespace_of(attribute->value), .depth = depth});
  }
  return all.ok();
}

void XmppNamespaces::leave(std::uint32_t depth) {
  while (!bindings_.empty() && bindings_.back().depth >= depth) bindings_.pop_back();
}

void XmppNamespaces::assume_usual() {
  bindings_ = {{.prefix = "stream", .space = XmppNamespace::streams, .depth = 0},
               {.prefix = "db", .space = XmppNamespace::dialback, .depth = 0}};
}

XmppName XmppNamespaces::resolve(std::string_view name) const {
  const std::size_t colon = name.find(':');
  const std::string_view prefix = colon == std::string_view::npos ? std::string_view{} : name.substr(0, colon);
  const std::string_view local = colon == std::string_view::npos ? name : name.substr(colon + 1);
  for (auto binding = bindings_.rbegin(); binding != bindings_.rend(); ++binding) {
    if (binding->prefix == prefix) return {.space = binding->space, .local = local};
  }
  return {.space = XmppNamespace::unbound, .local = local};
}

}  // namespace sealtrace
