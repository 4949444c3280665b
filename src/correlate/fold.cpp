#include "correlate/fold.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "correlate/application_fold.hpp"
#include "correlate/client_auth.hpp"
#include "correlate/decrypted_trace.hpp"
#include "correlate/handshake_trace.hpp"
#include "correlate/history.hpp"
#include "correlate/overloaded.hpp"
#include "model/prefetch.hpp"

namespace sealtrace {
namespace {

/// kMaxAlerts bounds the alerts kept of a flow: a peer may send warnings without end; the first ones tell why it failed.
constexpr std::size_t kMaxAlerts = 16;
/// kMaxDecryptedTickets bounds the tickets kept of a flow: servers send one to four, and another for each that is used.
constexpr std::size_t kMaxDecryptedTickets = 16;
/// kMaxExportedSrtpKeys bounds the keys of SRTP kept of a flow: two for each handshake of each peer behind a relay.
constexpr std::size_t kMaxExportedSrtpKeys = 64;

/// kMaxAlertRecordBytes is the largest protected record of TLS 1.3 that may be an unpadded alert: 2 octets, the content
/// type and a 16-octet tag (RFC 8446 sections 5.2, 6).
constexpr std::uint16_t kMaxAlertRecordBytes = 2 + 1 + 16;

/// client_side_of says which side the fact shows to be the TLS client, if it does.
std::optional<Side> client_side_of(const Fact& fact) {
  const FactBody& body = fact.body;
  if (std::holds_alternative<TlsClientKeyExchange>(body) || std::holds_alternative<TlsCertificateVerify>(body)) return fact.sender;
  if (std::holds_alternative<Boxed<TlsServerHello>>(body) || std::holds_alternative<TlsHelloVerifyRequest>(body) ||
      std::holds_alternative<TlsServerKeyExchange>(body) || std::holds_alternative<TlsCertificateRequest>(body) ||
      std::holds_alternative<TlsServerHelloDone>(body) || std::holds_alternative<TlsNewSessionTicket>(body) ||
      std::holds_alternative<TlsHelloRequest>(body)) {
    return other(fact.sender);
  }
  return std::nullopt;
}

/// find_tls_client gives the sender of the first ClientHello; without one, whom the first telling message points at.
Side find_tls_client(std::span<const Fact> facts) {
  for (const Fact& fact : facts) {
    if (std::holds_alternative<Boxed<TlsClientHello>>(fact.body)) return fact.sender;
  }
  for (const Fact& fact : facts) {
    if (const auto client = client_side_of(fact)) return *client;
  }
  return Side::initiator;
}

void turn_round(FlowProfile& profile, std::span<Fact> facts) {
  std::swap(profile.initiator, profile.responder);
  std::swap(profile.initiator_seen, profile.responder_seen);
  profile.responder_accepted = profile.responder_seen;  // it sent the first packet
  for (Fact& fact : facts) fact.sender = other(fact.sender);
}

/// add_once keeps the order of first appearance.
void add_once(auto& names, std::string_view name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

bool is_tls_fact(const FactBody& body) {
  return !std::holds_alternative<Boxed<MessageUnreadable>>(body) && !std::holds_alternative<StreamGap>(body) &&
         !std::holds_alternative<BudgetExceeded>(body) && !std::holds_alternative<TlsPrecededBy>(body) && !is_application_fact(body);
}

/// tls_channel gives the conversation inside a flow whose TLS is the flow's: behind a relay there may be an association with each of
/// several peers, which must not be taken for one. The first that begins with a ClientHello, else the first.
std::uint32_t tls_channel(std::span<const Fact> facts) {
  const auto begins =
      std::ranges::find_if(facts, [](const Fact& fact) { return std::holds_alternative<Boxed<TlsClientHello>>(fact.body); });
  if (begins != facts.end()) return begins->channel;
  const auto first = std::ranges::find_if(
      facts, [](const Fact& fact) { return is_tls_fact(fact.body) && !std::holds_alternative<ProtocolRecognised>(fact.body); });
  return first != facts.end() ? first->channel : 0;
}

/// TlsFolder reads a flow's facts once, in order, and fills its TlsProfile.
class TlsFolder {
 public:
  TlsFolder(TlsProfile& tls, bool keep_hellos) : tls_{tls}, keep_hellos_{keep_hellos} {}

  void add(Fact& fact);
  void finish(const FlowProfile& profile);

 private:
  void on(TlsClientHello& hello, const Fact& fact);
  void on(TlsServerHello& hello, const Fact& fact);
  void on(const TlsCertificates& certificates, const Fact& fact);
  void on(const TlsApplicationData& data, const Fact& fact);
  void on(const TlsAlert& alert, const Fact& fact);
  void add_decrypted(const Fact& fact);
  void finish_decrypted(const FlowProfile& profile);
  void note_signature(Check check);
  [[nodiscard]] bool tls13() const { return is_1_3(tls_.version); }
  [[nodiscard]] bool established(const FlowHandshakes& handshakes) const;
  [[nodiscard]] Resumption resumption(const HandshakeTrace& handshake) const;

  TlsProfile& tls_;
  bool keep_hellos_;
  HandshakeObserver observer_;
  DecryptedTrace decrypted_;
  TlsHistory history_;
  bool client_offers_extended_master_secret_ = false;
  bool client_offers_renegotiation_info_ = false;
  bool server_takes_extended_master_secret_ = false;
  bool server_takes_renegotiation_info_ = false;
  bool fatal_alert_in_clear_ = false;
  bool client_sent_protected_ = false;     ///< more than an alert, after ServerHello
  bool server_went_on_protected_ = false;  ///< more than an alert, after that
  bool client_sent_data_ = false;
  bool server_sent_data_ = false;
  OpaqueHash psk_identity_{};                   ///< the first one
  std::optional<bool> client_signature_valid_;  ///< of CertificateVerify in the clear
  bool finished_refuted_ = false;               ///< DTLS: a Finished does not cover the messages that were seen
};

void TlsFolder::on(TlsClientHello& hello, const Fact& fact) {
  if (fact.sender != Side::initiator) return;  // two clients: the trace says so
  tls_.client_hello_seen = true;
  tls_.frames.client_hello = {fact.evidence, fact.time};
  tls_.dtls |= hello.form == TlsHelloForm::dtls;
  tls_.quic |= hello.form == TlsHelloForm::quic;
  tls_.early_data_offered |= hello.early_data;
  tls_.post_handshake_auth_offered = hello.post_handshake_auth;
  tls_.encrypted_client_hello = hello.encrypted_client_hello;
  tls_.fallback_scsv = hello.fallback_scsv;
  client_offers_extended_master_secret_ = hello.extended_master_secret;
  client_offers_renegotiation_info_ = hello.renegotiation_info;
  tls_.offered_session_id = hello.session_id;
  psk_identity_ = hello.psk_identity;
  tls_.offered_ticket = hello.session_ticket != OpaqueHash{} ? hello.session_ticket : hello.psk_identity;
  tls_.psk_identity_bytes = hello.psk_identity_bytes;
  tls_.server_name = hello.server_name;
  tls_.supported_versions = hello.supported_versions;
  if (tls_.supported_versions.empty()) tls_.supported_versions.push_back(hello.legacy_version);
  if (keep_hellos_ && !tls_.client_hello) tls_.client_hello = std::make_unique<TlsClientHello>(std::move(hello));
}

void TlsFolder::on(TlsServerHello& hello, const Fact& fact) {
  if (fact.sender != Side::responder) return;
  if (hello.hello_retry_request) {
    tls_.hello_retry = true;
    return;
  }
  const bool completed_before = tls_.frames.client_finished.known() && tls_.frames.server_finished.known();
  if (completed_before && cipher_traits(tls_.cipher_suite).protects_nothing())
    return;  // a better hello does not undo what was sent in the clear
  tls_.server_hello_seen = true;
  tls_.frames.server_hello = {fact.evidence, fact.time};
  tls_.version = hello.version;
  tls_.dtls |= is_dtls(hello.version);
  tls_.cipher_suite = hello.cipher_suite;
  tls_.compression_method = hello.compression_method;
  tls_.downgrade_sentinel = hello.downgrade_sentinel;
  server_takes_extended_master_secret_ = hello.extended_master_secret;
  server_takes_renegotiation_info_ = hello.renegotiation_info;
  if (tls13()) tls_.offered_ticket = hello.pre_shared_key && hello.selected_identity == 0 ? psk_identity_ : OpaqueHash{};
  tls_.session_id = hello.session_id;
  tls_.use_srtp = hello.use_srtp;
  tls_.next_protocol = hello.alpn;
  if (hello.group) tls_.group = *hello.group;
  if (keep_hellos_) tls_.server_hello = std::make_unique<TlsServerHello>(std::move(hello));
}

void TlsFolder::on(const TlsCertificates& certificates, const Fact& fact) {
  const bool client = fact.sender == Side::initiator;
  (client ? tls_.client_chain : tls_.server_chain) = certificates.chain;
  if (!client) tls_.server_staples = certificates.staples;
  (client ? tls_.frames.client_certificate : tls_.frames.server_certificate) = {fact.evidence, fact.time};
}

void TlsFolder::on(const TlsApplicationData& data, const Fact& fact) {
  if (!tls_.frames.first_application_data.known()) tls_.frames.first_application_data = {fact.evidence, fact.time};
  (fact.sender == Side::initiator ? client_sent_data_ : server_sent_data_) = true;
  if (tls13() && fact.sender == Side::initiator && !tls_.frames.client_flight.known())
    tls_.frames.client_flight = {fact.evidence, fact.time};
  if (!tls13() || data.record_bytes <= kMaxAlertRecordBytes) return;
  if (fact.sender == Side::initiator) {
    client_sent_protected_ = true;
  } else {
    server_went_on_protected_ |= client_sent_protected_;
  }
}

void TlsFolder::on(const TlsAlert& alert, const Fact& fact) {
  fatal_alert_in_clear_ |= !fact.decrypted && !alert.encrypted && alert.level != AlertLevel::warning;
  if (tls_.alerts.size() == kMaxAlerts) return;
  tls_.alerts.push_back({.sender = fact.sender,
                         .encrypted = alert.encrypted,
                         .level = alert.level,
                         .description = alert.description,
                         .evidence = fact.evidence});
}

void TlsFolder::note_signature(Check check) {
  if (check != Check::passed && check != Check::failed) return;
  tls_.server_signature_valid = check == Check::passed && tls_.server_signature_valid.value_or(true);
}

/// add_decrypted takes what secrets showed. It says nothing of what can be seen without them.
void TlsFolder::add_decrypted(const Fact& fact) {
  decrypted_.observe(fact);
  const bool client = fact.sender == Side::initiator;
  std::visit(Overloaded{
                 [&](const Boxed<TlsCertificates>& certificates) { on(*certificates, fact); },
                 [&](const Boxed<TlsCertificateStatus>& status) {
                   if (!client) tls_.server_staples = status->staples;
                 },
                 [&](const TlsCertificateRequest&) { tls_.frames.certificate_request = {fact.evidence, fact.time}; },
                 [&](const TlsCertificateVerify& verify) {
                   if (client) {
                     tls_.frames.certificate_verify = {fact.evidence, fact.time};
                   } else {
                     if (tls_.version == TlsVersion::tls1_3) tls_.server_signature = verify.signature_scheme;
                     note_signature(verify.signature);
                   }
                 },
                 [&](const TlsServerKeyExchange& exchange) { note_signature(exchange.signature); },
                 [&](const TlsFinished& finished) {
                   finished_refuted_ |= tls_.dtls && finished.verify_data == Check::failed;
                   TimedEvidence& frame = client ? tls_.frames.client_finished : tls_.frames.server_finished;
                   if (!frame.known()) frame = {fact.evidence, fact.time};
                 },
                 [&](const TlsNewSessionTicket& issued) {
                   if (tls13() && tls_.decrypted_tickets.size() < kMaxDecryptedTickets) tls_.decrypted_tickets.push_back(issued.ticket);
                 },
                 [&](const Boxed<TlsEncryptedExtensions>& extensions) {
                   if (tls_.early_data_offered) tls_.early_data_accepted = extensions->early_data_accepted;
                   if (!extensions->alpn.empty()) tls_.next_protocol = extensions->alpn;
                 },
                 [&](const TlsAlert& alert) { on(alert, fact); },
                 [](const auto&) {},
             },
             fact.body);
}

void TlsFolder::add(Fact& fact) {
  if (fact.decrypted) return add_decrypted(fact);
  observer_.observe(fact);
  history_.add(fact);
  std::visit(
      Overloaded{
          [&](TlsClientHello& hello) { on(hello, fact); },
          [&](TlsServerHello& hello) { on(hello, fact); },
          [&](const TlsCertificates& certificates) { on(certificates, fact); },
          [&](const TlsApplicationData& data) { on(data, fact); },
          [&](const TlsAlert& alert) { on(alert, fact); },
          [&](const TlsHelloVerifyRequest&) { tls_.hello_retry = true; },
          [&](const TlsServerKeyExchange& exchange) {
            if (exchange.group) tls_.group = *exchange.group;
            if (exchange.signature_scheme) tls_.server_signature = *exchange.signature_scheme;
            tls_.dh_prime_bits = exchange.dh_prime_bits;
            note_signature(exchange.signature);
          },
          [&](const TlsCertificateRequest&) { tls_.frames.certificate_request = {fact.evidence, fact.time}; },
          [&](const TlsCertificateVerify& verify) {
            tls_.frames.certificate_verify = {fact.evidence, fact.time};
            if (verify.signature_scheme != SignatureScheme{}) tls_.client_signature = verify.signature_scheme;
            if (verify.signature == Check::passed || verify.signature == Check::failed) {
              client_signature_valid_ = verify.signature == Check::passed && client_signature_valid_.value_or(true);
            }
          },
          [&](const TlsNewSessionTicket& issued) { tls_.issued_ticket = issued.ticket; },
          [&](const TlsFinished&) {
            (fact.sender == Side::initiator ? tls_.frames.client_finished : tls_.frames.server_finished) = {fact.evidence, fact.time};
          },
          [&](const TlsEncryptedHandshake&) {
            if (!tls_.frames.renegotiation.known()) tls_.frames.renegotiation = {fact.evidence, fact.time};
          },
          [&](const TlsJoinedMidStream&) { tls_.joined_mid_stream |= !tls_.client_hello_seen && !tls_.server_hello_seen; },
          [&](const TlsPseudoHello&) { tls_.pseudo = true; },
          [&](const TlsPrecededBy& before) {
            if (tls_.pseudo) return;  // before TURN, after the imitation
            tls_.clear_bytes_before = before.clear_bytes;
            tls_.unread_before = before.unread;
          },
          [&](const ProtocolRecognised& recognised) { tls_.dtls |= recognised.protocol == "dtls"; },
          [](const TlsServerHelloDone&) {},
          [](const TlsClientKeyExchange&) {},
          [&](const TlsCertificateStatus& status) {
            if (fact.sender == Side::responder) tls_.server_staples = status.staples;
          },
          [](const TlsEncryptedExtensions&) {},
          [](const TlsChangeCipherSpec&) {},
          [](const TlsHeartbeat&) {},
          [](const TlsHelloRequest&) {},
          [](const TlsOtherHandshake&) {},
          [&](const MessageUnreadable&) {
            const TimedEvidence& finished = fact.sender == Side::initiator ? tls_.frames.client_finished : tls_.frames.server_finished;
            const bool protected_before = fact.sender == Side::initiator ? client_sent_protected_ : server_went_on_protected_;
            tls_.left_tls |= finished.known() || (tls13() && protected_before);
          },
          [](const StreamGap&) {},
          [](const BudgetExceeded&) {},
          [](const SrtpKeyExported&) {},
          [](const HeldOf<ApplicationFacts> auto&) {},
      },
      fact.body);
}

bool TlsFolder::established(const FlowHandshakes& handshakes) const {
  if (tls13()) return server_went_on_protected_ && !fatal_alert_in_clear_;
  // SSL 2's Finished cannot be told from its data: records of both sides after the hellos are all that shows.
  if (tls_.version == TlsVersion::ssl2) return client_sent_data_ && server_sent_data_;
  const auto finished = [](const HandshakeTrace& handshake) {
    return handshake.complete() && !handshake.client.fatal_alert && !handshake.server.fatal_alert;
  };
  return finished(handshakes.last) || std::ranges::any_of(handshakes.earlier, finished);
}

Resumption TlsFolder::resumption(const HandshakeTrace& handshake) const {
  if (!handshake.abbreviated()) return Resumption::none;
  if (tls13()) return Resumption::pre_shared_key;
  // A server that takes a ticket echoes whatever session id came with it (RFC 5077 section 3.4): the ticket goes first.
  if (tls_.offered_ticket != OpaqueHash{}) return Resumption::session_ticket;
  if (tls_.session_id != OpaqueHash{} && tls_.session_id == tls_.offered_session_id) return Resumption::session_id;
  return Resumption::unknown;
}

void TlsFolder::finish(const FlowProfile& profile) {
  tls_.history = history_.take();
  tls_.history_cut = history_.cut();
  tls_.extended_master_secret = client_offers_extended_master_secret_ && server_takes_extended_master_secret_;
  tls_.secure_renegotiation = client_offers_renegotiation_info_ && server_takes_renegotiation_info_;
  if (tls_.pseudo) return;
  FlowHandshakes handshakes = observer_.handshakes();
  if (decrypted_.seen() && !decrypted_.failed()) {  // what the records behind Finished held is known
    handshakes.last.client.encrypted_handshake = handshakes.last.server.encrypted_handshake = false;
  }
  tls_.handshake_damaged = handshakes.last.client.damaged() || handshakes.last.server.damaged();
  tls_.later_records_missed = handshakes.last.client.blind && handshakes.last.server.blind;
  tls_.established = established(handshakes);
  tls_.resumption = resumption(handshakes.last);
  tls_.client_auth = assess_client_auth(handshakes, profile);
  if (client_signature_valid_) {
    tls_.client_auth.signature_valid = client_signature_valid_;
    if (!*client_signature_valid_ && tls_.client_auth.status == ClientAuthStatus::mutual) {
      tls_.client_auth.status = ClientAuthStatus::not_observable;  // no proof of the key, though the server took it
      tls_.client_auth.cause = NotObservableCause::conflicting;
    }
  }
  const bool claims = tls_.client_auth.status != ClientAuthStatus::none && tls_.client_auth.status != ClientAuthStatus::not_observable;
  if (finished_refuted_ && claims) {  // the peers read other messages than the capture shows
    tls_.client_auth.status = ClientAuthStatus::not_observable;
    tls_.client_auth.cause = NotObservableCause::conflicting;
  }
  if (decrypted_.seen()) finish_decrypted(profile);
}

void TlsFolder::finish_decrypted(const FlowProfile& profile) {
  tls_.decrypted = decrypted_.opened();
  tls_.decryption_failed = decrypted_.failed();
  const bool proved_in_clear = tls_.client_auth.status == ClientAuthStatus::mutual && tls_.client_auth.basis == Basis::decoded;
  const std::optional<ClientAuth> inside = assess_decrypted(decrypted_, profile, tls_.resumption == Resumption::pre_shared_key);
  if (inside && !proved_in_clear && !profile.conflicting) tls_.client_auth = *inside;
  if (!tls13() || decrypted_.handshakes().empty()) return;
  const InnerHandshake& main = decrypted_.handshakes().front();
  if (main.client_finished) tls_.established = main.server_went_on;
}

}  // namespace

void fold(FlowProfile& profile, std::span<Fact> facts, bool keep_hellos) {
  bool tls_seen = false;
  bool application_seen = false;
  for (const Fact& fact : facts) {
    if (const auto* recognised = std::get_if<ProtocolRecognised>(&fact.body)) {
      if (fact.decrypted) {
        add_once(profile.inside_protocols, recognised->protocol);
        continue;
      }
      add_once(profile.protocols, recognised->protocol);
      tls_seen |= recognised->protocol == "tls" || recognised->protocol == "dtls";
    } else if (const auto* exceeded = std::get_if<BudgetExceeded>(&fact.body)) {
      add_once(profile.budgets_exceeded, exceeded->budget);
      profile.limited |= !fact.decrypted;
    } else {
      profile.unread |= std::holds_alternative<Boxed<MessageUnreadable>>(fact.body) && !fact.decrypted;
      tls_seen |= is_tls_fact(fact.body);
      application_seen |= is_application_fact(fact.body);
      prefetch(box_of(fact.body), 1);  // stated long ago
    }
  }
  if (tls_seen && find_tls_client(facts) == Side::responder) turn_round(profile, facts);
  if (application_seen) {
    for (Fact& fact : facts) {
      if (!is_application_fact(fact.body)) continue;
      std::unique_ptr<ApplicationProfile>& application = fact.decrypted ? profile.inside : profile.application;
      if (!application) application = std::make_unique<ApplicationProfile>();
      add_application_fact(*application, fact);
    }
  }
  if (!tls_seen) return;
  profile.tls = std::make_unique<TlsProfile>();
  TlsFolder folder{*profile.tls, keep_hellos};
  const std::uint32_t channel = tls_channel(facts);
  for (Fact& fact : facts) {
    const bool inside = fact.decrypted && is_application_fact(fact.body);
    if (SrtpKeyExported* const exported = fact_if<SrtpKeyExported>(&fact.body)) {
      std::vector<ExportedSrtpKey>& keys = profile.tls->srtp_keys;
      if (keys.size() < kMaxExportedSrtpKeys) {
        keys.push_back(
            {.key = std::move(exported->key), .cipher_suite = exported->cipher_suite, .sender = fact.sender, .channel = fact.channel});
      }
    } else if (fact.channel == channel || inside) {
      folder.add(fact);
    }
  }
  folder.finish(profile);
  profile.tls->channel = channel;
  const bool in_a_stream = profile.transport == Transport::tcp && profile.tls->dtls;  // DTLS is of datagrams: something frames it
  profile.tls->carried = in_a_stream || channel != 0;
}

}  // namespace sealtrace
