#include "policy/judge_media.hpp"

#include <algorithm>
#include <optional>

namespace sealtrace {
namespace {

/// state_of is what is known of a source, whoever's it is; that only control packets tell a NULL cipher does not matter here.
MediaAssertion state_of(const MediaSource& source) { return source.assertion({}); }

bool is_clear(const MediaSource& source) {
  const MediaState state = state_of(source).state;
  return state == MediaState::clear || state == MediaState::srtp_null;
}

bool agreed_srtp(const MediaSource& source) { return source.declared && source.declared->agreement == Agreement::srtp; }

bool is_srtp(const MediaSource& source) { return state_of(source).state == MediaState::srtp; }

/// is_proved_srtp: by a tag or a handshake, not by what signalling says.
bool is_proved_srtp(const MediaSource& source) { return is_srtp(source) && state_of(source).basis != Basis::declared; }

bool any_source(const FlowProfile& flow, bool (*says)(const MediaSource&)) {
  return flow.application && std::ranges::any_of(flow.application->media, says);
}

bool all_sources(const FlowProfile& flow, bool (*say)(const MediaSource&)) {
  return flow.application && !flow.application->media.empty() && std::ranges::all_of(flow.application->media, say);
}

/// judge_clear says which lie clear media is, if it is one.
Reason judge_clear(const FlowProfile& flow) {
  if (any_source(flow, [](const MediaSource& source) { return is_clear(source) && source.declared && source.declared->unencrypted_srtp; }))
    return Reason::srtp_unencrypted;
  if (any_source(flow, [](const MediaSource& source) { return is_clear(source) && agreed_srtp(source); }))
    return Reason::media_signalled_srtp_clear;
  const bool fell_back =
      any_source(flow, [](const MediaSource& source) { return is_clear(source) && source.declared && source.declared->fell_back; });
  return fell_back ? Reason::media_fell_back : Reason::media_clear;
}

/// chose_null_profile says that DTLS on the media's own path chose a protection profile that does not encrypt (RFC 5764 section 4.1.2).
bool chose_null_profile(const FlowProfile& flow) {
  if (!flow.tls || !flow.tls->dtls || !flow.tls->use_srtp) return false;
  const std::optional<SrtpSuite> suite = srtp_suite_of_profile(*flow.tls->use_srtp);
  return suite && !traits(*suite).encrypts;
}

/// judge_signalled says what is wrong with SRTP that was agreed, whatever its packets look like.
std::optional<Reason> judge_signalled(const FlowProfile& flow) {
  const auto any = [&](bool (*says)(const DeclaredMedia&)) {
    return flow.application && std::ranges::any_of(flow.application->media,
                                                   [says](const MediaSource& source) { return source.declared && says(*source.declared); });
  };
  if (any([](const DeclaredMedia& declared) { return declared.fingerprint_mismatch; })) return Reason::dtls_fingerprint_mismatch;
  const bool has_media = flow.application && !flow.application->media.empty();
  if (has_media && chose_null_profile(flow)) return Reason::srtp_unencrypted;
  if (any([](const DeclaredMedia& declared) { return declared.unencrypted_srtp; })) return Reason::srtp_unencrypted;
  if (any([](const DeclaredMedia& declared) { return declared.agreement == Agreement::srtp && declared.key_readable; }))
    return Reason::srtp_key_readable;
  // A key that was read and makes the tags is the key, whether or not the answer was seen.
  const bool opened =
      any_source(flow, [](const MediaSource& source) { return source.keys && source.keys->holds() && source.keys->readable; });
  if (opened) return Reason::srtp_key_readable;
  return std::nullopt;
}

/// keys_media says that a handshake was completed that protects, with a profile for media that encrypts.
bool keys_media(const TlsProfile& tls) {
  const std::optional<SrtpSuite> profile = tls.use_srtp ? srtp_suite_of_profile(*tls.use_srtp) : std::nullopt;
  return tls.established && cipher_traits(tls.cipher_suite).protects() && profile && traits(*profile).encrypts;
}

/// only_protected_control says that all control packets of a flow are SRTCP that encrypts.
bool only_protected_control(const FlowProfile& flow) {
  return flow.application && flow.application->has_control() &&
         std::ranges::all_of(flow.application->rtcp, [](const OptionalBoxed<SeenControl>& side) { return !side || side->encrypted(); });
}

}  // namespace

bool any_media_clear(const FlowProfile& flow) { return any_source(flow, is_clear); }

Reason judge_media(const PolicyRow& row, const FlowProfile& flow) {
  if (any_media_clear(flow)) return judge_clear(flow);
  if (const std::optional<Reason> wrong = judge_signalled(flow)) return *wrong;
  const bool all_looked_at = flow.budgets_exceeded.empty() && !flow.unread && !flow.unrecognised;
  if (all_looked_at && all_sources(flow, is_srtp)) {
    return all_sources(flow, is_proved_srtp) ? Reason::media_srtp : Reason::media_declared_srtp;
  }
  const bool all_encrypted = all_sources(
      flow, [](const MediaSource& source) { return is_srtp(source) || state_of(source).state == MediaState::encrypted_unidentified; });
  if (all_encrypted) {
    return row.accept_inferred_media && all_looked_at ? Reason::media_inferred : Reason::media_encrypted_unidentified;
  }
  const bool unread = flow.unread || flow.unrecognised;
  const bool any_media = flow.application && !flow.application->media.empty();
  const bool nothing_else = !any_media && !unread && (!flow.application || flow.application->clear.empty());
  const bool dtls = flow.tls && !flow.tls->pseudo;
  const bool set_up = dtls ? keys_media(*flow.tls) : flow.application && flow.application->stun;
  const bool clear_control = flow.control_in_clear(Side::initiator) || flow.control_in_clear(Side::responder);
  if (nothing_else && ((set_up && !clear_control) || only_protected_control(flow))) return Reason::no_media;
  const bool control = flow.application && flow.application->has_control();
  if (!nothing_else || !control) return Reason::media_not_judged;
  return flow.application->control_of != FlowId{} ? Reason::control_packets : Reason::media_not_captured;
}

std::optional<Reason> media_lie(const FlowProfile& flow) {
  if (!any_media_clear(flow)) return judge_signalled(flow);
  const Reason clear = judge_clear(flow);
  return clear == Reason::media_signalled_srtp_clear || clear == Reason::srtp_unencrypted ? std::optional{clear} : std::nullopt;
}

std::optional<SrtpSuite> srtp_suite_of(const MediaSource& source) {
  if (!is_srtp(source)) return std::nullopt;
  if (source.keys && source.keys->holds()) return source.keys->suite;
  if (source.handshake) return source.handshake->suite;
  return source.declared ? source.declared->crypto_suite : std::nullopt;
}

bool srtp_suite_outside(const FlowProfile& flow, std::span<const SrtpSuite> listed) {
  return flow.application && std::ranges::any_of(flow.application->media, [&](const MediaSource& source) {
           const std::optional<SrtpSuite> suite = srtp_suite_of(source);
           const bool short_tag = agreed_srtp(source) && source.declared->short_tag;
           return suite && !short_tag && std::ranges::find(listed, *suite) == listed.end();
         });
}

std::vector<Reason> media_flags(const FlowProfile& flow) {
  std::vector<Reason> flags;
  if (!flow.application) return flags;
  const auto flag_if = [&](Reason reason, bool (*shows)(const MediaSource&)) {
    if (any_source(flow, shows)) flags.push_back(reason);
  };
  flag_if(Reason::rtcp_in_clear,
          [](const MediaSource& source) { return (agreed_srtp(source) || is_srtp(source)) && !is_clear(source) && source.clear_control; });
  flag_if(Reason::srtp_unauthenticated, [](const MediaSource& source) { return source.declared && source.declared->unauthenticated_srtp; });
  flag_if(Reason::srtcp_unencrypted, [](const MediaSource& source) { return source.declared && source.declared->unencrypted_srtcp; });
  flag_if(Reason::srtp_short_tag, [](const MediaSource& source) { return agreed_srtp(source) && source.declared->short_tag; });
  flag_if(Reason::srtp_key_reused, [](const MediaSource& source) { return agreed_srtp(source) && source.declared->key_reused; });
  flag_if(Reason::digits_in_clear, [](const MediaSource& source) {
    if (!source.declared || !is_clear(source)) return false;
    const auto& types = source.rtp.payload_types;
    return std::any_of(types.begin(), types.begin() + std::min<std::ptrdiff_t>(source.rtp.num_payload_types, std::ssize(types)),
                       [&](std::uint8_t type) { return type < 128 && source.declared->telephone_event_types.test(type); });
  });
  return flags;
}

}  // namespace sealtrace
