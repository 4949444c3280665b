#include "dissectors/sip/sip_reports.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "proto/unreadable_fact.hpp"
#include "wire/keyed_hash.hpp"

namespace sealtrace {
namespace {

constexpr std::array<StaticText, 17> kRequestNames{
    "request of another method", "INVITE request",  "ACK request",    "BYE request",     "CANCEL request",    "REGISTER request",
    "OPTIONS request",           "PRACK request",   "UPDATE request", "INFO request",    "SUBSCRIBE request", "NOTIFY request",
    "PUBLISH request",           "MESSAGE request", "REFER request",  "SERVICE request", "BENOTIFY request"};
constexpr std::array<StaticText, 17> kResponseNames{
    "response to another method", "response to INVITE",  "response to ACK",     "response to BYE",     "response to CANCEL",
    "response to REGISTER",       "response to OPTIONS", "response to PRACK",   "response to UPDATE",  "response to INFO",
    "response to SUBSCRIBE",      "response to NOTIFY",  "response to PUBLISH", "response to MESSAGE", "response to REFER",
    "response to SERVICE",        "response to BENOTIFY"};
static_assert(kRequestNames.size() == kSipMethodNames.size() && kResponseNames.size() == kSipMethodNames.size());
static_assert(std::string_view{kRequestNames[static_cast<std::size_t>(SipMethod::benotify)]} == "BENOTIFY request");
static_assert(std::string_view{kResponseNames[static_cast<std::size_t>(SipMethod::benotify)]} == "response to BENOTIFY");

/// kSipSchemes can appear in SIP: sip_authentication.cpp knows no others.
constexpr std::array<AuthenticationScheme, 8> kSipSchemes{
    AuthenticationScheme::basic,     AuthenticationScheme::digest,   AuthenticationScheme::bearer,  AuthenticationScheme::ntlm,
    AuthenticationScheme::negotiate, AuthenticationScheme::kerberos, AuthenticationScheme::tls_dsk, AuthenticationScheme::other};

Fact fact_at(FactBody&& body, const SipPlace& place) {
  return {.body = std::move(body), .sender = place.sender, .time = place.time, .evidence = place.evidence};
}

/// tagged hashes a text under a key of what it is of, so that the same text in two places is two things. `more` tells further.
std::uint64_t tagged(char tag, Side sender, std::string_view text, std::uint64_t key, unsigned more = 0) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;  // spreads what is told apart over the key
  const std::uint64_t place = std::uint64_t{more} << 16 | static_cast<std::uint64_t>(static_cast<unsigned char>(tag)) << 8 | index(sender);
  return keyed_hash(as_bytes(text), key ^ place * kOdd);
}

/// description_hash stands for a description, who sent it, and its transaction.
std::uint64_t description_hash(const SessionDescribed& described, Side sender, std::uint64_t key) {
  std::uint64_t hash = key ^ index(sender) ^ (described.request ? 2U : 0U);
  const auto add = [&](Bytes octets) { hash = keyed_hash(octets, hash ^ key); };
  const auto add_number = [&](std::uint64_t number) {
    std::array<std::uint8_t, 8> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
    add(octets);
  };
  const auto add_endpoint = [&](const Endpoint& endpoint) {
    add(endpoint.address.octets());
    add_number(endpoint.port);
  };
  for (const std::uint64_t number :
       {static_cast<std::uint64_t>(described.call_id), static_cast<std::uint64_t>(described.from_tag),
        static_cast<std::uint64_t>(described.to_tag), std::uint64_t{described.cseq}, static_cast<std::uint64_t>(described.method)})
    add_number(number);
  for (const MediaDescription& media : described.media) {
    add(as_bytes(media.protocol));
    add_endpoint(media.endpoint);
    add_endpoint(media.rtcp);
    for (const Endpoint& candidate : media.candidates) add_endpoint(candidate);
    add_number(static_cast<std::uint64_t>(media.direction) | static_cast<std::uint64_t>(media.encryption) << 8 |
               static_cast<std::uint64_t>(media.kind) << 16);
    for (const SdpCrypto& crypto : media.cryptos) {
      add(as_bytes(crypto.suite_name));
      for (const SrtpMasterKey& secret : crypto.keys) add(secret.key_and_salt.octets());
    }
    for (const SdpFingerprint& fingerprint : media.fingerprints) add(fingerprint.octets);
  }
  return hash;
}

}  // namespace

SipPlace sip_place_of(const Chunk& chunk, std::size_t offset, std::size_t length) {
  const std::size_t last = offset + (length == 0 ? 0 : length - 1);
  return {.sender = chunk.sender, .time = chunk.origin->time_at(last), .evidence = chunk.origin->at(offset, length)};
}

void SipReports::on_head(const SipHead& head, const SipPlace& place, FactSink& facts) {
  // Both sides: messages read in clear of each method, credentials and offers of each scheme, conference control, what could not be read,
  // gaps; and one fact for each bound that was reached.
  static_assert(kMaxKinds + kMaxNames + kMaxCalls + 2 * (2 * kSipMethodNames.size() + 2 * kSipSchemes.size() + kMaxUnreadable + kMaxGaps) +
                    2 + 3 <=
                256);
  Half& half = halves_[index(place.sender)];
  const bool request = head.message.request;
  const auto method = static_cast<std::size_t>(head.message.method);
  std::uint32_t& read = request ? half.read_in_clear_requests : half.read_in_clear_responses;
  if ((read >> method & 1U) == 0) {
    read |= 1U << method;
    facts.report(fact_at(ReadInClear{.protocol = "sip", .what = request ? kRequestNames[method] : kResponseNames[method]}, place));
  }
  if (head.credentials.empty() && head.offers.empty()) return;
  for (const AuthenticationScheme scheme : kSipSchemes) {
    if (head.credentials.has(scheme) && !half.credentials.has(scheme)) {
      half.credentials.add(scheme);
      facts.report(fact_at(CredentialSent{.scheme = scheme}, place));
    }
    if (head.offers.has(scheme) && !half.offers.has(scheme)) {
      half.offers.add(scheme);
      facts.report(fact_at(AuthenticationOffered{.scheme = scheme}, place));
    }
  }
}

bool SipReports::is_new(std::uint64_t hash) const { return !std::ranges::binary_search(known_, hash); }

bool SipReports::remember(std::uint64_t hash) {
  constexpr std::size_t kUsual = 24;
  if (known_.empty()) known_.reserve(kUsual);
  const auto place = std::ranges::lower_bound(known_, hash);
  const bool fresh = place == known_.end() || *place != hash;
  if (fresh) known_.insert(place, hash);
  return fresh;
}

std::uint64_t SipReports::kind_hash(const SipMessage& message, Side sender) const {
  unsigned kind = static_cast<unsigned>(message.method) << 8 | message.status / 100U;
  for (const bool flag : {message.request, message.sips_request_uri, message.sips_contact, message.instant_message, message.presence,
                          message.call, message.desktop_sharing, message.sdp})
    kind = kind << 1 | (flag ? 1U : 0U);
  return tagged('k', sender, {}, hash_key_, kind);
}

SipNewNames SipReports::take_names(const SipNames& names, Side sender, SipMessage& message) const {
  SipNewNames fresh;
  const auto note = [this](auto& news, std::uint64_t hash) {
    const bool is_fresh = is_new(hash);
    if (is_fresh) news.push_back(hash);
    return is_fresh;
  };
  const auto note_in_place = [&](char tag, std::string_view name, unsigned more = 0) {
    return note(fresh.in_place, tagged(tag, sender, name, hash_key_, more));
  };
  const auto take_domain = [&](char tag, std::string_view host) {
    if (host.empty()) return;
    const SipName domain = SipName::of_host(host);
    if (!note_in_place(tag, domain.text()) || std::ranges::find(message.domains, domain.text()) != message.domains.end()) return;
    if (note(fresh.told, tagged('d', Side::initiator, domain.text(), hash_key_))) message.domains.emplace_back(domain.text());
  };
  take_domain('r', names.request_domain);
  take_domain('f', names.from_domain);
  take_domain('t', names.to_domain);
  if (!names.contact_host.empty()) note_in_place('c', SipName::of_host(names.contact_host).text());
  if (!names.product.empty()) {
    const SipName product = SipName::of_product(names.product);
    note_in_place('u', product.text());
    const unsigned role = !message.request ? 0 : message.num_vias == 1 ? 1 : 2;  // of whoever sent, of another, of whoever answered
    if (note(fresh.told, tagged('s', sender, product.text(), hash_key_, role))) message.product = product.text();
  }
  const auto note_hops = [&](char tag, const SipHops& hops) {
    for (const SipHop& hop : hops)
      note_in_place(tag, SipName::of_host(hop.host).text(), static_cast<unsigned>(hop.transport) << 1 | (hop.sips ? 1U : 0U));
  };
  note_hops('v', names.via);
  note_hops('p', names.record_route);
  return fresh;
}

void SipReports::on_start(SipHead&& head, const SipPlace& place, FactSink& facts) {
  const SipNewNames names = take_names(head.names, place.sender, head.message);
  on_message(std::move(head.message), names, head.dialog.call_id, place, facts);
}

void SipReports::on_message(SipMessage&& message, const SipNewNames& names, OpaqueHash call_id, const SipPlace& place, FactSink& facts) {
  const std::uint64_t kind = kind_hash(message, place.sender);
  const std::uint64_t call = call_id == OpaqueHash{} ? 0 : static_cast<std::uint64_t>(call_id) ^ hash_key_;
  const bool invites = message.request && message.method == SipMethod::invite && call != 0;
  Novelty* reason = nullptr;
  if (is_new(kind)) {
    reason = &kinds_;
  } else if (!names.in_place.empty()) {
    reason = &names_;
  } else if (invites && is_new(call)) {
    reason = &calls_;
  }
  if (reason == nullptr) return;
  if (reason->left == 0) {
    // That not every call of a trunk is named is no loss of what a report says.
    if (reason != &calls_ && !std::exchange(reason->exceeded, true))
      facts.report(fact_at(BudgetExceeded{.budget = "sip_messages_per_flow"}, place));
    return;
  }
  --reason->left;
  remember(kind);
  for (const std::uint64_t hash : names.in_place) remember(hash);
  for (const std::uint64_t hash : names.told) remember(hash);
  if (invites) remember(call);
  facts.report(fact_at(std::move(message), place));
}

void SipReports::on_description(const SipMessage& message, const SipDialog& dialog, SdpSession&& session, const SipPlace& place,
                                FactSink& facts) {
  if (session.left_out && !std::exchange(descriptions_exceeded_, true))
    facts.report(fact_at(BudgetExceeded{.budget = "sdp_lines_per_description"}, place));
  if (num_described_ == kMaxDescriptions) {
    if (!std::exchange(descriptions_exceeded_, true)) facts.report(fact_at(BudgetExceeded{.budget = "sip_descriptions_per_flow"}, place));
    return;
  }
  SessionDescribed described{.call_id = dialog.call_id,
                             .from_tag = dialog.from_tag,
                             .to_tag = dialog.to_tag,
                             .cseq = dialog.cseq,
                             .method = message.method,
                             .request = message.request,
                             .status = message.status,
                             .session_id = dialog.session_id,
                             .charging_id = dialog.charging_id,
                             .origin = session.origin,
                             .media = std::move(session.media)};
  if (!remember(description_hash(described, place.sender, hash_key_))) return;
  ++num_described_;
  facts.report(fact_at(std::move(described), place));
}

void SipReports::on_conference_control(bool request, const SipPlace& place, FactSink& facts) {
  if (std::exchange(control_told_[request ? 1 : 0], true)) return;
  const StaticText what = request ? StaticText{"conference control request"} : "conference control response";
  facts.report(fact_at(ReadInClear{.protocol = "c3p", .what = what}, place));
}

void SipReports::on_unreadable(const ParseError& error, const SipPlace& place, FactSink& facts) {
  Half& half = halves_[index(place.sender)];
  if (half.num_unreadable == kMaxUnreadable) return;
  ++half.num_unreadable;
  facts.report(fact_at(unreadable_fact(error), place));
}

void SipReports::on_gap(std::uint64_t missing_bytes, const SipPlace& last, FactSink& facts) {
  Half& half = halves_[index(last.sender)];
  if (half.num_gaps == kMaxGaps) return;
  ++half.num_gaps;
  facts.report(fact_at(StreamGap{.missing_bytes = missing_bytes, .within_handshake = false}, last));
}

}  // namespace sealtrace
