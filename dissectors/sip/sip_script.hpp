// What the tests of SIP share: messages as lines, frames of WebSockets, and messages in words. Only tests include it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "dissectors/sip/sip_head.hpp"
#include "model/application_facts.hpp"

namespace sealtrace::sip_testing {

/// message_of ends lines with CRLF, puts the empty line behind them, and the body.
inline std::string message_of(std::initializer_list<std::string_view> lines, std::string_view body = {}) {
  std::string message;
  for (const std::string_view line : lines) (message += line) += "\r\n";
  return (message += "\r\n") += body;
}

/// request gives a whole request with the mandatory fields, what `more` adds, and its Content-Length.
inline std::string request(std::string_view method, std::string_view uri, std::string_view more = {}, std::string_view body = {}) {
  std::string message{method};
  (message += ' ') += uri;
  message +=
      " SIP/2.0\r\nVia: SIP/2.0/TCP pc33.atlanta.com;branch=z9hG4bK776asdhds\r\nMax-Forwards: 70\r\n"
      "To: Bob <sip:bob@biloxi.com>\r\nFrom: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
      "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\nCSeq: 314159 ";
  ((message += method) += "\r\n") += more;
  (message += "Content-Length: ") += std::to_string(body.size());
  return (message += "\r\n\r\n") += body;
}

/// response gives a whole response to a request of `method`.
inline std::string response(std::string_view status, std::string_view method, std::string_view more = {}, std::string_view body = {}) {
  std::string message{"SIP/2.0 "};
  message += status;
  message +=
      "\r\nVia: SIP/2.0/TCP pc33.atlanta.com;branch=z9hG4bK776asdhds\r\n"
      "To: Bob <sip:bob@biloxi.com>;tag=a6c85cf\r\nFrom: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
      "Call-ID: a84b4c76e66710@pc33.atlanta.com\r\nCSeq: 314159 ";
  ((message += method) += "\r\n") += more;
  (message += "Content-Length: ") += std::to_string(body.size());
  return (message += "\r\n\r\n") += body;
}

/// sip_messages gives the SipMessage facts of a flow.
inline std::vector<SipMessage> sip_messages(const testing::ScriptedFlow& flow) {
  std::vector<SipMessage> messages;
  for (const Fact& fact : flow.facts) {
    if (const auto* message = fact_if<SipMessage>(&fact.body)) messages.push_back(*message);
  }
  return messages;
}

/// kinds_of names what kinds of traffic a message is of, in the order of SipMessage.
inline std::string kinds_of(const SipMessage& message) {
  std::string kinds;
  const auto add = [&kinds](bool flag, std::string_view name) {
    if (flag) (kinds += kinds.empty() ? "" : " ") += name;
  };
  add(message.instant_message, "im");
  add(message.presence, "presence");
  add(message.call, "call");
  add(message.desktop_sharing, "sharing");
  add(message.sdp, "sdp");
  return kinds;
}

/// hops_of tells Via or Record-Route as "tcp/host, sips tls/host".
inline std::string hops_of(const SipHops& hops) {
  std::string text;
  for (const SipHop& hop : hops) {
    (text += text.empty() ? "" : ", ") += hop.sips ? "sips " : "";
    ((text += kSipTransportNames[static_cast<std::size_t>(hop.transport)]) += '/') += hop.host;
  }
  return text;
}

/// frame makes a WebSocket frame: `first` is FIN, RSV and opcode; a client's is masked.
inline std::string frame(std::uint8_t first, std::string_view payload, bool masked) {
  constexpr std::string_view kKey{"\x37\xFA\x21\x3D", 4};  // RFC 6455 section 5.7
  std::string octets(1, static_cast<char>(first));
  const std::uint8_t mask_bit = masked ? 0x80 : 0;
  if (payload.size() < 126) {
    octets += static_cast<char>(mask_bit | payload.size());
  } else {
    octets += static_cast<char>(mask_bit | 126);
    octets += static_cast<char>(payload.size() >> 8);
    octets += static_cast<char>(payload.size() & 0xFF);
  }
  if (masked) octets += kKey;
  for (std::size_t i = 0; i < payload.size(); ++i) octets += masked ? static_cast<char>(payload[i] ^ kKey[i % 4]) : payload[i];
  return octets;
}

}  // namespace sealtrace::sip_testing
