// The calls whose signalling was read, hop by hop: what was agreed, what became of it, and who could read the keys.
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>
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

/// lies_of says what of a hop is not as it was agreed, or not as safe as it looks.
std::vector<std::string_view> lies_of(const AuditResult& audit, const CallLeg& leg) {
  std::vector<std::string_view> lies;
  const std::vector<const MediaSource*> sources = sources_of(audit, leg);
  const bool clear = std::ranges::any_of(sources, in_clear);
  if (clear && leg.agreement == Agreement::srtp) lies.push_back("SRTP was agreed, and media is in clear");
  if (leg.fell_back) lies.push_back("fell back from SRTP");
  if (leg.key_readable && leg.agreement == Agreement::srtp) lies.push_back("the SRTP key could be read");
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

bool tells_something(const AuditResult& audit, const Call& call) {
  return std::ranges::any_of(call.legs, [&](const CallLeg& leg) { return !lies_of(audit, leg).empty(); });
}

}  // namespace

void write_calls_section(TextPage& page, const AuditResult& audit) {
  if (audit.calls.empty()) return;
  page.heading(fmt::format("CALLS ({})", audit.calls.size()), "whose signalling was read");
  std::vector<const Call*> calls;
  std::vector<const Call*> others;
  for (const Call& call : audit.calls) (tells_something(audit, call) ? calls : others).push_back(&call);
  calls.insert(calls.end(), others.begin(), others.end());
  const std::size_t listed = std::min(calls.size(), kMaxCallsListed);
  std::vector<TableRow> rows;
  for (const Call* call : std::span{calls}.first(listed)) {
    for (const CallLeg& leg : call->legs) {
      const bool first = &leg == &call->legs.front();
      const bool bad = leg.agreement == Agreement::clear;
      std::string note;
      for (const std::string_view lie : lies_of(audit, leg)) note += fmt::format("{}{}", note.empty() ? "✗ " : "; ", lie);
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
