#include "correlate/media_links.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <tuple>

#include <boost/unordered/unordered_flat_map.hpp>

#include "correlate/call_joins.hpp"
#include "correlate/fingerprint_match.hpp"
#include "correlate/key_reuse.hpp"
#include "correlate/offer_answer.hpp"
#include "correlate/take_descriptions.hpp"
#include "model/fetched.hpp"
#include "model/few.hpp"
#include "model/seeded_hash.hpp"
#include "model/tls_numbers.hpp"

namespace sealtrace {
namespace {

/// kEarly is how much earlier media may begin than the description that tells of it was seen: captures of several files and ports are not
/// in step to the millisecond. kSameCall is how far the descriptions of one call lie apart on the hops of back-to-back agents.
constexpr std::chrono::seconds kEarly{2};
constexpr std::chrono::seconds kSameCall{5};
/// kMaxKeysPerDirection bounds the candidates of one direction: a re-keying call has a few.
constexpr std::size_t kMaxKeysPerDirection = 16;

/// Claim is one end of an agreement that receives at an endpoint: the offerer (0) or the answerer (1).
struct Claim {
  std::size_t agreement = 0;
  std::size_t party = 0;
};

const Described* description_of(const MediaAgreement& made, std::size_t party) { return party == 0 ? made.offer : made.answer; }
const MediaDescription* line_of(const MediaAgreement& made, std::size_t party) { return party == 0 ? &made.offered() : made.answered(); }

/// Candidate is an agreement that a stream may be of, with who sends it.
struct Candidate {
  std::size_t agreement = 0;
  std::size_t sender = 0;
  unsigned score = 0;  ///< 1: the sender's address is the sender's, 2: the receiver's is the receiver's

  [[nodiscard]] bool is_same(const Candidate& other) const { return agreement == other.agreement && sender == other.sender; }
};

/// ControlInClear is the RTCP of one side of a flow, and when the flow was.
struct ControlInClear {
  Timestamp start{};
  Timestamp end{};
  ClearControl shown;
};

struct EndpointHash {
  using is_avalanching = void;
  SeededHash hash;
  std::uint64_t operator()(const Endpoint& endpoint) const { return hash(endpoint); }
};
template <typename Value>
using ByEndpoint = boost::unordered_flat_map<Endpoint, Value, EndpointHash>;

class Linker {
 public:
  Linker(std::vector<FlowProfile>& flows, const std::vector<Described>& descriptions, const CertificateStore* certificates)
      : flows_{flows},
        certificates_{certificates},
        agreements_{pair_descriptions(descriptions)},
        joins_{join_calls(agreements_)},
        reused_{find_reused_keys(agreements_, joins_)} {
    for (const Described& described : descriptions) {
      if (described.readable) expose(described);
    }
    claims_.reserve(2 * agreements_.size());  // an offer and its answer
    for (std::size_t i = 0; i < agreements_.size(); ++i) claim(i);
    visit_fetched<FetchAlso{}>(std::span{flows_}, [this](const FlowProfile& flow) { learn(flow); });
  }

  MediaLinks run() {
    make_calls();
    visit_fetched<FetchAlso{.media = true}>(std::span{flows_}, [this](FlowProfile& flow) {
      if (!flow.application) return;
      for (MediaSource& source : flow.application->media) link(flow, source);
    });
    return std::move(links_);
  }

 private:
  void claim(std::size_t index);
  void learn(const FlowProfile& flow);
  void make_calls();
  /// for_each_endpoint gives the endpoints that a side of a flow may have in signalling: its own, and those that STUN told.
  template <typename Use>
  void for_each_endpoint(const FlowProfile& flow, Side side, const Use& use) const;
  [[nodiscard]] std::vector<Candidate> find(const FlowProfile& flow, const MediaSource& source) const;
  void link(const FlowProfile& flow, MediaSource& source);
  void declare(DeclaredMedia& declared, const Candidate& candidate) const;
  void add_keys(const FlowProfile& flow, const MediaSource& source, const Candidate& candidate, DeclaredMedia& declared);
  /// expose remembers the keys of a description that anybody on its way could read.
  void expose(const Described& described);
  [[nodiscard]] std::optional<ClearControl> clear_control_of(const FlowProfile& flow, const MediaSource& source,
                                                             const Candidate& candidate) const;
  [[nodiscard]] bool fingerprint_differs(const FlowProfile& flow, Side sender, const std::vector<Candidate>& candidates) const;

  std::vector<FlowProfile>& flows_;
  const CertificateStore* certificates_;
  std::vector<MediaAgreement> agreements_;
  CallJoins joins_;
  std::vector<std::array<bool, 2>> reused_;  ///< parallel to agreements_: the key of offerer and answerer
  /// Keys that anybody could read, by whom first.
  boost::unordered_flat_map<std::span<const std::uint8_t>, const Described*, SecretHash, SameSecret> exposed_;
  ByEndpoint<OneOrMore<Claim>> claims_;
  ByEndpoint<std::vector<Endpoint>> learned_;  ///< by the client's own address: what STUN told it that others see
  ByEndpoint<std::vector<ControlInClear>> clear_rtcp_to_;
  ByEndpoint<std::vector<ControlInClear>> clear_rtcp_from_;
  std::vector<std::optional<std::size_t>> leg_of_hop_;  ///< index among its call's legs
  MediaLinks links_;
};

void Linker::claim(std::size_t index) {
  const MediaAgreement& made = agreements_[index];
  for (std::size_t party = 0; party < 2; ++party) {
    const Described* described = description_of(made, party);
    if (described == nullptr) continue;
    const auto& lines = described->seen.session.media;
    const MediaDescription& own = lines[made.line];
    if (!is_rtp_profile(own.proto)) continue;
    const auto add = [&](const MediaDescription& line) {
      if (line.has_address && line.endpoint.port != 0) claims_[line.endpoint].push_back({.agreement = index, .party = party});
      for (const Endpoint& candidate : line.candidates) {
        if (candidate.port != 0) claims_[candidate].push_back({.agreement = index, .party = party});
      }
    };
    add(own);
    if (!own.bundled) continue;  // what is bundled goes where any of the bundle does (RFC 9143 section 7.3)
    for (const MediaDescription& line : lines) {
      if (&line != &own && line.bundled) add(line);
    }
  }
}

void Linker::learn(const FlowProfile& flow) {
  if (!flow.application) return;
  const ApplicationProfile& application = *flow.application;
  for (const Side side : {Side::initiator, Side::responder}) {
    if (!application.rtcp[index(side)] || application.rtcp[index(side)]->kind != RtcpKind::rtcp) continue;
    const ControlInClear seen{
        .start = flow.start, .end = flow.end, .shown = {.flow = flow.id, .shown = application.rtcp[index(side)]->first}};
    clear_rtcp_from_[flow.party(side).endpoint].push_back(seen);
    clear_rtcp_to_[flow.party(other(side)).endpoint].push_back(seen);
  }
  if (!application.stun) return;
  for (const TransportAddressLearned& address : application.stun->addresses) {
    if (address.kind == TransportAddressKind::peer) continue;
    learned_[flow.initiator.endpoint].push_back(address.endpoint);
  }
}

template <typename Use>
void Linker::for_each_endpoint(const FlowProfile& flow, Side side, const Use& use) const {
  const Endpoint& own = flow.party(side).endpoint;
  use(own);
  if (const auto learned = learned_.find(own); learned != learned_.end()) std::ranges::for_each(learned->second, use);
  const bool relay = side == Side::responder && flow.application->stun && flow.application->stun->relay;
  if (!relay) return;
  for (const TransportAddressLearned& address : flow.application->stun->addresses) {
    if (address.kind == TransportAddressKind::peer) use(address.endpoint);
  }
}

std::vector<Candidate> Linker::find(const FlowProfile& flow, const MediaSource& source) const {
  const Timestamp start = source.first.time != Timestamp{} ? source.first.time : flow.start;
  std::vector<Candidate> found;
  const auto look_up = [&](Side side, bool receives) {
    for_each_endpoint(flow, side, [&](const Endpoint& endpoint) {
      const auto claims = claims_.find(endpoint);
      if (claims == claims_.end()) return;
      for (const Claim& claim : claims->second) {
        const MediaAgreement& made = agreements_[claim.agreement];
        if (made.from > flow.end + kEarly || made.until < start) continue;
        found.push_back({.agreement = claim.agreement, .sender = receives ? 1 - claim.party : claim.party, .score = receives ? 2U : 1U});
      }
    });
  };
  look_up(source.sender, false);
  look_up(other(source.sender), true);
  std::ranges::sort(found, {}, [](const Candidate& candidate) { return std::tuple{candidate.agreement, candidate.sender}; });
  std::size_t num_distinct = 0;
  for (const Candidate& candidate : found) {
    const bool again = num_distinct != 0 && found[num_distinct - 1].is_same(candidate);
    if (again) {
      found[num_distinct - 1].score |= candidate.score;
    } else {
      found[num_distinct++] = candidate;
    }
  }
  found.resize(num_distinct);
  return found;
}

/// lists_payload_type says that one of the two sides' lines has a payload type that the source uses.
bool lists_payload_type(const MediaAgreement& made, const RtpSourceSeen& rtp) {
  for (std::size_t i = 0; i < rtp.num_payload_types && i < rtp.payload_types.size(); ++i) {
    const std::uint8_t type = rtp.payload_types[i];
    if (type >= 128) continue;
    if (made.offered().payload_types.test(type) || (made.answered() != nullptr && made.answered()->payload_types.test(type))) return true;
  }
  return false;
}

/// keep_best leaves the candidates that fit best, of the latest call that may be meant.
void keep_best(std::vector<Candidate>& found, const std::vector<MediaAgreement>& agreements, const RtpSourceSeen& rtp, Timestamp start) {
  const auto listed = [&](const Candidate& candidate) { return lists_payload_type(agreements[candidate.agreement], rtp); };
  if (std::ranges::any_of(found, listed)) std::erase_if(found, [&](const Candidate& candidate) { return !listed(candidate); });
  const unsigned best = std::ranges::max(found, {}, &Candidate::score).score;
  std::erase_if(found, [&](const Candidate& candidate) { return candidate.score != best; });
  const auto from = [&](const Candidate& candidate) { return agreements[candidate.agreement].from; };
  const MediaAgreement* latest = nullptr;
  for (const Candidate& candidate : found) {
    const MediaAgreement& made = agreements[candidate.agreement];
    if (made.from > start + kEarly) continue;
    if (latest == nullptr || latest->from < made.from) latest = &made;
  }
  if (latest == nullptr) latest = &agreements[std::ranges::min(found, {}, from).agreement];
  std::erase_if(found, [&](const Candidate& candidate) {
    const MediaAgreement& made = agreements[candidate.agreement];
    return made.call != latest->call && (made.from > latest->from ? made.from - latest->from : latest->from - made.from) > kSameCall;
  });
}

/// mikey_of gives a side's message where MIKEY is what was agreed; null otherwise.
const SdpMikey* mikey_of(const MediaAgreement& made, std::size_t party) {
  if (made.keying != MediaKeying::mikey || made.answer == nullptr) return nullptr;
  const std::optional<SdpMikey>& mikey = line_of(made, party)->mikey;
  return mikey ? &*mikey : nullptr;
}

/// gives_key_away says that anybody on the way of the message could read the key in it, which is of both directions (RFC 3830 section 3.1).
bool gives_key_away(const Described& described, const SdpMikey& mikey) { return described.readable && mikey.key_in_clear; }

void note_mikey_key(DeclaredMedia& declared, const Described& described, const SdpMikey& mikey) {
  if (!gives_key_away(described, mikey) || declared.key_readable) return;
  declared.key_readable = true;
  declared.key = described.seen.where;
  declared.key_flow = described.flow;
}

void Linker::declare(DeclaredMedia& declared, const Candidate& candidate) const {
  const MediaAgreement& made = agreements_[candidate.agreement];
  const MediaDescription& offered = made.offered();
  const MediaDescription* answered = made.answered();
  const bool knows_more = made.answer != nullptr && (!declared.answer.known() || declared.agreement != Agreement::clear);
  if (!declared.offer.known() || knows_more) {
    const MediaDescription& told = answered != nullptr ? *answered : offered;
    declared.agreement = made.agreement;
    declared.keying = made.answer != nullptr ? made.keying : MediaKeying::none;
    declared.kind = told.kind;
    declared.protocol = told.protocol;
    declared.call = made.call;
    const auto join = joins_.find(made.call);
    declared.first_call = join == joins_.end() ? 0 : join->second.call;
    declared.joined_by = join == joins_.end() ? CallJoinBasis::none : join->second.basis;
    declared.signalling = made.offer->flow;
    declared.offer = made.offer->seen.where;
    if (made.answer != nullptr) declared.answer = made.answer->seen.where;
    const SdpCrypto* crypto = candidate.sender == 0 ? made.offerer_crypto : made.answerer_crypto;
    if (crypto != nullptr) {
      declared.suite = crypto->suite_name;
      declared.crypto_suite = crypto->suite;
      declared.scale = crypto->scale;
    }
    if (made.keying == MediaKeying::mikey && made.answer != nullptr) declared.mikey = answered->mikey->method;
  }
  declared.desktop_sharing |= offered.desktop_sharing || (answered != nullptr && answered->desktop_sharing);
  declared.fell_back |= made.fell_back;
  declared.offered_srtp |= is_secure_profile(offered.proto) || !offered.cryptos.empty() || !offered.fingerprints.empty() ||
                           offered.secure_potential || offered.mikey.has_value();
  declared.telephone_event_types |= offered.telephone_event_types;
  if (answered != nullptr) declared.telephone_event_types |= answered->telephone_event_types;
  declared.key_reused |= reused_[candidate.agreement][candidate.sender];
  for (const SdpCrypto* crypto : {made.offerer_crypto, made.answerer_crypto}) {
    if (crypto == nullptr) continue;
    declared.unencrypted_srtp |= crypto->unencrypted_srtp || (crypto->suite && !traits(*crypto->suite).encrypts);
    declared.unencrypted_srtcp |= crypto->unencrypted_srtcp;
    declared.unauthenticated_srtp |= crypto->unauthenticated_srtp;
    declared.short_tag |= crypto->suite && traits(*crypto->suite).tag_bytes < 10;
  }
  for (std::size_t party = 0; party < 2; ++party) {
    const SdpMikey* const mikey = mikey_of(made, party);
    if (mikey == nullptr) continue;
    declared.unencrypted_srtp |= mikey->unencrypted_srtp;
    declared.unencrypted_srtcp |= mikey->unencrypted_srtcp;
    declared.unauthenticated_srtp |= mikey->unauthenticated_srtp;
    note_mikey_key(declared, *description_of(made, party), *mikey);
  }
}

void Linker::expose(const Described& described) {
  for (const MediaDescription& line : described.seen.session.media) {
    for (const SdpCrypto& crypto : line.cryptos) {
      for (const SrtpMasterKey& key : crypto.keys) exposed_.try_emplace(key.key_and_salt.octets(), &described);
    }
  }
}

void Linker::add_keys(const FlowProfile& flow, const MediaSource& source, const Candidate& candidate, DeclaredMedia& declared) {
  const MediaAgreement& made = agreements_[candidate.agreement];
  const Described* described = description_of(made, candidate.sender);
  if (described == nullptr) return;
  const auto add = [&](const SdpCrypto& crypto) {
    for (const SrtpMasterKey& key : crypto.keys) {
      const auto exposed = exposed_.find(key.key_and_salt.octets());
      const bool readable = exposed != exposed_.end();  // on this hop, or on another one that an agent handed it on to
      const Described& from = readable ? *exposed->second : *described;
      if (readable && !declared.key_readable) {
        declared.key_readable = true;
        declared.key = from.seen.where;
        declared.key_flow = from.flow;
      }
      std::vector<MediaKey>& keys = links_.keys[{flow.id, source.sender}];
      const bool known = std::ranges::any_of(keys, [&](const MediaKey& one) {
        return one.key.key_and_salt == key.key_and_salt && one.key.mki == key.mki && one.key.suite == key.suite;
      });
      if (known || keys.size() == kMaxKeysPerDirection) continue;
      keys.push_back(
          {.key = key, .where = from.seen.where, .signalling = from.flow, .offered = made.offer->seen.where.time, .readable = readable});
    }
  };
  const SdpCrypto* taken = candidate.sender == 0 ? made.offerer_crypto : made.answerer_crypto;
  if (taken != nullptr) return add(*taken);
  if (made.agreement == Agreement::clear) return;
  for (const SdpCrypto& crypto : line_of(made, candidate.sender)->cryptos) add(crypto);
}

std::optional<ClearControl> Linker::clear_control_of(const FlowProfile& flow, const MediaSource& source, const Candidate& candidate) const {
  const OptionalBoxed<SeenControl>& own = flow.application->rtcp[index(source.sender)];
  if (own && own->kind == RtcpKind::rtcp) return ClearControl{.flow = flow.id, .shown = own->first};
  const MediaAgreement& made = agreements_[candidate.agreement];
  const auto look_up = [&](const auto& where, const MediaDescription* line) -> std::optional<ClearControl> {
    if (line == nullptr) return std::nullopt;
    const auto found = where.find(line->rtcp);
    if (found == where.end()) return std::nullopt;
    const auto at_that_time =
        std::ranges::find_if(found->second, [&](const ControlInClear& seen) { return seen.start <= flow.end && flow.start <= seen.end; });
    return at_that_time == found->second.end() ? std::nullopt : std::optional{at_that_time->shown};
  };
  const std::optional<ClearControl> to_receiver = look_up(clear_rtcp_to_, line_of(made, 1 - candidate.sender));
  return to_receiver ? to_receiver : look_up(clear_rtcp_from_, line_of(made, candidate.sender));
}

bool Linker::fingerprint_differs(const FlowProfile& flow, Side sender, const std::vector<Candidate>& candidates) const {
  if (certificates_ == nullptr || !flow.tls || !flow.tls->dtls || flow.tls->carried) return false;
  const std::vector<CertificateId>& chain = sender == Side::initiator ? flow.tls->client_chain : flow.tls->server_chain;
  if (chain.empty()) return false;
  // What each hop said counts by itself: one that was told another certificate was told it by somebody in between. On one hop an earlier
  // offer may have named an earlier certificate.
  std::map<std::uint32_t, FingerprintMatch> by_hop;
  for (const Candidate& candidate : candidates) {
    const MediaAgreement& made = agreements_[candidate.agreement];
    const MediaDescription* line = line_of(made, candidate.sender);
    if (line == nullptr) continue;
    const FingerprintMatch match = match_fingerprints(*certificates_, chain.front(), line->fingerprints);
    FingerprintMatch& known = by_hop[made.hop];
    if (known != FingerprintMatch::same && match != FingerprintMatch::not_compared) known = match;
  }
  return std::ranges::any_of(by_hop, [](const auto& hop) { return hop.second == FingerprintMatch::different; });
}

void Linker::link(const FlowProfile& flow, MediaSource& source) {
  std::vector<Candidate> found = find(flow, source);
  if (found.empty()) return;
  keep_best(found, agreements_, source.rtp, source.first.time != Timestamp{} ? source.first.time : flow.start);
  DeclaredMedia declared;
  bool every_answer_srtp = true;
  for (const Candidate& candidate : found) {
    const MediaAgreement& made = agreements_[candidate.agreement];
    declare(declared, candidate);
    if (made.answer != nullptr) every_answer_srtp &= made.agreement == Agreement::srtp;
    if (!source.clear_control) {
      if (const std::optional<ClearControl> shown = clear_control_of(flow, source, candidate)) source.clear_control = *shown;
    }
    add_keys(flow, source, candidate, declared);
    CallLeg& leg = links_.calls[made.call - 1].legs[*leg_of_hop_[made.hop]];
    if (std::ranges::find(leg.media, flow.id) == leg.media.end()) leg.media.push_back(flow.id);
  }
  if (declared.agreement == Agreement::srtp && !every_answer_srtp) declared.agreement = Agreement::unknown;
  declared.fingerprint_mismatch = fingerprint_differs(flow, source.sender, found);
  source.declared = std::move(declared);
}

void Linker::make_calls() {
  std::uint32_t num_calls = 0;
  std::uint32_t num_hops = 0;
  for (const MediaAgreement& made : agreements_) {
    num_calls = std::max(num_calls, made.call);
    num_hops = std::max(num_hops, made.hop + 1);
  }
  links_.calls.reserve(num_calls);
  leg_of_hop_.resize(num_hops);
  for (const MediaAgreement& made : agreements_) {
    if (links_.calls.size() < made.call) {
      links_.calls.resize(made.call);
      links_.calls[made.call - 1].number = made.call;
      links_.calls[made.call - 1].start = made.from;
      if (const auto join = joins_.find(made.call); join != joins_.end()) links_.calls[made.call - 1].continues = join->second;
    }
    std::vector<CallLeg>& legs = links_.calls[made.call - 1].legs;
    std::optional<std::size_t>& place = leg_of_hop_[made.hop];
    if (!place) {
      place = legs.size();
      legs.emplace_back().signalling = made.offer->flow;
    }
    CallLeg& leg = legs[*place];
    leg.readable |= made.offer->readable;
    leg.fell_back |= made.fell_back;
    if (!leg.offer.known()) leg.offer = made.offer->seen.where;
    for (std::size_t party = 0; party < 2; ++party) {
      const SdpCrypto* crypto = party == 0 ? made.offerer_crypto : made.answerer_crypto;
      leg.key_readable |= crypto != nullptr && !crypto->keys.empty() && description_of(made, party)->readable;
      const SdpMikey* mikey = mikey_of(made, party);
      leg.key_readable |= mikey != nullptr && gives_key_away(*description_of(made, party), *mikey);
    }
    if (made.answer == nullptr) {
      if (leg.protocol.empty()) leg.protocol = made.offered().protocol;
      continue;
    }
    leg.answer = made.answer->seen.where;
    if (made.answered()->endpoint.port == 0 || leg.agreement == Agreement::clear) continue;  // the worst line is the leg's
    leg.protocol = made.answered()->protocol;
    leg.agreement = made.agreement;
    leg.keying = made.keying;
  }
}

}  // namespace

const std::vector<MediaKey>& MediaLinks::keys_of(FlowId flow, Side sender) const {
  static const std::vector<MediaKey> kNone;
  const auto found = keys.find({flow, sender});
  return found == keys.end() ? kNone : found->second;
}

bool protects_signalling(const FlowProfile& flow) {
  if (!flow.tls || flow.tls->pseudo || !flow.tls->established) return false;
  return cipher_traits(flow.tls->cipher_suite).protects();
}

MediaLinks link_media(std::vector<FlowProfile>& flows, const CertificateStore* certificates) {
  const std::vector<Described> descriptions = take_descriptions(flows);
  if (descriptions.empty()) return {};
  return Linker{flows, descriptions, certificates}.run();
}

}  // namespace sealtrace
