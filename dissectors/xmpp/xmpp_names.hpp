// The namespaces of an XMPP stream that matter here, and which prefix stands for which (Namespaces in XML 1.0; RFC 6120 section 4.8).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dissectors/xmpp/xml_scanner.hpp"

namespace sealtrace {

/// XmppNamespace: `unbound` when no declaration was seen for a prefix, `other` for a namespace that does not matter.
enum class XmppNamespace : std::uint8_t {
  unbound,
  other,
  streams,           ///< http://etherx.jabber.org/streams
  client,            ///< jabber:client
  server,            ///< jabber:server
  dialback,          ///< jabber:server:dialback (XEP-0220)
  dialback_feature,  ///< urn:xmpp:features:dialback
  tls,               ///< urn:ietf:params:xml:ns:xmpp-tls
  sasl,              ///< urn:ietf:params:xml:ns:xmpp-sasl
  sasl2,             ///< urn:xmpp:sasl:2 (XEP-0388)
  bind,              ///< urn:ietf:params:xml:ns:xmpp-bind
  iq_auth,           ///< jabber:iq:auth (XEP-0078)
  compress,          ///< http://jabber.org/protocol/compress (XEP-0138)
};

/// XmppName is an element's name with its prefix resolved; `local` borrows.
struct XmppName {
  XmppNamespace space = XmppNamespace::unbound;
  std::string_view local;

  bool operator==(const XmppName&) const = default;
};

/// XmppNamespaces holds the declarations in force, by the depth of the element that made them.
class XmppNamespaces {
 public:
  /// declare takes the declarations of a start tag at `depth`. False when its attributes are malformed or there are too many.
  [[nodiscard]] bool declare(std::string_view attributes, std::uint32_t depth);
  /// leave forgets what elements at `depth` and deeper declared.
  void leave(std::uint32_t depth);
  /// assume_usual binds what stream headers usually bind: for a stream whose header was not seen.
  void assume_usual();
  [[nodiscard]] XmppName resolve(std::string_view name) const;

 private:
  struct Binding {
    std::string prefix;
    XmppNamespace space{};
    std::uint32_t depth = 0;
  };
  std::vector<Binding> bindings_;
};

}  // namespace sealtrace
