// Pseudo-TLS: the fixed hellos that media relays put before TURN on port 443 to pass for TLS. They agree on nothing and protect
// nothing ([MS-TURN] section 3; libjingle's and libnice's pseudo-SSL sockets).
#pragma once

#include "proto/tls_handshake.hpp"

namespace sealtrace {

/// is_microsoft_client_hello: TLS 1.0, no session id, the one suite TLS_DH_anon_WITH_RC4_128_MD5, no extensions: 41 octets.
bool is_microsoft_client_hello(const ClientHello& hello);

/// is_microsoft_server_hello: TLS 1.0, that suite, a session id of 32 octets, no extensions. A server that means it must follow with
/// ServerKeyExchange (RFC 5246 section 7.4.3); the imitation follows with ServerHelloDone.
bool is_microsoft_server_hello(const ServerHello& hello);

/// is_google_client_hello and is_google_server_hello compare with the fixed challenge and the fixed random.
bool is_google_client_hello(const ClientHello& hello);
bool is_google_server_hello(const ServerHello& hello);

}  // namespace sealtrace
