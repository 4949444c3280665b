// The calls whose signalling was read, hop by hop: what was agreed, what became of it, and who could read the keys.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "report/text_sections.hpp"
#include "report/time_text.hpp"

namespace sealtrace {
namespace {

/// kMaxCallsListed: the records have the rest. Calls with something to say of them come first.
constexpr std::size_t kMaxCallsListed = 20;

const FlowProfile* flow_of(const AuditResult& audit, FlowId id) { return element(audit.flows, value(id) - 1); }

bool in_clear(const MediaSource* source) {
  const MediaDecision* decision = source->decisive();
  return decision != nullptr && decision->verdict.protection == MediaProtection::clear;
}

/// sources_of gives the streams of a call on the flows of one hop.
std::vector<const MediaSource*> sources_of(const AuditResult& audit, const CallLeg& leg) {
  std::vector<const MediaSource*> sources;
  for (const FlowId id : leg.media) {
    const FlowProfile* flow = flow_of(audit, id);
    if (flow == nullptr || !flow->application) continue;
    for (const MediaSource& source : flow->application->media) {
      if (source.declared) sources.push_back(&source);
    }
  }
  return sources;
}

/// gives_key_away says that SRTP was agreed under a key that could be read.
bool gives_key_away(const CallLeg& leg) { return leg.key_readable && leg.agreement == Agreement::srtp; }

/// lies_of says what of a hop is not as it was agreed, or not as safe as it looks.
std::vector<std::string_view> lies_of(const AuditResult& audit, const CallLeg& leg) {
  std::vector<std::string_view> lies;
  const std::vector<const MediaSource*> sources = sources_of(audit, leg);
  const bool clear = std::ranges::any_of(sources, in_clear);
  if (clear && leg.agreement == Agreement::srtp) lies.push_back("SRTP was agreed, and media is in clear");
  if (leg.fell_back) lies.push_back("fell back from SRTP");
  if (gives_key_away(leg)) lies.push_back("the SRTP key could be read");
  if (std::ranges::any_of(sources, [](const MediaSource* source) { return source->declared->fingerprint_mismatch; }))
    lies.push_back("the DTLS certificate is not the one that was signalled");
  if (std::ranges::any_of(sources, [](const MediaSource* source) { return source->declared->key_reused; }))
    lies.push_back("a key is used twice");
  return lies;
}

std::string_view agreed(const CallLeg& leg) {
  if (!leg.answer.known()) return "no answer seen";
  switch (leg.agreement) {
    case Agreement::srtp: return "SRTP";
    case Agreement::clear: return "clear RTP";
    case Agreement::unknown: return "not decided";
  }
  return "not decided";
}

std::string hop_text(const AuditResult& audit, const CallLeg& leg) {
  const FlowProfile* flow = flow_of(audit, leg.signalling);
  if (flow == nullptr) return "?";
  const auto name = [&](const Party& party) {
    const Asset* asset = element(audit.assets, party.asset);
    return asset != nullptr && asset->kind != AssetKind::address ? asset->name : party.endpoint.address.to_string();
  };
  return fmt::format("{} ↔ {}", name(flow->initiator), name(flow->responder));
}

/// join_text says which call this one continues, and what joins the two.
std::string join_text(const AuditResult& audit, const Call& call) {
  const auto what = [](CallJoinBasis basis) -> std::string_view {
    switch (basis) {
      case CallJoinBasis::none: break;
      case CallJoinBasis::session_id: return "the same Session-ID";
      case CallJoinBasis::charging_id: return "the same icid-value of P-Charging-Vector";
      case CallJoinBasis::session_description: return "the same o= line and media addresses";
    }
    return {};
  };
  const auto frame = [&](const TimedEvidence& where) {
    const CaptureSummary* capture = audit.captures.size() > 1 ? element(audit.captures, value(where.capture)) : nullptr;
    return fmt::format("{}{}{}", value(where.frame), capture == nullptr ? "" : " of ", capture == nullptr ? "" : capture->name);
  };
  const CallJoin& join = *call.continues;
  return fmt::format("continues c{}: {} (frames {} and {})", join.call, what(join.basis), frame(join.there), frame(join.here));
}

std::uint32_t first_call(const Call& call) { return call.continues ? call.continues->call : call.number; }

/// tells_something says whether a hop of the call has lies. What needs no look at its streams is asked first.
bool tells_something(const AuditResult& audit, const Call& call) {
  const auto tells = [&](const CallLeg& leg) { return leg.fell_back || gives_key_away(leg) || !lies_of(audit, leg).empty(); };
  return std::ranges::any_of(call.legs, tells);
}

}  // namespace

void write_calls_section(TextPage& page, const AuditResult& audit) {
  if (audit.calls.empty()) return;
  page.heading(fmt::format("CALLS ({})", audit.calls.size()), "whose signalling was read");
  std::set<std::uint32_t> telling;  // by the first call, so that what belongs together stays together
  for (const Call& call : audit.calls) {
    if (tells_something(audit, call)) telling.insert(first_call(call));
  }
  std::vector<std::tuple<bool, std::uint32_t, std::uint32_t, const Call*>> calls;
  calls.reserve(audit.calls.size());
  for (const Call& call : audit.calls) calls.emplace_back(!telling.contains(first_call(call)), first_call(call), call.number, &call);
  std::ranges::sort(calls);
  const std::size_t listed = std::min(calls.size(), kMaxCallsListed);
  std::vector<TableRow> rows;
  for (const auto& [untelling, first_number, number, call] : std::span{calls}.first(listed)) {
    for (const CallLeg& leg : call->legs) {
      const bool first = &leg == &call->legs.front();
      const bool bad = leg.agreement == Agreement::clear;
      std::string note = first && call->continues ? join_text(audit, *call) : std::string{};
      for (const std::string_view lie : lies_of(audit, leg))
        note += fmt::format("{}{}", note.empty() ? "✗ " : note.find("✗") == std::string::npos ? "; ✗ " : "; ", lie);
      rows.push_back({.cells = {{first ? fmt::format("c{}", call->number) : std::string{}},
                                {hop_text(audit, leg)},
                                {leg.readable ? "readable" : "TLS", leg.readable ? Style::risk : Style::good},
                                {leg.protocol},
                                {std::string{agreed(leg)}, bad ? Style::risk : Style::plain}},
                      .note = std::move(note)});
    }
  }
  page.table({{"call"}, {"hop", 12, false, true}, {"SIP"}, {"media line"}, {"agreed"}}, rows);
  say_more(page, calls.size(), listed, "calls");
}

}  // namespace sealtrace
