#include "policy/finding_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <iterator>

#include "model/tls_numbers.hpp"
#include "policy/content_class.hpp"
#include "policy/judge_media.hpp"
#include "policy/stable_hash.hpp"

namespace sealtrace {
namespace {

bool is_credential_reason(Reason reason) {
  return reason == Reason::password_in_clear || reason == Reason::token_in_clear || reason == Reason::challenge_response_in_clear ||
         reason == Reason::sasl_without_tls;
}

/// is_clear_reason tells the reasons that octets outside TLS show.
bool is_clear_reason(Reason reason) {
  return is_credential_reason(reason) || reason == Reason::clear_traffic || reason == Reason::autodiscover_in_clear ||
         reason == Reason::sips_promise_broken || reason == Reason::upgrade_stripped || reason == Reason::clear_of_unknown_role;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string filled(std::string text, const FindingSubject& subject) {
  if (subject.client == subject.server) replace_all(text, "{client} and {server}", fmt::format("two hosts of {}", subject.client));
  replace_all(text, "{client}", subject.client);
  replace_all(text, "{server}", subject.server);
  replace_all(text, "{port}", fmt::format("{}", subject.leg.server_port));
  return text;
}

/// upgrade_story says what became of the way to TLS that a clear protocol has.
std::string upgrade_story(const ApplicationProfile& application) {
  for (const SeenUpgrade& upgrade : application.upgrades) {
    if (upgrade.accepted.known()) continue;
    if (upgrade.refused.known()) return " TLS was asked for (STARTTLS) and refused.";
    if (upgrade.requested.known()) return " TLS was asked for (STARTTLS); no answer was seen.";
    if (upgrade.required.known()) return " The server requires TLS (STARTTLS), and the client did not take it.";
    if (upgrade.offered.known()) return " TLS was offered (STARTTLS) and not taken.";
    if (upgrade.absent.known()) return " The server did not offer TLS (STARTTLS).";
  }
  return {};
}

/// stripped_story says where the server had shown the upgrade that it is without now.
std::string stripped_story(const ApplicationProfile& application) {
  for (const SeenUpgrade& upgrade : application.upgrades) {
    if (!upgrade.stripped) continue;
    return fmt::format(" Protocol: {}. It was seen in flow f{}, frame {}.", upgrade.dialect, value(upgrade.stripped->flow),
                       value(upgrade.stripped->where.frame));
  }
  return {};
}

/// kMaxNamedReadings bounds the kinds of messages that a finding names.
constexpr std::size_t kMaxNamedReadings = 4;

/// clear_details says what was read, which credentials were sent, or how what nobody recognised looks.
std::string clear_details(Reason reason, const FlowProfile& flow) {
  if (reason == Reason::protocol_not_recognised && flow.unrecognised) {
    return fmt::format(" Its first octets have {:.1f} bits of entropy each, {:.0f} % of them are printable.",
                       flow.unrecognised->entropy_bits(), flow.unrecognised->printable_share() * 100);
  }
  if (!flow.application) return {};
  const ApplicationProfile& application = *flow.application;
  if (is_credential_reason(reason)) {
    std::string text = " Seen:";
    std::bitset<kAuthenticationSchemeNames.size()> named;
    for (const SeenAuthentication& sent : application.credentials) {
      if (named.test(static_cast<std::size_t>(sent.scheme))) continue;  // of the other side
      named.set(static_cast<std::size_t>(sent.scheme));
      fmt::format_to(std::back_inserter(text), " {},", to_string(sent.scheme));
    }
    text.back() = '.';
    return text;
  }
  if (reason == Reason::upgrade_stripped) return stripped_story(application);
  if (reason != Reason::clear_traffic && reason != Reason::clear_of_unknown_role && reason != Reason::autodiscover_in_clear) return {};
  std::string text;
  std::size_t num_named = 0;
  for (auto read = application.clear.begin(); read != application.clear.end(); ++read) {
    const ClearReading& reading = *read;
    const auto same = [&](const ClearReading& before) { return before.protocol == reading.protocol && before.what == reading.what; };
    if (!says_something(reading) || std::any_of(application.clear.begin(), read, same)) continue;  // both sides may say it
    if (num_named++ == kMaxNamedReadings) {
      text += " and more,";
      break;
    }
    fmt::format_to(std::back_inserter(text), " {} {},", reading.protocol, reading.what);
  }
  if (!text.empty()) {
    text.back() = '.';
    text.insert(0, " Read:");
  }
  return text + upgrade_story(application);
}

/// inference_text says what record sizes suggest and how often such a claim may be wrong.
std::string inference_text(const ClientAuth& auth) {
  const std::string_view strength = auth.strength == InferenceStrength::strong ? "strong" : "probable";
  if (auth.error_rate <= 0) return fmt::format(" The record sizes suggest: {} ({}).", to_string(auth.status), strength);
  return fmt::format(
      " The record sizes suggest: {} ({}; of such claims at most {:.2g} % were wrong where it was measured, with 95 % confidence).",
      to_string(auth.status), strength, auth.error_rate * 100);
}

/// suite_text names the SRTP suites of a flow's streams.
std::string suite_text(const FlowProfile& flow) {
  std::bitset<kSrtpSuites.size()> named;
  std::string text;
  for (const MediaSource& source : flow.application->media) {
    const std::optional<SrtpSuite> suite = srtp_suite_of(source);
    if (!suite || named.test(static_cast<std::size_t>(*suite))) continue;
    named.set(static_cast<std::size_t>(*suite));
    text += fmt::format("{}{}", text.empty() ? " Negotiated: " : ", ", traits(*suite).name);
  }
  return text.empty() ? text : text + ".";
}

/// details says what a flow shows beyond the reason's meaning.
std::string details(Reason reason, const FlowProfile& flow) {
  if (reason == Reason::srtp_suite_not_listed) return suite_text(flow);
  if (!flow.tls || is_clear_reason(reason)) return clear_details(reason, flow);
  const TlsProfile& tls = *flow.tls;
  switch (info(reason).status) {
    case Status::fail:
    case Status::accepted_risk: break;
    case Status::inconclusive: {
      if (tls.client_auth.basis != Basis::inferred || reason == Reason::role_unknown) return {};
      return inference_text(tls.client_auth);
    }
    case Status::pass:
    case Status::waived:
    case Status::not_applicable:
    case Status::not_observed: return {};
  }
  if (reason == Reason::tls_without_client_certificate) {
    if (tls.client_auth.basis == Basis::inferred) return inference_text(tls.client_auth);
    if (tls.client_auth.basis == Basis::lineage) return " The session resumes one in which the client showed none.";
    if (tls.client_auth.status == ClientAuthStatus::declined) return " The server asked for one and the client sent none.";
    return " The server did not ask for one.";
  }
  if (tls.version == TlsVersion::ssl2) return {};
  const CipherSuiteInfo* suite = find_cipher_suite(tls.cipher_suite);
  return suite == nullptr ? std::string{} : fmt::format(" The server chose {}.", suite->name);
}

std::string display_filter(const FlowProfile& flow, FrameNumber frame) {
  const auto ip = [](const Party& party) {
    return fmt::format("{} == {}", party.endpoint.address.is_v4() ? "ip.addr" : "ipv6.addr", party.endpoint.address.to_string());
  };
  if (flow.transport == Transport::esp)
    return fmt::format("frame.number == {} && {} && {} && esp", value(frame), ip(flow.initiator), ip(flow.responder));
  return fmt::format("frame.number == {} && {} && {} && {}.port == {} && {}.port == {}", value(frame), ip(flow.initiator),
                     ip(flow.responder), to_string(flow.transport), flow.initiator.endpoint.port, to_string(flow.transport),
                     flow.responder.endpoint.port);
}

Timestamp time_of(const FlowProfile& flow, const TimedEvidence& evidence) {
  if (evidence.time != Timestamp{}) return evidence.time;
  const bool last = evidence.frame == flow.last_frame && evidence.capture == flow.last_capture;
  return last ? flow.end : flow.start;
}

/// EvidenceList adds frames to a finding, each frame once.
class EvidenceList {
 public:
  EvidenceList(Finding& finding, const FlowProfile& flow) : finding_{finding}, flow_{flow} {}

  void add(const TimedEvidence& evidence, std::string what) {
    if (!evidence.known() || finding_.evidence.size() >= kMaxFindingEvidence) return;
    for (const FindingEvidence& there : finding_.evidence) {
      if (there.where.frame == evidence.frame && there.where.capture == evidence.capture && there.what == what) return;
    }
    finding_.evidence.push_back({.where = evidence,
                                 .time = time_of(flow_, evidence),
                                 .what = std::move(what),
                                 .display_filter = display_filter(flow_, evidence.frame)});
    any_ = true;
  }
  /// add_elsewhere adds a frame of another flow.
  void add_elsewhere(const TimedEvidence& evidence, std::string what) {
    add(evidence, std::move(what));
    if (!finding_.evidence.empty() && finding_.evidence.back().where.frame == evidence.frame) {
      finding_.evidence.back().display_filter = fmt::format("frame.number == {}", value(evidence.frame));
    }
  }
  [[nodiscard]] bool any() const { return any_; }

 private:
  Finding& finding_;
  const FlowProfile& flow_;
  bool any_ = false;
};

void add_server_choice(EvidenceList& list, const TlsProfile& tls) {
  const CipherSuiteInfo* suite =
      tls.version == TlsVersion::ssl2 ? find_ssl2_cipher_kind(tls.cipher_suite) : find_cipher_suite(tls.cipher_suite);
  const std::string_view name = suite == nullptr ? std::string_view{"a suite that nobody assigned"} : suite->name;
  list.add(tls.frames.server_hello, fmt::format("ServerHello chooses {} {}, {}", tls.dtls ? "DTLS" : "TLS", label(tls.version), name));
}

/// add_signalling shows the messages that agreed what the packets do not keep, or gave a key away.
void add_signalling(EvidenceList& list, Reason reason, const MediaSource& source) {
  const DeclaredMedia& declared = *source.declared;
  if (reason == Reason::srtp_key_readable)
    return list.add_elsewhere(declared.key, "a=crypto: an SRTP master key, readable (its value is not kept)");
  list.add_elsewhere(declared.answer, fmt::format("answer of call c{}: {}{}{}", declared.call, declared.protocol,
                                                  declared.suite.empty() ? "" : ", ", declared.suite));
}

/// add_media shows the packets that proved a stream clear, whose tag a key makes, or where each stream begins.
void add_media(EvidenceList& list, Reason reason, const ApplicationProfile& application) {
  for (const MediaSource& source : application.media) {
    if (source.declared && reason != Reason::media_clear) add_signalling(list, reason, source);
    if (reason == Reason::rtcp_in_clear && source.clear_control) list.add_elsewhere(source.clear_control->shown, "RTCP in clear");
    const MediaDecision* decision = source.decisive();
    const bool clear = decision != nullptr && decision->verdict.protection == MediaProtection::clear;
    if (clear) {
      list.add(decision->decided,
               fmt::format("RTP, SSRC 0x{:08X}: in clear, proved after {} packet{}", source.rtp.ssrc,
                           decision->verdict.decided_after_packets, decision->verdict.decided_after_packets == 1 ? "" : "s"));
    } else if (source.keys && source.keys->holds()) {
      list.add(source.keys->verified,
               fmt::format("SRTP, SSRC 0x{:08X}: its tag is made by a key of {}", source.rtp.ssrc, traits(source.keys->suite).name));
    } else if (source.handshake && source.handshake->suite) {
      list.add(source.handshake->completed, fmt::format("DTLS handshake for media, {}", traits(*source.handshake->suite).name));
    } else if (reason != Reason::media_clear && !source.declared) {
      list.add(source.first, fmt::format("RTP, SSRC 0x{:08X}", source.rtp.ssrc));
    }
  }
}

/// add_clear shows what was read in clear: for a credential the frames that carry one, else messages, and the steps towards TLS.
void add_clear(EvidenceList& list, Reason reason, TrafficClass traffic_class, const ApplicationProfile& application) {
  if (is_credential_reason(reason)) {
    for (const SeenAuthentication& sent : application.credentials) {
      list.add(sent.first, fmt::format("a credential in clear: {} (its value is not kept)", to_string(sent.scheme)));
    }
    return;
  }
  if (reason == Reason::upgrade_stripped) {
    for (const SeenUpgrade& upgrade : application.upgrades) {
      if (!upgrade.stripped) continue;
      list.add(upgrade.absent, "a list of features without STARTTLS");
      list.add(upgrade.refused, "TLS is refused");
      list.add_elsewhere(upgrade.stripped->where, fmt::format("flow f{}: the same server has TLS to offer", value(upgrade.stripped->flow)));
    }
    return;
  }
  if (application.sip && reason == Reason::sips_promise_broken) return list.add(application.sip->sips, "a sips: address in clear");
  if (application.sip && traffic_class == TrafficClass::im_presence) {
    list.add(application.sip->instant_message, "an instant message in clear");
    list.add(application.sip->presence, "presence in clear");
    return;
  }
  if (application.sip && traffic_class == TrafficClass::desktop_sharing_signalling) {
    list.add(application.sip->desktop_sharing, "a desktop sharing dialog in clear");
  }
  for (const ClearReading& reading : application.clear) {
    if (says_something(reading)) list.add(reading.first, fmt::format("{} {}, in clear", reading.protocol, reading.what));
  }
  for (const SeenUpgrade& upgrade : application.upgrades) {
    list.add(upgrade.absent, "a list of features without STARTTLS");
    list.add(upgrade.offered, "STARTTLS is offered");
    list.add(upgrade.refused, "STARTTLS is refused");
  }
  for (const SeenProtection& protection : application.protections) list.add(protection.first, std::string{protection.how});
  add_media(list, reason, application);
}

void add_client_certificate(EvidenceList& list, const TlsProfile& tls) {
  if (tls.client_auth.basis == Basis::inferred) {
    list.add(tls.frames.server_hello, "ServerHello: everything behind it is encrypted");
    return list.add(tls.frames.client_flight, "the client's first encrypted records: too short for a certificate");
  }
  if (tls.frames.certificate_request.known()) {
    list.add(tls.frames.certificate_request, "CertificateRequest: the server asks for a client certificate");
    list.add(tls.frames.client_certificate, "the client's Certificate message is empty");
  } else {
    list.add(tls.frames.server_hello, "ServerHello; no CertificateRequest follows it");
  }
  list.add(tls.frames.server_finished, "the server's Finished: the handshake is complete");
}

}  // namespace

Finding write_finding(const FindingSubject& subject, const FlowProfile& flow) {
  const PolicyRow& row = subject.row;
  const ReasonInfo& reason = info(subject.reason);
  const Leg& leg = subject.leg;
  const std::string identity = fmt::format("{}|{}|{}|{}|{}|{}|{}", row.id, to_string(leg.traffic_class), subject.client, subject.server,
                                           leg.server_port, to_string(leg.transport), reason.code);
  Finding finding;
  finding.id = fmt::format("F-{:08x}", stable_hash(identity));
  finding.rule = row.id;
  finding.status = subject.decision.status;
  finding.severity = subject.decision.severity;
  finding.reason = reason.code;
  finding.title = std::string{reason.title};
  const std::string port = leg.server_port == 0 ? std::string{"any port"} : fmt::format("port {}", leg.server_port);
  finding.message = fmt::format("{} to {}, {}/{} ({}): {}{}", subject.client, subject.server, port, to_string(leg.transport),
                                to_string(leg.traffic_class), reason.meaning, details(subject.reason, flow));
  finding.message += fmt::format(" Required: {} ({}, {}).", in_words(row.requirement), row.source.document, row.source.clause);
  if (!subject.decision.because.empty()) finding.message += fmt::format(" {}", subject.decision.because);
  if (subject.basis == "proposed") finding.message += " The class is proposed from port and content; a topology file makes it certain.";
  if (subject.decision.status == Status::inconclusive) {
    finding.why = std::string{reason.meaning};
    finding.remedy = std::string{reason.cure};
    finding.verify = fmt::format("sealtrace audit CAPTURE --topology FILE --require {}", row.id);
  } else {
    const PolicyTexts& texts = *subject.decision.texts;
    finding.why = filled(texts.why, subject);
    finding.remedy = filled(texts.remedy.empty() ? row.texts.remedy : texts.remedy, subject);
    finding.verify = filled(texts.verify.empty() ? row.texts.verify : texts.verify, subject);
  }
  return finding;
}

void add_evidence(Finding& finding, const FlowProfile& flow, TrafficClass traffic_class, Reason reason) {
  if (finding.evidence.size() >= kMaxFindingEvidence) return;
  EvidenceList list{finding, flow};
  const bool of_clear_octets = !flow.tls || is_clear_reason(reason) || reason == Reason::rtcp_in_clear;
  if (flow.application && of_clear_octets) add_clear(list, reason, traffic_class, *flow.application);
  if (flow.tls && !list.any()) {
    const TlsProfile& tls = *flow.tls;
    if (reason == Reason::tls_without_client_certificate) {
      add_client_certificate(list, tls);
    } else if (reason == Reason::renegotiated) {
      list.add(tls.frames.renegotiation, "a handshake record inside the encryption");
    } else if (reason == Reason::pseudo_tls) {
      list.add(tls.frames.client_hello, "a hello that imitates TLS");
    } else {
      add_server_choice(list, tls);
      if (reason == Reason::inferred_only)
        list.add(tls.frames.client_flight, "the client's first encrypted records, whose sizes are judged");
      if (info(reason).status == Status::fail) list.add(tls.frames.server_finished, "the server's Finished: the handshake is complete");
    }
    if (!list.any()) list.add(tls.frames.client_hello, "ClientHello");
  }
  if (!list.any()) list.add(flow.first_payload, "the first frame with payload");
  if (!list.any()) list.add(Evidence{.capture = flow.first_capture, .frame = flow.first_frame}, "the flow's first frame");
}

}  // namespace sealtrace
