#include "dissectors/rtp/rtp_session.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace sealtrace {
namespace {

/// kMaxSources bounds the SSRCs followed of a side: a conference sends a few streams for each of its speakers.
constexpr std::size_t kMaxSources = 32;
/// kMaxReplaced bounds the sources reported because newer ones took their place; a flow keeps 256 facts.
constexpr std::uint16_t kMaxReplaced = 64;
/// kMaxDetectors bounds the sources of a flow that are looked at at a time, at a kilobyte each; others wait for their turn.
constexpr std::size_t kMaxDetectors = 16;
/// kMaxClearVerdicts and kMaxEncryptedVerdicts bound what is reported of a flow that changes again and again. One source in clear decides.
constexpr std::uint16_t kMaxClearVerdicts = 48;
constexpr std::uint16_t kMaxEncryptedVerdicts = 48;
/// kMaxDoubts is how many datagrams a guess may see before it is given up.
constexpr std::uint16_t kMaxDoubts = 64;

/// How many consistent packets in a row prove a source: sequence numbers within 100 and timestamps within three minutes of each other meet
/// by chance in 1 of 42,000 pairs. A source of 0 is what a constant field looks like. Where RTP is known, two do.
constexpr std::uint32_t kProvenRun = 4;
constexpr std::uint32_t kProvenRunOfZero = 8;
constexpr std::uint32_t kProvenRunBesideRtp = 2;

/// How many packets of one sender in a row prove RTCP: a compound of several packets at once, reports alone by two, what only begins like
/// RTCP, or with another type, by three; any beside RTP.
constexpr std::uint32_t kProvenReports = 2;
constexpr std::uint32_t kProvenOpaque = 3;

bool is_report(RtcpType type) { return type == RtcpType::sender_report || type == RtcpType::receiver_report; }

/// may_stand_first: compounds begin with a report (RFC 3550 section 6.1), but phones open their ports with an empty APP, and end with BYE.
bool may_stand_first(RtcpType type) { return is_report(type) || type == RtcpType::application || type == RtcpType::goodbye; }

Recognition probe(const ProbeInput& input) {
  if (input.transport != Transport::udp || input.bytes.size() < kRtcpHeadBytes || input.bytes[0] >> 6 != 2) return Recognition::no;
  if (is_rtcp_range(input.bytes[1])) {
    const auto packet = parse_rtcp(input.bytes);
    return packet && may_stand_first(packet->first_type) ? Recognition::yes : Recognition::no;
  }
  const auto header = parse_rtp_header(input.bytes);
  return header && is_media_payload_type(header->payload_type) ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open(const Services& services) { return std::make_unique<RtpSession>(services.media_samples); }

}  // namespace

const Dissector kRtpDissector{.name = "rtp", .probe = probe, .open = open, .tentative = true};

Datagram RtpSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  if (steady(chunk.sender, facts).counts(chunk.bytes)) return Datagram::taken;
  if (chunk.bytes.size() < kRtcpHeadBytes || chunk.bytes[0] >> 6 != 2) return doubt();
  if (is_rtcp_range(chunk.bytes[1])) return on_rtcp(chunk, facts);
  const auto header = parse_rtp_header(chunk.bytes, chunk.cut);
  return header ? on_rtp(*header, chunk, facts) : doubt();
}

Datagram RtpSession::on_rtp(const RtpHeader& header, const Chunk& chunk, FactSink& facts) {
  Half& half = halves_[index(chunk.sender)];
  if (RtpSource* const known = half.find(header.ssrc)) {
    settle(chunk.sender, facts);
    known->take(header);
    watch(*known, header, chunk, facts);
    make_current(chunk.sender, *known, header, facts);
    return Datagram::taken;
  }
  if (!is_media_payload_type(header.payload_type)) return doubt();
  const auto candidate = std::ranges::find_if(
      half.candidates, [&](const std::unique_ptr<RtpSource>& source) { return source && source->ssrc() == header.ssrc; });
  if (candidate == half.candidates.end()) {
    std::unique_ptr<RtpSource>& place = half.candidates[half.next_candidate];
    half.next_candidate ^= 1;
    place = std::make_unique<RtpSource>(header, chunk, samples_);
    place->num_doubted = 1;
    return doubt();
  }
  RtpSource& source = **candidate;
  const std::uint32_t run = source.prove(header, chunk);
  const std::uint32_t needed = rtp_ ? kProvenRunBesideRtp : header.ssrc == 0 ? kProvenRunOfZero : kProvenRun;
  if (run < needed || !source.advances()) {
    ++source.num_doubted;
    return doubt();
  }
  facts.claim(source.num_doubted);
  recognised(rtp_, "rtp", chunk, facts);
  note_early_rtcp(facts);
  settle(chunk.sender, facts);
  add_source(half, std::move(*candidate), chunk, facts);
  make_current(chunk.sender, source, header, facts);
  return Datagram::taken;
}

RtpSource* RtpSession::Half::find(std::uint32_t ssrc) const {
  if (current == nullptr || current->ssrc() == ssrc) return current;
  const auto known = std::ranges::find(sources, ssrc, &RtpSource::ssrc);
  return known == sources.end() ? nullptr : known->get();
}

SteadyMedia& RtpSession::steady(Side side, FactSink& facts) {
  SteadyMedia* const counted = facts.steady_media(side);
  return counted != nullptr ? *counted : carried_[index(side)];
}

void RtpSession::make_current(Side side, RtpSource& source, const RtpHeader& header, FactSink& facts) {
  settle(side, facts);
  halves_[index(side)].current = &source;
  source.last_used = ++num_switches_;
  const bool watched = source.media().running();
  steady(side, facts) = {.ssrc = header.ssrc,
                         .timestamp = header.timestamp,
                         .sequence_number = header.sequence_number,
                         .payload_type = watched ? SteadyMedia::kNothing : header.payload_type};
}

void RtpSession::settle(Side side, FactSink& facts) {
  SteadyMedia& counted = steady(side, facts);
  if (counted.num_packets == 0) return;
  halves_[index(side)].current->add(std::exchange(counted.num_packets, std::uint8_t{0}), counted.timestamp, counted.sequence_number);
}

void RtpSession::watch(RtpSource& source, const RtpHeader& header, const Chunk& chunk, FactSink& facts) {
  std::optional<std::size_t> start = source.wants_run(header, chunk);
  if (start && !source.media().running() && num_running() >= kMaxDetectors) {
    start.reset();
    report_budget(detectors_reported_, "media_detectors", chunk, facts);
  }
  source.watch(header, chunk, start);
  if (source.media().has_news()) report_verdict(source, chunk.sender, facts);
}

void RtpSession::report_verdict(RtpSource& source, Side sender, FactSink& facts) {
  Fact fact = source.news(sender);
  const auto& verdict = *fact_if<MediaVerdict>(&fact.body);
  const bool clear = verdict.protection == MediaProtection::clear;
  std::uint16_t& count = clear ? num_clear_ : num_encrypted_;
  if (count == (clear ? kMaxClearVerdicts : kMaxEncryptedVerdicts)) return;
  ++count;
  facts.report(std::move(fact));
}

std::size_t RtpSession::num_running() const {
  std::size_t count = 0;
  for (const Half& half : halves_) {
    for (const auto& source : half.sources) count += source->media().running() ? 1U : 0U;
  }
  return count;
}

void RtpSession::report_budget(bool& already, std::string_view budget, const Chunk& chunk, FactSink& facts) {
  if (!std::exchange(already, true)) facts.report(chunk.fact(BudgetExceeded{.budget = budget}, 0, 1));
}

void RtpSession::add_source(Half& half, std::unique_ptr<RtpSource> source, const Chunk& chunk, FactSink& facts) {
  if (source->media().has_news()) report_verdict(*source, chunk.sender, facts);
  if (source->media().running() && num_running() >= kMaxDetectors) {
    source->wait();
    report_budget(detectors_reported_, "media_detectors", chunk, facts);
  }
  if (half.sources.size() < kMaxSources) {
    half.sources.push_back(std::move(source));
    return;
  }
  auto& oldest = *std::ranges::min_element(half.sources, {}, [](const auto& each) { return each->last_used; });
  if (num_replaced_ < kMaxReplaced) {
    ++num_replaced_;
    facts.report(oldest->summary(chunk.sender));
  } else {
    report_budget(budget_reported_, "rtp_sources", chunk, facts);
  }
  oldest = std::move(source);  // it is not the current one, which was used last
}

Datagram RtpSession::on_rtcp(const Chunk& chunk, FactSink& facts) {
  const auto packet = parse_rtcp(chunk.bytes);
  if (!packet) return doubt();
  const bool sure = rtp_ || rtcp_;
  if (!sure && !may_stand_first(packet->first_type)) return doubt();
  std::unique_ptr<Rtcp>& control = control_[index(chunk.sender)];
  if (!control) control = std::make_unique<Rtcp>();
  Rtcp& rtcp = *control;
  if (rtcp.run == 0) {
    rtcp.first = chunk.origin->at(0, chunk.bytes.size());
    rtcp.first_time = chunk.origin->time_at(0);
  }
  const bool same_sender = rtcp.run > 0 && rtcp.ssrc == packet->ssrc;
  if (!sure && !same_sender) rtcp.num_packets = rtcp.num_opaque = 0;
  rtcp.run = same_sender ? rtcp.run + 1 : 1;
  rtcp.ssrc = packet->ssrc;
  if (rtcp.clear_before.known()) rtcp.clear_amid = rtcp.clear_before;
  rtcp.clear_before =
      packet->num_packets > 0 ? TimedEvidence{chunk.origin->at(0, chunk.bytes.size()), chunk.origin->time_at(0)} : TimedEvidence{};
  if (packet->num_packets > 0) {
    ++rtcp.num_packets;
  } else if (!chunk.cut) {
    ++rtcp.num_opaque;
    if (!rtcp.samples.room()) rtcp.samples = MediaSamples{samples_};
    rtcp.samples.look(chunk, 0, static_cast<std::uint16_t>(rtcp.num_opaque));
    const RtcpKind kind = rtcp.index.take(chunk.bytes, packet->ssrc);
    if (kind != RtcpKind::unknown) rtcp.kind = kind;
  }
  const bool report = is_report(packet->first_type);
  const bool by_itself = (packet->num_packets > 1 && report) || rtp_;  // beside RTP the second octet tells (RFC 5761 section 4)
  const std::uint32_t needed = by_itself ? 1 : packet->num_packets == 1 && report ? kProvenReports : kProvenOpaque;
  if (!rtcp_ && rtcp.run < needed) {
    ++num_doubted_rtcp_;
    return doubt();
  }
  recognised(rtcp_, "rtcp", chunk, facts);
  facts.claim(std::exchange(num_doubted_rtcp_, 0));
  return Datagram::taken;
}

void RtpSession::prefetch(Side sender, bool again) const {
  const auto prefetch_source = [again](const RtpSource& source) { again ? source.media().prefetch() : source.prefetch(); };
  const Half& half = halves_[index(sender)];
  if (half.current != nullptr) return prefetch_source(*half.current);
  for (const auto& candidate : half.candidates) {
    if (candidate) prefetch_source(*candidate);
  }
}

Datagram RtpSession::doubt() {
  if (rtp_ || rtcp_) return Datagram::not_mine;
  return ++num_doubts_ > kMaxDoubts ? Datagram::done : Datagram::not_mine;
}

void RtpSession::recognised(bool& already, std::string_view protocol, const Chunk& chunk, FactSink& facts) {
  if (!std::exchange(already, true)) facts.report(chunk.fact(ProtocolRecognised{.protocol = protocol}, 0, 1));
}

void RtpSession::note_early_rtcp(FactSink& facts) {
  for (const Side side : {Side::initiator, Side::responder}) {
    const Rtcp* const rtcp = control_[index(side)].get();
    if (rtcp == nullptr || rtcp_) continue;
    rtcp_ = true;
    facts.claim(std::exchange(num_doubted_rtcp_, 0));
    facts.report({.body = ProtocolRecognised{.protocol = "rtcp"}, .sender = side, .time = rtcp->first_time, .evidence = rtcp->first});
  }
}

void RtpSession::on_end(FactSink& facts) {
  for (const Side side : {Side::initiator, Side::responder}) {
    settle(side, facts);
    for (const auto& source : halves_[index(side)].sources) facts.report(source->summary(side));
    if (!rtcp_ || !control_[index(side)]) continue;
    Rtcp& rtcp = *control_[index(side)];
    RtcpSeen seen{.num_packets = rtcp.num_packets,
                  .num_opaque = rtcp.num_opaque,
                  .kind = rtcp.num_packets > 0 ? RtcpKind::rtcp : rtcp.kind,
                  .ssrc = rtcp.ssrc,
                  .samples = rtcp.samples.take(),
                  .amid_capture = rtcp.clear_amid.capture,
                  .amid_frame = rtcp.clear_amid.frame,
                  .amid_time = rtcp.clear_amid.time};
    facts.report({.body = std::move(seen), .sender = side, .time = rtcp.first_time, .evidence = rtcp.first});
  }
}

}  // namespace sealtrace
