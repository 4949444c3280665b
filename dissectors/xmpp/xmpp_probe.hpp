// What XMPP looks like: how a stream is recognised where it begins, and found again where octets of it are missing.
#pragma once

#include "dissect/session.hpp"
#include "dissectors/xmpp/xmpp_names.hpp"

namespace sealtrace {

/// kXmppDissector recognises a stream header of jabber:client or jabber:server, and elements that only such a stream has.
extern const Dissector kXmppDissector;

/// begins_xmpp tells whether a stream header, with or without an XML declaration, or an element directly below a stream begins here that is
/// nothing but XMPP. What is not yes or no within kMaxXmlTagBytes is no.
Recognition begins_xmpp(Bytes octets);

/// is_stream_header tells whether the tag is one (RFC 6120 section 4.7) whose content is jabber:client or jabber:server.
bool is_stream_header(const XmlToken& tag);

}  // namespace sealtrace
