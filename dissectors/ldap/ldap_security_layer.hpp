// What a SASL security layer shows of itself (RFC 4422 section 3.7): buffers behind four octets of length, each a token of the mechanism.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// LdapLayer is what a buffer proves. `readable`: its content is LDAP as it is, the layer signs at most. `sealed`: the token says that it
/// is encrypted. `token`: of a mechanism whose tokens are known, which says neither. `opaque`: nothing of it is known.
enum class LdapLayer : std::uint8_t { readable, sealed, token, opaque };

inline constexpr std::size_t kLayerHeaderBytes = 4;
/// kMaxLayerBufferBytes bounds a buffer: the largest that mechanisms can agree on (RFC 4752 section 3.1: three octets of size).
inline constexpr std::uint32_t kMaxLayerBufferBytes = 0x00FFFFFF;

/// LdapBuffer is a buffer and what it proves; `length` is in octets, without the four in front.
struct LdapBuffer {
  std::uint32_t length = 0;
  LdapLayer layer{};
};

/// parse_ldap_buffer reads the length and the first octets of a buffer, whose end need not be there. Fails as need_more while these are not
/// there, as malformed for a length of 0 or above kMaxLayerBufferBytes.
Parsed<LdapBuffer> parse_ldap_buffer(Bytes octets);

}  // namespace sealtrace
