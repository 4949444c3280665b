// What stands under a flow record's `application`, and its `media`: what was read of protocols other than TLS. Frames lie in the flow's
// first capture, as everywhere in the record.
#include <fmt/format.h>

#include <cmath>

#include "model/quic_version.hpp"
#include "report/audit_view.hpp"
#include "report/records.hpp"

namespace sealtrace {
namespace {

std::string_view side_name(Side side) { return side == Side::initiator ? "client" : "server"; }

void write_frame(JsonWriter& json, JsonKey name, const FlowProfile& flow, const TimedEvidence& evidence) {
  if (evidence.known() && evidence.capture == flow.first_capture) json.member(name, value(evidence.frame));
}

/// write_set writes the names of the bits that are set.
template <std::size_t kSize>
void write_set(JsonWriter& json, JsonKey name, const std::bitset<kSize>& set, const std::array<std::string_view, kSize>& names) {
  if (set.none()) return;
  json.begin_array(name);
  for (std::size_t i = 0; i < kSize; ++i) {
    if (set.test(i)) json.value(names[i]);
  }
  json.end_array();
}

void write_texts(JsonWriter& json, JsonKey name, const auto& texts) {
  if (!texts.empty()) json.text_array(name, texts);
}

void write_schemes(JsonWriter& json, JsonKey name, const FlowProfile& flow, const SeldomMany<SeenAuthentication>& schemes) {
  if (schemes.empty()) return;
  json.begin_array(name);
  for (const SeenAuthentication& seen : schemes) {
    json.begin_object();
    json.member("scheme", to_string(seen.scheme));
    json.member("sender", side_name(seen.sender));
    write_frame(json, "frame", flow, seen.first);
    json.end_object();
  }
  json.end_array();
}

/// write_readings: `name` says whether they were read on the wire or inside TLS.
void write_readings(JsonWriter& json, JsonKey name, const FlowProfile& flow, const ApplicationProfile& application) {
  if (application.clear.empty()) return;
  json.begin_array(name);
  for (const ClearReading& reading : application.clear) {
    json.begin_object();
    json.member("protocol", reading.protocol);
    json.member("what", reading.what);
    json.member("sender", side_name(reading.sender));
    write_frame(json, "frame", flow, reading.first);
    json.end_object();
  }
  json.end_array();
}

void write_upgrades(JsonWriter& json, const AuditResult& audit, const FlowProfile& flow, const ApplicationProfile& application) {
  if (application.upgrades.empty()) return;
  json.begin_array("upgrades");
  for (const SeenUpgrade& upgrade : application.upgrades) {
    json.begin_object();
    json.member("dialect", upgrade.dialect);
    write_frame(json, "absent", flow, upgrade.absent);
    write_frame(json, "offered", flow, upgrade.offered);
    write_frame(json, "required", flow, upgrade.required);
    write_frame(json, "requested", flow, upgrade.requested);
    write_frame(json, "accepted", flow, upgrade.accepted);
    write_frame(json, "refused", flow, upgrade.refused);
    if (upgrade.stripped) {
      json.begin_object("stripped");
      json.member("flow", flow_id(upgrade.stripped->flow));
      json.member("capture", capture_name(audit, upgrade.stripped->where.capture));
      json.member("frame", value(upgrade.stripped->where.frame));
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
}

void write_protections(JsonWriter& json, const FlowProfile& flow, const ApplicationProfile& application) {
  if (application.protections.empty()) return;
  json.begin_array("other_protection");
  for (const SeenProtection& protection : application.protections) {
    json.begin_object();
    json.member("protocol", protection.protocol);
    json.member("how", protection.how);
    write_frame(json, "frame", flow, protection.first);
    json.end_object();
  }
  json.end_array();
}

void write_sip(JsonWriter& json, const FlowProfile& flow, const SipProfile& sip) {
  json.begin_object("sip");
  write_set(json, "methods", sip.methods, kSipMethodNames);
  write_set(json, "via_transports", sip.via_transports, kSipTransportNames);
  json.member("websocket", sip.over_websocket);
  write_texts(json, "domains", sip.domains);
  write_texts(json, "user_agents", sip.clients);
  write_texts(json, "servers", sip.servers);
  json.begin_object("frames");
  write_frame(json, "instant_message", flow, sip.instant_message);
  write_frame(json, "presence", flow, sip.presence);
  write_frame(json, "call", flow, sip.call);
  write_frame(json, "desktop_sharing", flow, sip.desktop_sharing);
  write_frame(json, "registration", flow, sip.registration);
  write_frame(json, "sips", flow, sip.sips);
  json.end_object();
  json.end_object();
}

void write_http(JsonWriter& json, const HttpProfile& http) {
  json.begin_object("http");
  json.member("version", std::string_view{http.http2 ? "2" : "1"});
  write_texts(json, "methods", http.methods);
  write_texts(json, "hosts", http.hosts);
  write_set(json, "path_classes", http.paths, kHttpPathClassNames);
  write_texts(json, "upgrades", http.upgrades);
  write_texts(json, "user_agents", http.clients);
  write_texts(json, "servers", http.servers);
  json.member("connect", http.connect);
  json.member("redirects_to_https", http.num_redirects_to_https);
  json.end_object();
}

/// quic_version_name spells a version: "1", "2", "draft-29"; empty for none.
std::string quic_version_name(std::uint32_t version) {
  constexpr std::uint32_t kDrafts = 0xff000000;
  if (version == 0) return {};
  if (version == kQuicVersion2) return "2";
  return (version & kDrafts) == kDrafts ? fmt::format("draft-{}", version & ~kDrafts) : fmt::format("{}", version);
}

void write_quic(JsonWriter& json, const QuicSeen& quic) {
  json.begin_object("quic");
  json.member_if_known("version", quic_version_name(quic.version));
  json.member("retry", quic.retry);
  json.member("version_negotiation", quic.version_negotiation);
  json.end_object();
}

void write_stun(JsonWriter& json, const StunProfile& stun) {
  json.begin_object("stun");
  write_set(json, "flavours", stun.flavours, kStunFlavourNames);
  json.member("relay", stun.relay);
  if (!stun.addresses.empty()) {
    json.begin_array("addresses");
    for (const TransportAddressLearned& learned : stun.addresses) {
      json.begin_object();
      json.member("kind", kTransportAddressKindNames[static_cast<std::size_t>(learned.kind)]);
      json.member("ip", learned.endpoint.address.to_string());
      json.member("port", learned.endpoint.port);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void write_names(JsonWriter& json, const std::vector<DnsAnswer>& names) {
  if (names.empty()) return;
  json.begin_array("names");
  for (const DnsAnswer& answer : names) {
    json.begin_object();
    json.member("name", answer.names.owner());
    if (answer.has_address) json.member("ip", answer.address.to_string());
    json.member_if_known("target", answer.names.target());
    if (answer.port != 0) json.member("port", answer.port);
    json.end_object();
  }
  json.end_array();
}

std::string_view tds_name(TdsEncryption encryption) {
  switch (encryption) {
    case TdsEncryption::off: return "off";
    case TdsEncryption::on: return "on";
    case TdsEncryption::not_supported: return "not_supported";
    case TdsEncryption::required: return "required";
  }
  return "unknown";
}

/// coverage_name says what of a connection travels in TLS.
std::string_view coverage_name(TdsCoverage coverage) {
  switch (coverage) {
    case TdsCoverage::nothing: return "nothing";
    case TdsCoverage::login: return "login";
    case TdsCoverage::session: return "session";
  }
  return {};
}

void write_smb(JsonWriter& json, const SmbSessionSeen& smb) {
  json.begin_object("smb");
  json.member("dialect", fmt::format("0x{:04X}", smb.dialect));
  json.member("signing_required", smb.signing_required);
  json.member("encryption_capable", smb.encryption_capable);
  json.member("encrypt_data", smb.encrypt_data);
  json.end_object();
}

void write_tds(JsonWriter& json, const ApplicationProfile& application) {
  json.begin_object("tds");
  if (application.tds_client) json.member("client_encryption", tds_name(*application.tds_client));
  if (application.tds_server) json.member("server_encryption", tds_name(*application.tds_server));
  if (const auto coverage = application.tds_coverage()) json.member("agreed", coverage_name(*coverage));
  json.end_object();
}

/// word_of gives the contract's word for one verdict of the packets. Their payload may be in clear and yet authenticated: that is of the
/// source as a whole.
std::string_view word_of(MediaProtection protection, MediaState whole) {
  switch (protection) {
    case MediaProtection::clear: return to_string(whole == MediaState::srtp_null ? whole : MediaState::clear);
    case MediaProtection::encrypted_unidentified: return to_string(MediaState::encrypted_unidentified);
    case MediaProtection::undecided: return to_string(MediaState::undecided);
  }
  return {};
}

/// rtcp_of: control packets may have a port of their own, so that none on this flow says nothing of others. Empty: seen, not told.
std::string_view rtcp_of(const OptionalBoxed<SeenControl>& rtcp) {
  if (!rtcp) return "none";
  switch (rtcp->kind) {
    case RtcpKind::unknown: return {};
    case RtcpKind::rtcp: return "rtcp";
    case RtcpKind::srtcp:
    case RtcpKind::srtcp_null: return "srtcp";
  }
  return {};
}

void write_decision(JsonWriter& json, const FlowProfile& flow, const MediaDecision& decision) {
  if (decision.verdict.error_rate_log2 != 0) json.member("error_rate", std::ldexp(1.0, -int{decision.verdict.error_rate_log2}));
  json.member("decided_after_packets", decision.verdict.decided_after_packets);
  write_frame(json, "decided_frame", flow, decision.decided);
}

void write_declared(JsonWriter& json, const FlowProfile& flow, const MediaSource& source) {
  const DeclaredMedia& declared = *source.declared;
  json.member("declared", declared.protocol);
  json.begin_object("signalling");
  json.member("call", fmt::format("c{}", declared.call));
  if (declared.first_call != 0) {
    json.member("continues", fmt::format("c{}", declared.first_call));
    json.member("joined_by", to_string(declared.joined_by));
  }
  json.member("flow", flow_id(declared.signalling));
  json.member("agreement", kAgreementNames[static_cast<std::size_t>(declared.agreement)]);
  if (declared.keying != MediaKeying::none) json.member("keying", kMediaKeyingNames[static_cast<std::size_t>(declared.keying)]);
  if (declared.mikey) json.member("mikey", to_string(*declared.mikey));
  json.member_if_known("suite", declared.suite);
  if (declared.scale) json.member("scale", true);
  json.member("media", to_string(declared.kind));
  json.member("desktop_sharing", declared.desktop_sharing);
  write_frame(json, "offer_frame", flow, declared.offer);
  write_frame(json, "answer_frame", flow, declared.answer);
  json.member("key_readable", declared.key_readable);
  write_frame(json, "key_frame", flow, declared.key);
  json.member("key_reused", declared.key_reused);
  json.member("fell_back", declared.fell_back);
  json.member("fingerprint_mismatch", declared.fingerprint_mismatch);
  if (source.clear_control) json.member("clear_rtcp_flow", flow_id(source.clear_control->flow));
  json.end_object();
}

/// write_changes lists every verdict of a stream that changed, in order, each with the first packet it stands on.
void write_changes(JsonWriter& json, const FlowProfile& flow, const MediaSource& source, MediaState whole) {
  if (source.decisions.size() < 2) return;
  json.begin_array("changes");
  for (const MediaDecision& decision : source.decisions) {
    json.begin_object();
    json.member("protection", word_of(decision.verdict.protection, whole));
    write_frame(json, "since_frame", flow, Evidence{.capture = decision.verdict.since_capture, .frame = decision.verdict.since_frame});
    write_frame(json, "decided_frame", flow, decision.decided);
    json.end_object();
  }
  json.end_array();
}

/// write_keys says what came of the keys that were tried.
void write_keys(JsonWriter& json, const FlowProfile& flow, const MediaKeyTrial& trial) {
  json.begin_object("keys");
  json.member("tried", trial.num_keys);
  if (trial.num_without_tag != 0) json.member("without_tag", trial.num_without_tag);
  json.member("sampled_packets", trial.num_samples);
  json.member("verified_packets", trial.num_verified);
  if (trial.holds()) {
    json.member("source", to_string(trial.source));
    if (trial.readable) json.member("readable", true);
    json.member("suite", traits(trial.suite).name);
    json.member("roll_over_counter", trial.roll_over_counter);
    write_frame(json, "verified_frame", flow, trial.verified);
  }
  json.end_object();
}

void write_handshake(JsonWriter& json, const FlowProfile& flow, const MediaHandshake& handshake) {
  json.begin_object("dtls");
  json.member("profile", handshake.profile);
  if (handshake.suite) json.member("suite", traits(*handshake.suite).name);
  write_frame(json, "frame", flow, handshake.completed);
  json.end_object();
}

}  // namespace

void write_application_members(JsonWriter& json, const AuditResult& audit, const FlowProfile& flow, const ApplicationProfile& application) {
  if (&application == flow.inside.get()) {
    write_readings(json, "read", flow, application);
  } else {
    write_readings(json, "read_in_clear", flow, application);
  }
  write_schemes(json, "credentials", flow, application.credentials);
  write_schemes(json, "authentication_offered", flow, application.offered);
  write_upgrades(json, audit, flow, application);
  write_protections(json, flow, application);
  if (application.sip) write_sip(json, flow, *application.sip);
  if (application.http) write_http(json, *application.http);
  if (application.xmpp) {
    json.begin_object("xmpp");
    json.member("server_to_server", application.xmpp->server_to_server);
    json.member_if_known("from", application.xmpp->from);
    json.member_if_known("to", application.xmpp->to);
    json.end_object();
  }
  if (application.quic) write_quic(json, *application.quic);
  if (application.stun) write_stun(json, *application.stun);
  write_names(json, application.names);
  if (application.smb) write_smb(json, *application.smb);
  if (application.tds_client || application.tds_server) write_tds(json, application);
}

void write_media(JsonWriter& json, const FlowProfile& flow) {
  json.begin_array("media");
  for (const MediaSource& source : flow.application->media) {
    json.begin_object();
    json.member("ssrc", fmt::format("0x{:08X}", source.rtp.ssrc));
    json.member("direction", std::string_view{source.sender == Side::initiator ? "client_to_server" : "server_to_client"});
    json.begin_array("payload_types");
    for (std::size_t i = 0; i < source.rtp.num_payload_types && i < source.rtp.payload_types.size(); ++i) {
      json.value(source.rtp.payload_types[i]);
    }
    json.end_array();
    json.member("packets", source.rtp.num_packets);
    const MediaDecision* decision = source.decisive();
    const OptionalBoxed<SeenControl>& rtcp = flow.application->rtcp[index(source.sender)];
    const MediaAssertion assertion = source.assertion(rtcp);
    json.member("protection", to_string(assertion.state));
    if (assertion.state != MediaState::undecided) json.member("basis", to_string(assertion.basis));
    if (decision != nullptr) write_decision(json, flow, *decision);
    write_frame(json, "first_frame", flow, source.first);
    if (source.declared) write_declared(json, flow, source);
    json.member_if_known("rtcp", rtcp_of(rtcp));
    write_changes(json, flow, source, assertion.state);
    if (source.keys) write_keys(json, flow, *source.keys);
    if (source.handshake) write_handshake(json, flow, *source.handshake);
    json.member("framed", source.rtp.framed);
    json.member("relayed", source.rtp.relayed);
    json.end_object();
  }
  json.end_array();
}

}  // namespace sealtrace
