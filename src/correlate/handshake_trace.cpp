#include "correlate/handshake_trace.hpp"

#include <algorithm>
#include <variant>

#include "correlate/overloaded.hpp"

namespace sealtrace {
namespace {

/// Places of the messages in their sender's order (RFC 5246 section 7.3; NewSessionTicket: RFC 5077 section 3.3).
namespace place {
constexpr std::uint8_t kHello = 1;
constexpr std::uint8_t kCertificate = 2;
constexpr std::uint8_t kServerKeyExchange = 3;
constexpr std::uint8_t kCertificateRequest = 4;
constexpr std::uint8_t kServerHelloDone = 5;
constexpr std::uint8_t kNewSessionTicket = 6;
constexpr std::uint8_t kClientKeyExchange = 3;
constexpr std::uint8_t kCertificateVerify = 4;
constexpr std::uint8_t kChangeCipherSpec = 7;
constexpr std::uint8_t kFinished = 8;
}  // namespace place

/// restart begins another handshake of one side.
template <typename SideHistory>
void restart(SideHistory& history) {
  history.earlier.push_back(history.now);
  history.now = {};
}

}  // namespace

bool HandshakeTrace::abbreviated() const {
  if (is_1_3(server.version)) return server.pre_shared_key;
  if (!server.hello || server.full_flight || client.key_exchange || client.certificate != ClientCertificate::not_seen) return false;
  if (server.session_id != OpaqueHash{} && server.session_id == client.session_id) return true;
  return server.change_cipher_spec && !server.damaged();
}

SideTrace& HandshakeObserver::side(Side sender) {
  if (sender == Side::initiator) return client_.now;
  return server_.now;
}

/// in_order notes a message at `place`; one that comes after a later one, or twice, makes the trace unreadable.
void HandshakeObserver::in_order(SideTrace& trace, std::uint8_t place) {
  if (place <= trace.last_message || trace.last_message == 0) {
    // A message without its hello: the beginning was missed. Twice or backwards: no peer that follows the RFC does it.
    (trace.last_message == 0 ? trace.gap : trace.unreadable) = true;
  }
  trace.last_message = place;
}

/// sent_by notes a message that only `role` may send; from the other side it makes that side's trace unreadable and is false.
bool HandshakeObserver::sent_by(Side role, Side sender, std::uint8_t place) {
  if (sender == role) {
    in_order(side(sender), place);
  } else {
    side(sender).unreadable = true;
  }
  return sender == role;
}

/// missed notes octets that were not seen. Before a hello they belong to what came before TLS, unless the dissector says otherwise.
void HandshakeObserver::missed(SideTrace& trace, bool within_handshake) {
  if (trace.finished) {
    trace.blind = true;
  } else if (trace.hello || within_handshake) {
    trace.gap = true;
  }
}

void HandshakeObserver::on(const TlsClientHello& hello, Side sender) {
  if (sender != Side::initiator) {
    server_.now.unreadable = true;
    return;
  }
  flight_.on(hello);
  const ClientTrace& now = client_.now;
  if (now.finished || now.key_exchange || now.certificate != ClientCertificate::not_seen) restart(client_);
  // The second hello after a HelloRetryRequest or HelloVerifyRequest belongs to the same handshake.
  client_.now.hello = true;
  client_.now.change_cipher_spec = false;  // TLS 1.3's compatibility mode sends one before its second hello (RFC 8446 appendix D.4)
  client_.now.last_message = place::kHello;
  client_.now.session_id = hello.session_id;
}

void HandshakeObserver::on(const TlsServerHello& hello, Side sender) {
  if (sender != Side::responder) {
    client_.now.unreadable = true;
    return;
  }
  if (hello.hello_retry_request) {
    server_.now.last_message = place::kHello;
    return;
  }
  flight_.on(hello);
  if (server_.now.hello) restart(server_);
  server_.now.hello = true;
  server_.now.change_cipher_spec = false;
  server_.now.last_message = place::kHello;
  server_.now.version = hello.version;
  server_.now.pre_shared_key = hello.pre_shared_key;
  server_.now.session_id = hello.session_id;
}

void HandshakeObserver::on(const TlsCertificates& certificates, Side sender) {
  in_order(side(sender), place::kCertificate);
  if (sender == Side::initiator) {
    client_.now.certificate = certificates.chain.empty() ? ClientCertificate::empty : ClientCertificate::presented;
  } else {
    server_.now.full_flight = true;
  }
}

void HandshakeObserver::on(const TlsAlert& alert, Side sender) {
  SideTrace& trace = side(sender);
  if (trace.finished) return;
  if (!alert.encrypted && alert.level == AlertLevel::warning) {
    if (alert.description == AlertDescription::close_notify) trace.closed = true;
    if (alert.description == AlertDescription::no_certificate && sender == Side::initiator) client_.now.no_certificate_alert = true;
  } else {
    trace.fatal_alert = true;
  }
}

/// TLS 1.3: octets that were missed behind a side's first protected record end what its sizes can say, and damage nothing before.
void HandshakeObserver::on(const StreamGap& gap, Side sender) {
  flight_.on_missed();
  if (server_.now.version == TlsVersion::tls1_3 && !gap.within_handshake) return;
  missed(side(sender), gap.within_handshake);
}

void HandshakeObserver::observe(const Fact& fact) {
  const Side sender = fact.sender;
  std::visit(Overloaded{
                 [&](const TlsClientHello& hello) { on(hello, sender); },
                 [&](const TlsServerHello& hello) { on(hello, sender); },
                 [&](const TlsCertificates& certificates) { on(certificates, sender); },
                 [&](const TlsAlert& alert) { on(alert, sender); },
                 [&](const TlsServerKeyExchange&) {
                   if (sent_by(Side::responder, sender, place::kServerKeyExchange)) server_.now.full_flight = true;
                 },
                 [&](const TlsCertificateRequest&) {
                   if (sent_by(Side::responder, sender, place::kCertificateRequest)) {
                     server_.now.full_flight = server_.now.certificate_request = true;
                   }
                 },
                 [&](const TlsServerHelloDone&) {
                   if (sent_by(Side::responder, sender, place::kServerHelloDone)) {
                     server_.now.full_flight = server_.now.hello_done = true;
                     server_.now.flight_whole = server_.now.hello && !server_.now.damaged();
                   }
                 },
                 [&](const TlsClientKeyExchange&) {
                   if (sent_by(Side::initiator, sender, place::kClientKeyExchange)) client_.now.key_exchange = true;
                 },
                 [&](const TlsCertificateVerify&) {
                   if (sent_by(Side::initiator, sender, place::kCertificateVerify)) client_.now.certificate_verify = true;
                 },
                 [&](const TlsNewSessionTicket&) { sent_by(Side::responder, sender, place::kNewSessionTicket); },
                 [&](const TlsChangeCipherSpec&) {
                   SideTrace& trace = side(sender);
                   if (trace.finished) return trace.renegotiation.on_switch();
                   in_order(trace, place::kChangeCipherSpec);
                   trace.change_cipher_spec = true;
                 },
                 [&](const TlsFinished&) {
                   SideTrace& trace = side(sender);
                   if (trace.change_cipher_spec) {
                     in_order(trace, place::kFinished);
                     trace.finished = true;
                   } else {
                     trace.gap = true;
                   }
                 },
                 [&](const TlsEncryptedHandshake& record) {
                   SideTrace& trace = side(sender);
                   if (trace.finished) trace.renegotiation.on_record(record.record_bytes);
                   (trace.finished ? trace.encrypted_handshake : trace.gap) = true;
                 },
                 [&](const StreamGap& gap) { on(gap, sender); },
                 [&](const TlsApplicationData& data) { flight_.on(data, sender); },
                 [&](const TlsJoinedMidStream&) { missed(side(sender), false); },
                 [&](const MessageUnreadable&) {
                   SideTrace& trace = side(sender);
                   (trace.finished ? trace.blind : trace.unreadable) = true;
                 },
                 [&](const BudgetExceeded&) {  // what was given up may be of either side
                   missed(client_.now, true);
                   missed(server_.now, true);
                 },
                 // What says nothing of who authenticated whom:
                 [](const ProtocolRecognised&) {},
                 [](const TlsHelloVerifyRequest&) {},
                 [](const TlsCertificateStatus&) {},
                 [](const TlsEncryptedExtensions&) {},
                 [](const TlsHeartbeat&) {},
                 [](const TlsHelloRequest&) {},
                 [](const TlsOtherHandshake&) {},
                 [](const TlsPseudoHello&) {},
                 [](const TlsPrecededBy&) {},
                 [](const SrtpKeyExported&) {},
                 [](const HeldOf<ApplicationFacts> auto&) {},
             },
             fact.body);
}

FlowHandshakes HandshakeObserver::handshakes() const {
  FlowHandshakes found{.earlier = {}, .last = {.client = client_.now, .server = server_.now, .flight = flight_}};
  std::size_t num_client = client_.earlier.size();
  const std::size_t num_server = server_.earlier.size();
  const bool hello_only = client_.now.last_message == place::kHello && !client_.now.damaged();
  if (num_client == num_server + 1 && hello_only && !server_.now.damaged() && !server_.now.blind) {
    found.last.client = client_.earlier[--num_client];  // a hello that nobody answered begins nothing
  }
  if (num_client != num_server) found.last.client.gap = found.last.server.gap = true;  // handshakes of one side were not seen
  for (std::size_t at = 0; at < std::min(num_client, num_server); ++at) {
    found.earlier.push_back({.client = client_.earlier[at], .server = server_.earlier[at], .flight = {}});
  }
  return found;
}

}  // namespace sealtrace
