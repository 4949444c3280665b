#include "correlate/media_keys.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <string_view>
#include <utility>

#include "crypto/srtp_authentication.hpp"
#include "model/fetched.hpp"

namespace sealtrace {
namespace {

/// kShortTagBytes is the longest tag of which one packet is not enough.
constexpr std::size_t kShortTagBytes = 4;
/// kMaxLaterRollOvers: a packet of a later run comes after this many times 2^16 packets at most, 17 hours of video.
constexpr std::uint32_t kMaxLaterRollOvers = 64;
/// kMaxCachedKeys bounds the derived keys that are kept; those of calls are tried on a few streams each.
constexpr std::size_t kMaxCachedKeys = 8192;

/// Verifiers keeps what was derived from a key while it is tried on one source after another.
class Verifiers {
 public:
  SrtpAuthenticator& of(const SrtpMasterKey& key) {
    if (verifiers_.size() >= kMaxCachedKeys) verifiers_.clear();
    return verifiers_.try_emplace(&key, key).first->second;
  }

 private:
  std::map<const SrtpMasterKey*, SrtpAuthenticator> verifiers_;
};

/// Trial tries keys on the packets of one source.
class Trial {
 public:
  Trial(MediaSource& source, Verifiers& verifiers) : source_{source}, samples_{source.rtp.samples}, verifiers_{verifiers} {}

  /// likely tries a key under the counters that a stream has unless it was joined late: 0, and 1 where the sequence number began high.
  bool likely(const MediaKeyCandidate& key, std::uint64_t& tags) {
    for (std::uint32_t counter = 0; counter < kLikely; ++counter) {
      if (holds_under(key, counter, samples_.size(), tags)) return true;
    }
    return false;
  }
  /// search tries the other counters.
  bool search(const MediaKeyCandidate& key, std::uint64_t& tags) {
    for (std::uint32_t counter = kLikely; counter < kMaxRollOvers && tags != 0; ++counter) {
      if (holds_under(key, counter, 1, tags)) return true;
    }
    return false;
  }

 private:
  static constexpr std::uint32_t kLikely = 2;

  bool tag_holds(const MediaSample& sample, const MediaKeyCandidate& key, std::uint32_t counter, std::uint64_t& tags) {
    if (tags == 0) return false;
    --tags;
    return verifiers_.of(*key.key).rtp_holds(sample.packet, sample.header_bytes, counter);
  }

  /// holds_under looks among the first `num_tried` packets for one whose tag holds under a counter, then for others that do under it or one
  /// that may follow.
  bool holds_under(const MediaKeyCandidate& key, std::uint32_t counter, std::size_t num_tried, std::uint64_t& tags) {
    const std::span<const MediaSample> tried = std::span{samples_}.first(num_tried);
    const auto first = std::ranges::find_if(tried, [&](const MediaSample& sample) { return tag_holds(sample, key, counter, tags); });
    if (first == tried.end()) return false;
    std::uint8_t num_verified = 1;
    std::uint64_t few = kMaxLaterRollOvers * samples_.size() * 2;  // what is nearly proved is not given up for want of budget
    for (const MediaSample& other : samples_) {
      if (&other != &*first && holds_near(other, key, counter, few)) ++num_verified;
    }
    const SrtpSuiteTraits& suite = traits(key.key->suite);
    if (suite.tag_bytes <= kShortTagBytes && num_verified < 2) return false;
    MediaKeyTrial& trial = *source_.keys;
    trial.num_verified = num_verified;
    trial.suite = key.key->suite;
    trial.encrypts = suite.encrypts && !key.key->unencrypted_srtp;
    trial.source = key.source;
    trial.readable = key.readable;
    trial.roll_over_counter = counter;
    trial.verified = {Evidence{.capture = first->capture, .frame = first->frame}, first->time};
    source_.rtp.samples = {};  // nothing more is to be learned of them
    return true;
  }
  bool holds_near(const MediaSample& sample, const MediaKeyCandidate& key, std::uint32_t counter, std::uint64_t& tags) {
    for (std::uint32_t more = 0; more < kMaxLaterRollOvers; ++more) {
      if (tag_holds(sample, key, counter + more, tags)) return true;
    }
    return counter != 0 && tag_holds(sample, key, counter - 1, tags);  // the one that fitted came behind the wrap
  }

  MediaSource& source_;
  const std::vector<MediaSample>& samples_;
  Verifiers& verifiers_;
};

/// Open is a source for which no key was found yet.
struct Open {
  MediaSource* source = nullptr;
  std::vector<MediaKeyCandidate> keys;
};

/// verify_control tries keys on control packets, which carry their index: what fits says that they are SRTCP, encrypted or not.
void verify_control(RtcpSeen& rtcp, std::span<const MediaKeyCandidate> keys, Verifiers& verifiers, std::uint64_t& tags) {
  for (const MediaSample& sample : rtcp.samples) {
    for (const MediaKeyCandidate& key : keys) {
      if (tags == 0) return;
      --tags;
      SrtpAuthenticator& verifier = verifiers.of(*key.key);
      if (!verifier.rtcp_holds(sample.packet)) continue;
      rtcp.kind = verifier.rtcp_encrypted(sample.packet) ? RtcpKind::srtcp : RtcpKind::srtcp_null;
      rtcp.samples = {};  // that settles it for every source of this side
      return;
    }
  }
}

/// ends_in says that a path ends in another, part for part; or the other way round, when only the name of a capture is known.
bool ends_in(std::string_view path, std::string_view end) {
  if (path.size() < end.size()) std::swap(path, end);
  if (!path.ends_with(end)) return false;
  return path.size() == end.size() || path[path.size() - end.size() - 1] == '/';
}

/// keyed_from gives when the keys of a handshake could first be used: the first Finished.
TimedEvidence keyed_from(const TlsProfile& tls) {
  const TimedEvidence& client = tls.frames.client_finished;
  const TimedEvidence& server = tls.frames.server_finished;
  if (client.known() && server.known()) return client.time < server.time ? client : server;
  return tls.frames.server_hello;  // DTLS 1.3 hides the rest
}

}  // namespace

std::uint64_t verify_media(std::span<FlowProfile> flows, const MediaKeyLookup& lookup, MediaKeyBudget budget) {
  Verifiers verifiers;
  std::vector<Open> open;
  std::uint64_t num_left = 0;
  visit_fetched<FetchAlso{.media = true}>(flows, [&](FlowProfile& flow) {
    if (!flow.application) return;
    for (MediaSource& source : flow.application->media) {
      if (source.keys && source.keys->holds()) continue;
      std::vector<MediaKeyCandidate> keys = lookup(flow, source);
      if (keys.empty()) continue;
      OptionalBoxed<SeenControl>& rtcp = flow.application->rtcp[index(source.sender)];
      if (rtcp) verify_control(*rtcp, keys, verifiers, budget.likely_tags);
      const auto num_signalled = std::ranges::count(keys, MediaKeySource::signalling, &MediaKeyCandidate::source);
      const auto num_exported = std::ranges::count(keys, MediaKeySource::dtls, &MediaKeyCandidate::source);
      source.keys = MediaKeyTrial{.num_keys = static_cast<std::uint32_t>(keys.size()),
                                  .num_signalled = static_cast<std::uint32_t>(num_signalled),
                                  .num_exported = static_cast<std::uint32_t>(num_exported),
                                  .num_samples = static_cast<std::uint8_t>(source.rtp.samples.size()),
                                  .verified = {}};
      std::erase_if(keys, [&](const MediaKeyCandidate& key) {
        const bool without = !verifiers.of(*key.key).verifies_rtp();
        source.keys->num_without_tag += without ? 1U : 0U;
        return without;
      });
      if (source.rtp.samples.empty() || keys.empty()) continue;
      Trial trial{source, verifiers};
      const bool found = std::ranges::any_of(keys, [&](const MediaKeyCandidate& key) { return trial.likely(key, budget.likely_tags); });
      if (found) continue;
      std::erase_if(keys, [](const MediaKeyCandidate& key) { return !key.joined_late; });
      if (!keys.empty()) {
        open.push_back({.source = &source, .keys = std::move(keys)});
      } else if (budget.likely_tags == 0) {
        ++num_left;
      }
    }
  });
  for (const Open& left : open) {
    Trial trial{*left.source, verifiers};
    const bool found =
        std::ranges::any_of(left.keys, [&](const MediaKeyCandidate& key) { return trial.search(key, budget.searched_tags); });
    if (!found && (budget.searched_tags == 0 || budget.likely_tags == 0)) ++num_left;
  }
  return num_left;
}

std::vector<MediaKeyCandidate> given_media_keys(std::span<const GivenSrtpKey> given, std::span<const std::string> captures,
                                                const FlowProfile& flow, const MediaSource& source) {
  std::vector<MediaKeyCandidate> keys;
  for (const GivenSrtpKey& one : given) {
    if (one.ssrc && *one.ssrc != source.rtp.ssrc) continue;
    bool of_capture = one.capture.empty();
    for (std::size_t i = value(flow.first_capture); i <= value(flow.last_capture) && i < captures.size(); ++i) {
      of_capture |= ends_in(captures[i], one.capture);
    }
    if (of_capture) keys.push_back({.key = &one.key, .source = MediaKeySource::given, .joined_late = true});
  }
  return keys;
}

void add_signalled_media_keys(std::vector<MediaKeyCandidate>& keys, std::span<const MediaKey> signalled, const MediaSource& source) {
  const bool joined_late = std::ranges::none_of(signalled, [&](const MediaKey& one) { return one.offered <= source.first.time; });
  for (const MediaKey& one : signalled) {
    keys.push_back({.key = &one.key, .source = MediaKeySource::signalling, .readable = one.readable, .joined_late = joined_late});
  }
}

void add_exported_media_keys(std::vector<MediaKeyCandidate>& keys, const FlowProfile& flow, const MediaSource& source) {
  if (!flow.tls) return;
  for (const ExportedSrtpKey& one : flow.tls->srtp_keys) {
    if (one.sender != source.sender || one.channel != source.channel) continue;
    keys.push_back({.key = &one.key, .source = MediaKeySource::dtls, .readable = !cipher_traits(one.cipher_suite).protects()});
  }
}

void link_media_handshakes(std::span<FlowProfile> flows) {
  for (FlowProfile& flow : flows) {
    if (!flow.application || !flow.tls || !flow.tls->dtls || !flow.tls->established || !flow.tls->use_srtp) continue;
    const TlsProfile& tls = *flow.tls;
    const TimedEvidence from = keyed_from(tls);
    // What was lost may be of a later handshake, which chose something else.
    if (!cipher_traits(tls.cipher_suite).protects() || !from.known() || tls.handshake_damaged) continue;
    for (MediaSource& source : flow.application->media) {
      if (source.channel != tls.channel || !source.first.known() || source.first.time < from.time) continue;
      source.handshake = MediaHandshake{.suite = srtp_suite_of_profile(*tls.use_srtp), .profile = *tls.use_srtp, .completed = from};
    }
  }
}

}  // namespace sealtrace
