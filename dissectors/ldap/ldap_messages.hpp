// LDAP messages as tests need them, element by element. No product code includes this.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sealtrace::testing {

/// octets is text that may hold zeros.
template <std::size_t kSize>
std::string octets(const char (&text)[kSize]) {
  return {text, kSize - 1};
}

/// ber is an element with the shortest length; `ad_ber` writes four octets of it, as Active Directory does.
inline std::string ber(std::uint8_t tag, std::string_view content) {
  std::string element{static_cast<char>(tag)};
  if (content.size() < 0x80) {
    element += static_cast<char>(content.size());
  } else {
    element += '\x82';
    element += static_cast<char>(content.size() >> 8);
    element += static_cast<char>(content.size() & 0xFF);
  }
  return element.append(content);
}
inline std::string ad_ber(std::uint8_t tag, std::string_view content) {
  std::string element{static_cast<char>(tag)};
  element += '\x84';
  for (int shift = 24; shift >= 0; shift -= 8) element += static_cast<char>(content.size() >> shift & 0xFF);
  return element.append(content);
}

inline std::string ldap_message(std::uint8_t message_id, const std::string& operation, const std::string& controls = {}) {
  return ber(0x30, ber(0x02, std::string{static_cast<char>(message_id)}) + operation + controls);
}

inline std::string bind_operation(const std::string& authentication, const std::string& name = "cn=a") {
  return ber(0x60, ber(0x02, "\x03") + ber(0x04, name) + authentication);
}
inline std::string simple(const std::string& password) { return ber(0x80, password); }
inline std::string sasl(const std::string& mechanism, const std::string& credentials = {}) {
  return ber(0xA3, ber(0x04, mechanism) + (credentials.empty() ? "" : ber(0x04, credentials)));
}
inline std::string result(std::uint8_t tag, std::uint8_t code, const std::string& more = {}) {
  return ber(tag, ber(0x0A, std::string{static_cast<char>(code)}) + ber(0x04, "") + ber(0x04, "") + more);
}
inline std::string search_operation(const std::string& base = "dc=a") {
  return ber(0x63, ber(0x04, base) + ber(0x0A, octets("\0")) + ber(0x0A, octets("\0")) + ber(0x02, octets("\0")) + ber(0x02, octets("\0")) +
                       ber(0x01, octets("\0")) + ber(0x87, "objectClass") + ber(0x30, ""));
}
inline std::string start_tls_request(std::uint8_t message_id) {
  return ldap_message(message_id, ber(0x77, ber(0x80, "1.3.6.1.4.1.1466.20037")));
}

/// buffer puts the four octets of a security layer in front of a token (RFC 4422 section 3.7).
inline std::string buffer(const std::string& token) {
  std::string whole;
  for (int shift = 24; shift >= 0; shift -= 8) whole += static_cast<char>(token.size() >> shift & 0xFF);
  return whole + token;
}
/// wrap_token is a Kerberos Wrap token (RFC 4121 section 4.2.6.2) with 60 octets behind its header.
inline std::string wrap_token(char flags) {
  return octets("\x05\x04") + flags + octets("\xFF\x00\x00\x00\x1C\x00\x00\x00\x00\x12\x34\x56\x78") + std::string(60, '\xA5');
}

}  // namespace sealtrace::testing
