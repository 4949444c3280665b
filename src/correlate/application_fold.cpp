#include "correlate/application_fold.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "correlate/overloaded.hpp"

namespace sealtrace {
namespace {

/// What most flows have that have any: a message each way; an offer and its answer; an alias and its address, or addresses of two kinds.
constexpr std::size_t kUsualReadings = 2;
constexpr std::size_t kUsualDescriptions = 2;
constexpr std::size_t kUsualAnswers = 2;

TimedEvidence where(const Fact& fact) { return {fact.evidence, fact.time}; }

void note(TimedEvidence& first, const Fact& fact) {
  if (!first.known()) first = where(fact);
}

void note_if(bool said, SeldomSeen& first, const Fact& fact) {
  if (said && !first.known()) first = where(fact);
}

void insert_known(std::set<std::string>& names, std::string name) {
  if (!name.empty()) names.insert(std::move(name));
}

/// insert_sorted keeps names in order, each once.
void insert_sorted(std::vector<std::string>& names, std::string name) {
  const auto place = std::ranges::lower_bound(names, name);
  if (place == names.end() || *place != name) names.insert(place, std::move(name));
}

void add_scheme(SeldomMany<SeenAuthentication>& seen, AuthenticationScheme scheme, const Fact& fact) {
  const bool known = std::ranges::any_of(seen, [&](const SeenAuthentication& s) { return s.scheme == scheme && s.sender == fact.sender; });
  if (!known) seen.push_back({.scheme = scheme, .sender = fact.sender, .first = where(fact)});
}

SeenUpgrade& upgrade_of(ApplicationProfile& profile, std::string_view dialect) {
  const auto found = std::ranges::find(profile.upgrades, dialect, &SeenUpgrade::dialect);
  if (found != profile.upgrades.end()) return *found;
  profile.upgrades.emplace_back().dialect = dialect;
  return profile.upgrades.back();
}

TimedEvidence& step_of(SeenUpgrade& upgrade, UpgradePhase phase) {
  switch (phase) {
    case UpgradePhase::offered: return upgrade.offered;
    case UpgradePhase::required: return upgrade.required;
    case UpgradePhase::requested: return upgrade.requested;
    case UpgradePhase::accepted: return upgrade.accepted;
    case UpgradePhase::refused: return upgrade.refused;
  }
  return upgrade.offered;
}

void add_product(SipSide& side, const SipMessage& message, bool own, const Fact& fact) {
  if (message.product.empty() || (message.request && !own) || side.products.size() >= kMaxSipProducts) return;
  const bool known =
      std::ranges::any_of(side.products, [&](const SipProduct& product) { return product.own == own && product.name == message.product; });
  if (!known) side.products.push_back({.name = message.product, .own = own, .first = where(fact)});
}

/// add_sip_side notes what a message tells of its sender. Each hop adds its Via to a request: one means that the sender made it.
void add_sip_side(SipSide& side, const SipMessage& message, const Fact& fact) {
  const bool own = message.request && message.num_vias == 1;
  note_if(own && message.method == SipMethod::registration, side.registration, fact);
  const bool forwarded = message.request && message.num_vias > 1;
  note_if(forwarded, side.forwarded, fact);
  note_if(forwarded && message.method == SipMethod::registration, side.forwarded_registration, fact);
  add_product(side, message, own, fact);
}

void add_sip(SipProfile& sip, SipMessage& message, const Fact& fact) {
  add_sip_side(sip.sides[index(fact.sender)], message, fact);
  sip.methods.set(static_cast<std::size_t>(message.method));
  sip.via_transports |= message.via_transports;
  sip.over_websocket |= message.over_websocket;
  note_if(message.instant_message, sip.instant_message, fact);
  note_if(message.presence, sip.presence, fact);
  note_if(message.call, sip.call, fact);
  note_if(message.desktop_sharing, sip.desktop_sharing, fact);
  note_if(message.request && message.method == SipMethod::registration, sip.registration, fact);
  note_if(message.sips_request_uri || message.sips_contact, sip.sips, fact);
  if (sip.domains.empty() && message.domains.size() == 1) {  // most flows have no more
    sip.domains = std::move(message.domains);
  } else {
    for (std::string& domain : message.domains) insert_sorted(sip.domains, std::move(domain));
  }
  if (!message.product.empty()) insert_sorted(message.request ? sip.clients : sip.servers, std::move(message.product));
}

void add_http(HttpProfile& http, HttpMessage& message, const Fact& fact) {
  http.http2 |= message.version == 20;
  insert_known(http.upgrades, std::move(message.upgrade));
  insert_known(message.request ? http.clients : http.servers, std::move(message.product));
  if (!message.request) {
    ++http.num_responses;
    http.num_redirects_to_https += message.redirect_to_https ? 1 : 0;
    return;
  }
  ++http.num_requests;
  http.connect |= message.connect;
  insert_known(http.methods, std::move(message.method));
  insert_known(http.hosts, std::move(message.host));
  const auto path = static_cast<std::size_t>(message.path);
  if (!http.paths.test(path)) http.first_of_path.emplace_back(message.path, where(fact));
  http.paths.set(path);
}

/// is_relay_method tells TURN's methods from plain STUN (RFC 8656 section 18.1, [MS-TURN] section 2.2.1).
bool is_relay_method(std::uint16_t method) { return method >= 0x003 && method <= 0x009; }

/// source_of finds the source that a fact is about, or begins one. A source that was summed up is another than one that comes later.
MediaSource& source_of(std::vector<MediaSource>& sources, std::uint32_t ssrc, const Fact& fact) {
  const auto found = std::ranges::find_if(sources, [&](const MediaSource& source) {
    return !source.summed_up && source.rtp.ssrc == ssrc && source.sender == fact.sender && source.channel == fact.channel;
  });
  if (found != sources.end()) return *found;
  if (sources.empty()) sources.reserve(2);  // a stream each way
  MediaSource& fresh = sources.emplace_back();
  fresh.rtp.ssrc = ssrc;
  fresh.sender = fact.sender;
  fresh.channel = fact.channel;
  return fresh;
}

/// made gives a part of the profile, an optional or an optional box, which it makes when there is none.
auto& made(auto& part) { return part ? *part : part.emplace(); }

}  // namespace

void add_application_fact(ApplicationProfile& profile, Fact& fact) {
  std::visit(Overloaded{
                 [&](const ReadInClear& read) {
                   const bool known = std::ranges::any_of(profile.clear, [&](const ClearReading& reading) {
                     return reading.protocol == read.protocol && reading.what == read.what && reading.sender == fact.sender;
                   });
                   if (known) return;
                   if (profile.clear.empty()) profile.clear.reserve(kUsualReadings);
                   profile.clear.push_back({.protocol = read.protocol, .what = read.what, .sender = fact.sender, .first = where(fact)});
                 },
                 [&](const CredentialSent& sent) { add_scheme(profile.credentials, sent.scheme, fact); },
                 [&](const AuthenticationOffered& offered) { add_scheme(profile.offered, offered.scheme, fact); },
                 [&](const UpgradeStep& step) { note(step_of(upgrade_of(profile, step.dialect), step.phase), fact); },
                 [&](const UpgradeAbsent& absent) { note(upgrade_of(profile, absent.dialect).absent, fact); },
                 [&](const OtherProtection& other) {
                   auto known = std::ranges::find_if(profile.protections, [&](const SeenProtection& protection) {
                     return protection.protocol == other.protocol && protection.how == other.how;
                   });
                   if (known == profile.protections.end()) {
                     profile.protections.push_back({.protocol = other.protocol, .how = other.how, .first = where(fact)});
                     known = std::prev(profile.protections.end());
                   }
                   known->by[index(fact.sender)] = true;
                 },
                 [&](SipMessage& message) { add_sip(made(profile.sip), message, fact); },
                 [&](SessionDescribed& described) {
                   std::vector<SeenDescription>& descriptions = made(profile.sip).descriptions;
                   if (descriptions.empty()) descriptions.reserve(kUsualDescriptions);
                   descriptions.push_back({.session = std::move(described), .sender = fact.sender, .where = where(fact)});
                 },
                 [&](HttpMessage& message) { add_http(made(profile.http), message, fact); },
                 [&](XmppStream& stream) {
                   XmppStream& xmpp = made(profile.xmpp);
                   xmpp.server_to_server |= stream.server_to_server;
                   if (fact.sender == Side::initiator || xmpp.to.empty()) {
                     if (!stream.from.empty()) xmpp.from = std::move(stream.from);
                     if (!stream.to.empty()) xmpp.to = std::move(stream.to);
                   }
                 },
                 [&](DnsAnswer& answer) {
                   if (profile.names.empty()) profile.names.reserve(kUsualAnswers);
                   profile.names.push_back(std::move(answer));
                 },
                 [&](const StunSeen& seen) {
                   StunProfile& stun = made(profile.stun);
                   stun.flavours.set(static_cast<std::size_t>(seen.flavour));
                   stun.relay |= is_relay_method(seen.method);
                 },
                 [&](const TransportAddressLearned& learned) { made(profile.stun).addresses.push_back(learned); },
                 [&](RtpSourceSeen& rtp) {
                   MediaSource& source = source_of(profile.media, rtp.ssrc, fact);
                   source.rtp = std::move(rtp);
                   source.first = where(fact);
                   source.summed_up = true;
                 },
                 [&](const MediaVerdict& verdict) {
                   MediaSource& source = source_of(profile.media, verdict.ssrc, fact);
                   source.rtp.num_packets = verdict.num_packets;  // until it is summed up
                   source.decisions.push_back({.verdict = verdict, .decided = where(fact)});
                   if (!source.first.known()) source.first = Evidence{.capture = verdict.since_capture, .frame = verdict.since_frame};
                 },
                 [&](RtcpSeen& rtcp) { profile.rtcp[index(fact.sender)] = SeenControl{std::move(rtcp), where(fact)}; },
                 [&](const QuicSeen& seen) {
                   QuicSeen& quic = made(profile.quic);
                   if (seen.version != 0) quic.version = seen.version;
                   quic.retry |= seen.retry;
                   quic.version_negotiation |= seen.version_negotiation;
                 },
                 [&](const SmbSessionSeen& seen) {
                   SmbSessionSeen& smb = made(profile.smb);
                   smb.dialect = std::max(smb.dialect, seen.dialect);
                   smb.signing_required |= seen.signing_required;
                   smb.encryption_capable |= seen.encryption_capable;
                   smb.encrypt_data |= seen.encrypt_data;
                 },
                 [&](const TdsPrelogin& prelogin) {
                   (fact.sender == Side::initiator ? profile.tds_client : profile.tds_server) = prelogin.encryption;
                 },
                 [](const HeldOf<SessionFacts> auto&) {},
             },
             fact.body);
}

}  // namespace sealtrace
