#include "dissectors/xmpp/xmpp_session.hpp"

#include <algorithm>
#include <utility>

#include "dissectors/xmpp/xmpp_probe.hpp"
#include "proto/sasl_mechanism.hpp"
#include "proto/text_head.hpp"
#include "proto/tls_ahead.hpp"

namespace sealtrace {
namespace {

constexpr StaticText kXmpp{"xmpp"};
/// kMaxCheckedDepth is how deep end tags are compared with start tags; what lies deeper is only counted. Stanzas are a few levels deep.
constexpr std::uint32_t kMaxCheckedDepth = 64;
/// kMaxStreams bounds the stream headers a side reports: one, one more after SASL; others only where domains share a stream.
constexpr std::uint8_t kMaxStreams = 4;
/// kMaxGaps bounds the gaps a side reports: more of the same tells nothing new.
constexpr std::uint8_t kMaxGaps = 8;
/// kMaxMechanismBytes is above SASL's 20 (RFC 4422 section 3.1), for white space around.
constexpr std::size_t kMaxMechanismBytes = 64;
/// kMaxSearchBytes is how far an element is searched, in octets: several stanzas of the size that servers take (RFC 6120 section 13.12).
constexpr std::uint32_t kMaxSearchBytes = 256U << 10;
constexpr std::size_t kMaxDomainBytes = 256;

enum Stanza : std::uint8_t { kMessage = 1, kPresence = 2, kIq = 4, kAllStanzas = 7 };

Progress wait_behind(std::size_t consumed, const Chunk& chunk) {
  return {.consumed = consumed, .need = static_cast<std::uint32_t>(chunk.bytes.size() - consumed + 1), .done = false};
}

constexpr Progress kDone{.consumed = 0, .need = 1, .done = true};

/// name_hash is FNV-1a: enough to notice an end tag that does not belong.
std::uint32_t name_hash(std::string_view name) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

/// domain_of drops local part and resource of an address (RFC 7622 section 3.1): whose they are is nobody's business here.
std::string domain_of(std::optional<std::string_view> address) {
  if (!address) return {};
  const std::string plain = xml_unescaped(*address, kMaxXmlTagBytes);
  std::string_view domain = std::string_view{plain}.substr(0, plain.find('/'));
  domain.remove_prefix(domain.find('@') + 1);  // npos + 1 is 0
  return lower_case(trimmed(domain), kMaxDomainBytes);
}

}  // namespace

Progress XmppSession::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& half = this->half(chunk.sender);
  const std::size_t size = chunk.bytes.size();
  if (half.done || compressed_ || size == 0) return {.consumed = size, .need = 1, .done = half.done || compressed_};
  half.last_time = chunk.origin->time_at(size - 1);
  half.last_evidence = chunk.origin->at(size - 1, 1);
  std::size_t at = 0;
  while (at < size) {
    const Bytes rest = chunk.bytes.subspan(at);
    const TlsAhead tls = tls_ahead(rest);
    if (half.awaits_answer) {
      if (tls == TlsAhead::more_records) return {.consumed = at, .need = 1, .done = false, .hand_over = true};
      const bool hopeless = tls == TlsAhead::no && this->half(other(chunk.sender)).done;
      return hopeless ? kDone : wait_behind(at, chunk);
    }
    if (tls == TlsAhead::need_more) return wait_behind(at, chunk);
    if (tls != TlsAhead::no) return {.consumed = at, .need = 1, .done = false, .hand_over = true};
    if (half.searching) {
      const std::size_t stopped = search(half, chunk, at, facts);
      if (half.done) return kDone;
      if (stopped == at && half.searching) return wait_behind(at, chunk);
      at = stopped;
      continue;
    }
    const auto token = half.scanner.next(rest);
    if (!token) return on_unreadable(half, token.error(), chunk, at, facts);
    const Step step = on_token(half, *token, {.chunk = chunk, .offset = at, .length = token->length}, facts);
    at += token->length;
    if (step == Step::hand_over) return {.consumed = at, .need = 1, .done = false, .hand_over = true};
    half.done = step == Step::done;
    if (half.done || compressed_) return kDone;
  }
  return {.consumed = at, .need = 1, .done = false};
}

Progress XmppSession::on_unreadable(Half& half, const ParseError& error, const Chunk& chunk, std::size_t at, FactSink& facts) {
  if (error.code == ParseErrorCode::need_more) return wait_behind(at, chunk);
  // Behind a mechanism that installs a security layer the stream is not XML any more (RFC 6120 section 6.3.5).
  const bool malformed = error.code == ParseErrorCode::malformed && !half.after_success;
  facts.report(chunk.fact(MessageUnreadable{.field = error.field, .malformed = malformed}, at, chunk.bytes.size() - at));
  half.done = true;
  return kDone;
}

void XmppSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  Half& half = this->half(sender);
  if (half.done || compressed_) return;
  if (half.num_gaps < kMaxGaps) {
    ++half.num_gaps;
    facts.report({.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = half.stanzas == 0},
                  .sender = sender,
                  .time = half.last_time,
                  .evidence = half.last_evidence});
  }
  half.scanner.reset();
  half.mechanism.clear();
  half.searching = true;
}

std::size_t XmppSession::search(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts) {
  constexpr std::uint8_t kTlsHandshake = 0x16;
  const std::size_t begin = at;
  for (; at < chunk.bytes.size(); ++at) {
    const std::uint8_t octet = chunk.bytes[at];
    if (octet == kTlsHandshake && at != begin) return at;  // at the beginning it was looked at
    if (octet == '<') {
      const Recognition recognition = begins_xmpp(chunk.bytes.subspan(at));
      if (recognition == Recognition::yes) on_found(half);
      if (recognition != Recognition::no) return at;
    }
    if (++half.searched_bytes <= kMaxSearchBytes) continue;
    facts.report(chunk.fact(MessageUnreadable{.field = "stanza boundary", .malformed = false}, at, 1));
    half.done = true;
    return at;
  }
  return at;
}

/// on_found makes ready for an element directly below the stream, or a stream header, which sets everything anew.
void XmppSession::on_found(Half& half) {
  half.searching = false;
  half.searched_bytes = 0;
  half.names.leave(1);
  if (!half.header_seen) half.names.assume_usual();
  half.open_names.assign(1, 0);
  half.depth = 1;
}

XmppSession::Step XmppSession::on_token(Half& half, const XmlToken& token, const Place& place, FactSink& facts) {
  const auto malformed = [&](std::string_view field) {
    facts.report(place.chunk.fact(MessageUnreadable{.field = field, .malformed = true}, place.offset, place.length));
    return Step::done;
  };
  switch (token.kind) {
    case XmlTokenKind::declaration: return half.depth <= 1 ? Step::go_on : malformed("XML declaration");
    case XmlTokenKind::text:
      if (half.depth == kReadLevels && half.path[kReadLevels - 1] == Element::mechanism && half.mechanism.size() < kMaxMechanismBytes)
        half.mechanism += token.text.substr(0, kMaxMechanismBytes - half.mechanism.size());
      return Step::go_on;
    case XmlTokenKind::start_tag: return on_start_tag(half, token, place, facts);
    case XmlTokenKind::empty_tag: {
      const Step step = on_start_tag(half, token, place, facts);
      return step == Step::go_on ? on_end_tag(half, place, facts) : step;
    }
    case XmlTokenKind::end_tag:
      // The stream's own end tag; where the header was not seen, the end of something else may be taken for one below the stream.
      if (half.depth == 1 && half.open_names[0] == 0) return token.name.ends_with("stream") ? Step::done : Step::go_on;
      if (half.depth <= kMaxCheckedDepth && half.open_names.back() != name_hash(token.name)) return malformed("end tag");
      return on_end_tag(half, place, facts);
  }
  return Step::go_on;
}

XmppSession::Step XmppSession::on_start_tag(Half& half, const XmlToken& tag, const Place& place, FactSink& facts) {
  std::uint32_t level = half.depth;
  Element element = Element::other;
  if (level < kReadLevels) {
    if (level == 1 && is_stream_header(tag)) {  // the first one, or a restart (RFC 6120 section 4.3.3)
      half.names.leave(0);
      half.open_names.clear();
      half.depth = level = 0;
    }
    if (!half.names.declare(tag.attributes, level)) {
      facts.report(place.chunk.fact(MessageUnreadable{.field = "attributes", .malformed = false}, place.offset, place.length));
      return Step::done;
    }
    const XmppName name = half.names.resolve(tag.name);
    switch (level) {
      case 0:
        element = Element::stream;
        on_stream_header(half, tag, place, facts);
        break;
      case 1: element = on_top_level(half, name, tag, place, facts); break;
      case 2: element = on_second_level(half, name, place, facts); break;
      case 3: element = on_third_level(half, name, tag, place, facts); break;
    }
    half.path[level] = element;
  }
  if (half.depth < kMaxCheckedDepth) half.open_names.push_back(name_hash(tag.name));
  ++half.depth;
  return half.stanzas == kAllStanzas ? Step::done : Step::go_on;  // negotiation is over, and every kind was seen
}

XmppSession::Step XmppSession::on_end_tag(Half& half, const Place& place, FactSink& facts) {
  const std::uint32_t level = --half.depth;
  if (level < kMaxCheckedDepth) half.open_names.pop_back();
  if (level >= kReadLevels) return Step::go_on;
  half.names.leave(level);
  const auto report = [&](FactBody fact) { facts.report(place.chunk.fact(std::move(fact), place.offset, place.length)); };
  switch (half.path[level]) {
    case Element::stream: return Step::done;
    case Element::proceed: return Step::hand_over;
    case Element::starttls: half.awaits_answer = true; break;
    case Element::features: on_features_end(half, place, facts); break;
    case Element::starttls_feature: {
      const UpgradePhase phase = half.features.required ? UpgradePhase::required : UpgradePhase::offered;
      if (first_time(half.phases, static_cast<unsigned>(phase))) report(UpgradeStep{.dialect = kXmpp, .phase = phase});
      break;
    }
    case Element::mechanism: {
      const AuthenticationScheme scheme = sasl_scheme(trimmed(half.mechanism));
      half.mechanism.clear();
      if (first_time(half.offered, static_cast<unsigned>(scheme))) report(AuthenticationOffered{.scheme = scheme});
      break;
    }
    case Element::other:
    case Element::mechanisms:
    case Element::iq:
    case Element::legacy_auth: break;
  }
  return Step::go_on;
}

void XmppSession::on_stream_header(Half& half, const XmlToken& tag, const Place& place, FactSink& facts) {
  half.header_seen = true;
  half.after_success = false;
  half.features = {};
  XmppStream stream{.server_to_server = half.names.resolve("message").space == XmppNamespace::server,
                    .from = domain_of(xml_attribute(tag.attributes, "from")),
                    .to = domain_of(xml_attribute(tag.attributes, "to"))};
  const std::optional<XmppStream>& last = half.reported_stream;
  const bool known = last && last->server_to_server == stream.server_to_server && last->from == stream.from && last->to == stream.to;
  if (known || half.num_streams == kMaxStreams) return;
  ++half.num_streams;
  half.reported_stream = stream;
  facts.report(place.chunk.fact(std::move(stream), place.offset, place.length));
}

XmppSession::Element XmppSession::on_top_level(Half& half, const XmppName& name, const XmlToken& tag, const Place& place, FactSink& facts) {
  Half& peer = this->half(other(place.chunk.sender));
  const auto report = [&](FactBody fact) { facts.report(place.chunk.fact(std::move(fact), place.offset, place.length)); };
  const auto step = [&](UpgradePhase phase) {
    if (first_time(half.phases, static_cast<unsigned>(phase))) report(UpgradeStep{.dialect = kXmpp, .phase = phase});
  };
  const auto stanza = [&](Stanza kind, StaticText what) {
    if ((half.stanzas & kind) != 0) return;
    half.stanzas = static_cast<std::uint8_t>(half.stanzas | kind);
    report(ReadInClear{.protocol = kXmpp, .what = what});
  };
  switch (name.space) {
    case XmppNamespace::streams:
      if (name.local != "features") break;
      half.features = {};
      return Element::features;
    case XmppNamespace::tls:
      if (name.local == "starttls") {
        step(UpgradePhase::requested);
        return Element::starttls;
      }
      if (name.local == "proceed") {
        step(UpgradePhase::accepted);
        // RFC 6120 section 5.4.2.3: it answers. Where the peer was seen and asked for nothing, what follows is XML as before.
        const bool asked = (peer.phases & 1U << static_cast<unsigned>(UpgradePhase::requested)) != 0;
        return asked || !peer.header_seen ? Element::proceed : Element::other;
      }
      if (name.local == "failure") {
        step(UpgradePhase::refused);
        peer.awaits_answer = false;
      }
      break;
    case XmppNamespace::sasl:
    case XmppNamespace::sasl2:
      if (name.local == "success") {
        authenticated_ = true;
        for (Half& each : halves_) each.after_success = true;
      } else {
        on_authentication(half, name, tag.attributes, place, facts);
      }
      break;
    case XmppNamespace::dialback:
      // With a type it is an answer; without, it carries the key (XEP-0220 section 2).
      if ((name.local == "result" || name.local == "verify") && !xml_attribute(tag.attributes, "type") &&
          first_time(half.sent, static_cast<unsigned>(AuthenticationScheme::xmpp_dialback)))
        report(CredentialSent{.scheme = AuthenticationScheme::xmpp_dialback});
      break;
    case XmppNamespace::compress:
      if (name.local != "compressed") break;
      compressed_ = true;
      facts.report(place.chunk.fact(MessageUnreadable{.field = "compressed stream", .malformed = false}, place.offset, place.length));
      break;
    case XmppNamespace::client:
    case XmppNamespace::server:
    case XmppNamespace::unbound:
      if (name.local == "message") stanza(kMessage, "message stanza");
      if (name.local == "presence") stanza(kPresence, "presence stanza");
      if (name.local != "iq") break;
      stanza(kIq, "iq stanza");
      return Element::iq;
    case XmppNamespace::other:
    case XmppNamespace::dialback_feature:
    case XmppNamespace::bind:
    case XmppNamespace::iq_auth: break;
  }
  return Element::other;
}

void XmppSession::on_authentication(Half& half, const XmppName& name, std::string_view attributes, const Place& place, FactSink& facts) {
  std::optional<AuthenticationScheme> scheme;
  if (name.local == "auth" || name.local == "authenticate") {
    scheme = sasl_scheme(trimmed(xml_attribute(attributes, "mechanism").value_or("")));
    if (sasl_server_begins(*scheme)) half.challenged = std::exchange(scheme, std::nullopt);
  } else if (name.local == "response") {
    scheme = std::exchange(half.challenged, std::nullopt);
  }
  if (!scheme || !first_time(half.sent, static_cast<unsigned>(*scheme))) return;
  facts.report(place.chunk.fact(CredentialSent{.scheme = *scheme}, place.offset, place.length));
}

XmppSession::Element XmppSession::on_second_level(Half& half, const XmppName& name, const Place& place, FactSink& facts) {
  const Element parent = half.path[1];
  if (parent == Element::iq && name == XmppName{.space = XmppNamespace::iq_auth, .local = "query"}) return Element::legacy_auth;
  if (parent != Element::features) return Element::other;
  Features& features = half.features;
  if (name == XmppName{.space = XmppNamespace::tls, .local = "starttls"}) {
    features.starttls = true;
    return Element::starttls_feature;
  }
  features.others = true;
  switch (name.space) {
    case XmppNamespace::sasl: return name.local == "mechanisms" ? Element::mechanisms : Element::other;
    case XmppNamespace::sasl2: return name.local == "authentication" ? Element::mechanisms : Element::other;
    case XmppNamespace::bind: features.bind = true; break;
    case XmppNamespace::dialback_feature:
      if (name.local == "dialback" && first_time(half.offered, static_cast<unsigned>(AuthenticationScheme::xmpp_dialback)))
        facts.report(place.chunk.fact(AuthenticationOffered{.scheme = AuthenticationScheme::xmpp_dialback}, place.offset, place.length));
      break;
    case XmppNamespace::unbound:
    case XmppNamespace::other:
    case XmppNamespace::streams:
    case XmppNamespace::client:
    case XmppNamespace::server:
    case XmppNamespace::dialback:
    case XmppNamespace::tls:
    case XmppNamespace::iq_auth:
    case XmppNamespace::compress: break;
  }
  return Element::other;
}

XmppSession::Element XmppSession::on_third_level(Half& half, const XmppName& name, const XmlToken& tag, const Place& place,
                                                 FactSink& facts) {
  const Element parent = half.path[2];
  if (parent == Element::starttls_feature && name == XmppName{.space = XmppNamespace::tls, .local = "required"})
    half.features.required = true;
  if (parent == Element::mechanisms && name.local == "mechanism") {
    half.mechanism.clear();
    return Element::mechanism;
  }
  // XEP-0078 section 3.2: the password, or a digest of it; a list of what is asked for has empty ones.
  const bool secret = name.local == "password" || name.local == "digest";
  if (parent == Element::legacy_auth && secret && tag.kind == XmlTokenKind::start_tag &&
      first_time(half.sent, static_cast<unsigned>(AuthenticationScheme::other)))
    facts.report(place.chunk.fact(CredentialSent{.scheme = AuthenticationScheme::other}, place.offset, place.length));
  return Element::other;
}

void XmppSession::on_features_end(Half& half, const Place& place, FactSink& facts) const {
  const Features features = std::exchange(half.features, {});
  const auto report = [&](FactBody fact) { facts.report(place.chunk.fact(std::move(fact), place.offset, place.length)); };
  if (features.starttls && !features.others && first_time(half.phases, static_cast<unsigned>(UpgradePhase::required)))
    return report(UpgradeStep{.dialect = kXmpp, .phase = UpgradePhase::required});  // the only feature (RFC 6120 section 5.3.1)
  // Behind authentication nobody offers TLS any more: that says nothing. It may lie in a gap.
  const bool may_be_authenticated = authenticated_ || std::ranges::any_of(halves_, [](const Half& each) { return each.num_gaps != 0; });
  const bool offered_before =
      (half.phases & (1U << static_cast<unsigned>(UpgradePhase::offered) | 1U << static_cast<unsigned>(UpgradePhase::required))) != 0;
  if (features.starttls || features.bind || may_be_authenticated || offered_before || !half.header_seen) return;
  if (!std::exchange(half.absence_reported, true)) report(UpgradeAbsent{.dialect = kXmpp});
}

}  // namespace sealtrace
