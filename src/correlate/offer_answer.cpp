#include "correlate/offer_answer.hpp"

#include <algorithm>
#include <bitset>
#include <deque>
#include <functional>
#include <iterator>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/few.hpp"
#include "model/seeded_hash.hpp"

namespace sealtrace {
namespace {

/// HopKey names a hop of a call by the addresses of its ends: a dialog may use several connections between them. Where both ends have one
/// address, their ports tell hops apart.
struct HopKey {
  OpaqueHash call_id{};
  Endpoint low;
  Endpoint high;

  bool operator==(const HopKey&) const = default;
};

struct HopKeyHash {
  using is_avalanching = void;
  SeededHash hash;
  std::uint64_t operator()(const HopKey& key) const {
    return hash(hash(hash(key.low), hash(key.high)), static_cast<std::uint64_t>(key.call_id));
  }
};

/// kMaxOpenLines of a hop hold at once: a dozen forked answers with every line that is kept.
constexpr std::size_t kMaxOpenLines = 192;

HopKey hop_key(const Described& described) {
  Endpoint one = described.hop[0];
  Endpoint two = described.hop[1];
  if (one.address != two.address) one.port = two.port = 0;
  if (two < one) std::swap(one, two);
  return {.call_id = described.seen.session.call_id, .low = one, .high = two};
}

bool from_other_side(const Described& one, const Described& two) {
  if (one.hop[0].address != one.hop[1].address) return one.hop[0].address != two.hop[0].address;
  return one.hop[0] != two.hop[0];
}

MediaKeying keying_of(const MediaDescription& media) {
  if (!media.fingerprints.empty() && (is_dtls_profile(media.proto) || media.cryptos.empty())) return MediaKeying::dtls;
  if (!media.cryptos.empty()) return MediaKeying::sdes;
  if (media.mikey) return MediaKeying::mikey;
  if (media.zrtp) return MediaKeying::zrtp;
  return media.key_field ? MediaKeying::microsoft_key_field : MediaKeying::none;
}

/// takes_crypto finds the lines of a=crypto that the answer took (RFC 4568 section 5.1.2): tag and suite are the offer's.
bool takes_crypto(MediaAgreement& made) {
  const SdpCrypto& answered = made.answered()->cryptos.front();
  const auto& offered = made.offered().cryptos;
  const auto taken = std::ranges::find_if(
      offered, [&](const SdpCrypto& crypto) { return crypto.tag == answered.tag && crypto.suite && crypto.suite == answered.suite; });
  if (taken == offered.end()) return false;
  made.offerer_crypto = &*taken;
  made.answerer_crypto = &answered;
  const bool encrypts = traits(*answered.suite).encrypts;
  return encrypts && !taken->unencrypted_srtp && !answered.unencrypted_srtp;
}

/// agree says what offer and answer amount to. An answer with a key on RTP/AVP takes SRTP that was offered there (RFC 8643 section 3.1).
void agree(MediaAgreement& made) {
  const MediaDescription& answered = *made.answered();
  if (answered.endpoint.port == 0 || !is_rtp_profile(answered.proto)) return;  // nothing will be sent (RFC 3264 section 6)
  made.keying = keying_of(answered);
  switch (made.keying) {
    case MediaKeying::sdes: {
      const bool encrypts = takes_crypto(made);
      if (encrypts) made.agreement = Agreement::srtp;
      if (!encrypts && made.answerer_crypto != nullptr) made.agreement = Agreement::clear;  // UNENCRYPTED_SRTP
      return;
    }
    case MediaKeying::dtls:
      if (!made.offered().fingerprints.empty()) made.agreement = Agreement::srtp;
      return;
    case MediaKeying::mikey: {
      const bool encrypts = !answered.mikey->unencrypted_srtp && !(made.offered().mikey && made.offered().mikey->unencrypted_srtp);
      if (is_secure_profile(answered.proto)) made.agreement = encrypts ? Agreement::srtp : Agreement::clear;
      return;
    }
    case MediaKeying::zrtp:
    case MediaKeying::microsoft_key_field: return;
    case MediaKeying::none:
      if (!is_secure_profile(answered.proto)) made.agreement = Agreement::clear;
      return;
  }
}

/// Hop follows the descriptions of one hop of a call.
class Hop {
 public:
  Hop(std::vector<MediaAgreement>& all, std::uint32_t call, std::uint32_t number) : all_{all}, call_{call}, number_{number} {}

  void take(const Described& described) {
    const SessionDescribed& session = described.seen.session;
    if (!session.request && session.status >= 300) return;  // says what could be agreed, and agrees nothing
    if (const Described* offer = offer_answered_by(described)) return answer(*offer, described);
    if (session.request && session.method == SipMethod::ack) return;
    open(described);
  }

 private:
  /// offer_answered_by gives the offer that a description answers; null when it is an offer itself.
  [[nodiscard]] const Described* offer_answered_by(const Described& described) const {
    const SessionDescribed& session = described.seen.session;
    const auto fits = [&](const Described* offer) {
      const SessionDescribed& offered = offer->seen.session;
      if (!from_other_side(*offer, described)) return false;
      if (!session.request) return offered.request && offered.cseq == session.cseq && offered.method == session.method;
      const bool delayed = !offered.request && offered.method == SipMethod::invite;
      if (session.method == SipMethod::ack) return delayed && offered.cseq == session.cseq;
      return session.method == SipMethod::prack && delayed && offered.status < 200;
    };
    const auto oldest = std::make_reverse_iterator(offers_.begin());
    const auto found = std::find_if(std::make_reverse_iterator(offers_.end()), oldest, fits);
    return found == oldest ? nullptr : *found;
  }

  void open(const Described& offer) {
    offers_.push_back(&offer);
    for (std::size_t line = 0; line < offer.seen.session.media.size(); ++line) {
      MediaAgreement& made = all_.emplace_back();
      made = {.offer = &offer, .line = line, .call = call_, .hop = number_, .from = offer.seen.where.time};
      note_open();
    }
  }

  void answer(const Described& offer, const Described& answer) {
    const std::size_t num_lines = std::min({offer.seen.session.media.size(), answer.seen.session.media.size(), kMaxMediaLines});
    for (std::size_t line = 0; line < num_lines; ++line) {
      MediaAgreement made{.offer = &offer, .answer = &answer, .line = line, .call = call_, .hop = number_, .from = offer.seen.where.time};
      agree(made);
      const bool wanted = secure_before_[line] || is_secure_profile(made.offered().proto);
      made.fell_back = made.agreement == Agreement::clear && made.keying == MediaKeying::none && wanted;
      secure_before_[line] = wanted || made.agreement == Agreement::srtp;
      replace(made);
    }
  }

  /// replace ends what `made` takes the place of: the same line without an answer, of an earlier offer, or of an earlier answer in the
  /// same dialog. Forked answers stand side by side (RFC 3261 section 12.1).
  void replace(const MediaAgreement& made) {
    const OpaqueHash dialog = made.answer->seen.session.to_tag;
    std::erase_if(open_, [&](std::size_t index) { return all_[index].until != Timestamp::max(); });
    for (const std::size_t index : open_) {
      MediaAgreement& earlier = all_[index];
      if (earlier.line != made.line) continue;
      if (earlier.offer == made.offer && earlier.answer == nullptr) {
        earlier = made;
        return;
      }
      const bool same_dialog = earlier.answer != nullptr && earlier.answer->seen.session.to_tag == dialog;
      if (earlier.offer != made.offer || same_dialog) earlier.until = made.answer->seen.where.time;
    }
    all_.push_back(made);
    note_open();
  }

  void note_open() {
    if (open_.size() >= kMaxOpenLines) {
      all_[open_.front()].until = all_.back().from;
      open_.erase(open_.begin());
    }
    open_.push_back(all_.size() - 1);
  }

  std::vector<MediaAgreement>& all_;
  std::uint32_t call_;
  std::uint32_t number_;
  OneOrMore<const Described*> offers_;
  std::vector<std::size_t> open_;              ///< indexes into all_ of what holds
  std::bitset<kMaxMediaLines> secure_before_;  ///< by line: SAVP was offered, or SRTP agreed
};

}  // namespace

std::vector<MediaAgreement> pair_descriptions(const std::vector<Described>& descriptions) {
  std::vector<MediaAgreement> agreements;
  agreements.reserve(descriptions.size());
  boost::unordered_flat_map<OpaqueHash, std::uint32_t, std::hash<OpaqueHash>> calls;  // its keys are hashes under a key of ours
  boost::unordered_flat_map<HopKey, std::uint32_t, HopKeyHash> numbers;
  std::deque<Hop> hops;  // by number
  for (const Described& described : descriptions) {
    if (described.seen.session.call_id == OpaqueHash{}) continue;
    const auto [call, is_new] = calls.try_emplace(described.seen.session.call_id, static_cast<std::uint32_t>(calls.size() + 1));
    const auto [number, begins] = numbers.try_emplace(hop_key(described), static_cast<std::uint32_t>(hops.size()));
    if (begins) hops.emplace_back(agreements, call->second, number->second);
    hops[number->second].take(described);
  }
  return agreements;
}

}  // namespace sealtrace
