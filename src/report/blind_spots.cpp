#include "report/blind_spots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "model/fetched.hpp"
#include "report/audit_view.hpp"
#include "report/humanise.hpp"
#include "report/media_blind_spots.hpp"

namespace sealtrace {

namespace {

struct CauseText {
  std::string_view what;  ///< completes "12 flows: ..."
  std::string_view cure;
};

CauseText cause_text(NotObservableCause cause) {
  switch (cause) {
    case NotObservableCause::none: return {};
    case NotObservableCause::encrypted:
      return {"TLS 1.3 encrypts the certificate messages, so whether the client proved a certificate is not visible",
              "give the TLS key log of either end (--keylog FILE), or a pcapng that carries its secrets"};
    case NotObservableCause::resumed:
      return {"the session was resumed and the full handshake it continues is not in the audit",
              "capture across a restart of one end, so that the full handshake is seen, or add the earlier capture to the audit"};
    case NotObservableCause::renegotiated:
      return {"a second handshake ran inside the encryption and may have asked for a certificate",
              "give the TLS key log of either end (--keylog FILE)"};
    case NotObservableCause::mid_stream:
      return {"the capture joined a running session, so its handshake was not seen",
              "restart the connection while capturing, or capture across a reconnect"};
    case NotObservableCause::client_not_seen:
      return {"only the server's direction was captured", "mirror both directions of the port, or add the capture of the other one"};
    case NotObservableCause::server_not_seen:
      return {"only the client's direction was captured", "mirror both directions of the port, or add the capture of the other one"};
    case NotObservableCause::gap:
      return {"octets of the handshake were not captured", "look for drops at the span port, and capture the handshake again"};
    case NotObservableCause::truncated:
      return {"frames of the handshake were cut by the capture's snap length", "capture whole frames (tcpdump -s 0)"};
    case NotObservableCause::unreadable:
      return {"a message of the handshake could not be read", "keep the capture and report it: the frame is named in the flow's record"};
    case NotObservableCause::still_running: return {"the capture ended before the handshake did", "capture for longer"};
    case NotObservableCause::conflicting:
      return {"the same octets were sent twice with different content, so what the receiver read is not known",
              "look for a middlebox or an injected segment, and capture at the receiver"};
  }
  return {};
}

/// RowOrder puts row ids into the policy's order.
std::vector<std::string> in_policy_order(const AuditResult& audit, const std::set<std::string_view>& ids) {
  std::vector<std::string> ordered;
  for (const RowVerdict& row : audit.rows) {
    if (ids.contains(row.id) && std::ranges::find(ordered, row.id) == ordered.end()) ordered.push_back(row.id);
  }
  return ordered;
}

/// UndecidedKind is a cause or, where that is none, a reason.
using UndecidedKind = std::pair<NotObservableCause, std::string_view>;

UndecidedKind kind_of(const Result& result) {
  return {result.cause, result.cause == NotObservableCause::none ? result.reason : std::string_view{}};
}

std::string name_of(const UndecidedKind& kind) {
  if (kind.first != NotObservableCause::none) return fmt::format("client_auth_{}", to_string(kind.first));
  return std::string{kind.second};
}

/// UndecidedGroup is the inconclusive results of one kind.
struct UndecidedGroup {
  std::uint64_t num_flows = 0;
  std::size_t last_flow = 0;  ///< that was counted, from 1
  std::string what;
  std::string cure;
  std::set<std::string_view> rows;
};

void describe(UndecidedGroup& group, const AuditResult& audit, const Result& result) {
  if (result.cause != NotObservableCause::none) {
    const CauseText text = cause_text(result.cause);
    group.what = text.what;
    group.cure = text.cure;
    return;
  }
  group.what = as_words(result.reason);
  if (const auto cure = audit.cures.find(result.reason); cure != audit.cures.end()) group.cure = cure->second;
}

/// add_undecided reports the inconclusive results by kind, each flow once per kind.
void add_undecided(const AuditResult& audit, std::vector<BlindSpot>& spots) {
  std::map<UndecidedKind, UndecidedGroup> groups;
  const std::size_t num_judged = std::min(audit.flows.size(), audit.judged.size());
  for (std::size_t i = 0; i < num_judged; ++i) {
    for (const Result& result : audit.judged[i].results) {
      if (result.status != Status::inconclusive) continue;
      UndecidedGroup& group = groups[kind_of(result)];
      if (group.what.empty()) describe(group, audit, result);
      if (std::exchange(group.last_flow, i + 1) != i + 1) ++group.num_flows;
      group.rows.insert(result.rule);
    }
  }
  std::map<std::string, UndecidedGroup*> by_name;
  for (auto& [kind, group] : groups) by_name.emplace(name_of(kind), &group);
  for (const auto& [name, group] : by_name) {
    spots.push_back({.kind = name,
                     .subject = {},
                     .count = group->num_flows,
                     .what = fmt::format("{}: {}", counted(group->num_flows, "flow"), group->what),
                     .cure = std::move(group->cure),
                     .rows = in_policy_order(audit, group->rows)});
  }
}

void add_unseen_rows(const AuditResult& audit, std::vector<BlindSpot>& spots) {
  std::set<std::string_view> told;  // several policies may have it
  for (const RowVerdict& row : audit.rows) {
    if (!row.expected || row.status != Status::not_observed || !told.insert(row.id).second) continue;
    spots.push_back({.kind = "row_not_observed",
                     .subject = row.id,
                     .count = 0,
                     .what = row.note.empty() ? fmt::format("{}: no such traffic in the capture, although the deployment has it", row.title)
                                              : fmt::format("{}: {}", row.title, row.note),
                     .cure = row.note.empty() ? "capture where this traffic passes, while it is in use" : "",
                     .rows = {row.id}});
  }
}

/// kUsedInSpite are the kinds of damage that keep no frame out of the audit, and what they are called behind the number of frames.
struct UsedInSpite {
  std::string_view kind;
  std::string_view what;
};
constexpr auto kUsedInSpite = std::to_array<UsedInSpite>({
    {"payload_cut_by_snaplen", "used as far as the snap length left them"},
    {"bad_ip_checksum", "used although the IP checksum is wrong, as in frames whose sender leaves it to the network card"},
    {"bad_transport_checksum_sampled", "used although the TCP or UDP checksum is wrong (one in 64 is verified)"},
    {"fragments_overlapping", "fragments that overlap, used where their octets agree"},
});

/// words_of_use gives what frames of such damage are called that were used; empty for those that were not.
std::string_view words_of_use(std::string_view kind) {
  const auto used = std::ranges::find(kUsedInSpite, kind, &UsedInSpite::kind);
  return used == kUsedInSpite.end() ? std::string_view{} : used->what;
}

std::string damage_text(const CaptureSummary& capture, std::string_view kind, std::uint64_t count) {
  if (const std::string_view used = words_of_use(kind); !used.empty())
    return fmt::format("{}: {} {}", capture.name, counted(count, "frame"), used);
  const std::string_view unit = kind == "datagrams_incomplete" ? "datagram" : "frame";
  return fmt::format("{}: {} not used: {}", capture.name, counted(count, unit), as_words(kind));
}

void add_capture_spots(const CaptureSummary& capture, std::vector<BlindSpot>& spots) {
  const auto add = [&](std::string_view kind, std::uint64_t count, std::string what, std::string_view cure) {
    spots.push_back({.kind = std::string{kind},
                     .subject = capture.name,
                     .count = count,
                     .what = std::move(what),
                     .cure = std::string{cure},
                     .rows = {}});
  };
  if (capture.frames_filtered != 0) {
    add("frames_filtered", capture.frames_filtered,
        fmt::format("{}: {} left out by --filter", capture.name, counted(capture.frames_filtered, "frame")), "audit without the filter");
  }
  if (capture.unreadable) {
    return add("capture_unreadable", 0, fmt::format("{}: could not be read: {}", capture.name, capture.error),
               "give a whole pcap or pcapng file");
  }
  if (!capture.error.empty()) {
    add("capture_error", 0, fmt::format("{}: reading stopped: {}", capture.name, capture.error), "copy the file again, or repair it");
  } else if (!capture.complete) {
    add("capture_cut", 0, fmt::format("{}: the file ends inside a record; all before it was audited", capture.name),
        "copy the file again once it is whole");
  }
  if (const std::uint64_t num_dropped = capture.dropped_by_kernel.value_or(0); num_dropped != 0) {
    add("dropped_by_kernel", num_dropped,
        fmt::format("{}: {} dropped by the kernel before they were written", capture.name, counted(num_dropped, "frame")),
        "use a larger capture buffer, a capture filter or a faster disk");
  }
  if (const std::uint64_t num_dropped = capture.dropped_by_interface.value_or(0); num_dropped != 0) {
    add("dropped_by_interface", num_dropped, fmt::format("{}: {} dropped by the interface", capture.name, counted(num_dropped, "frame")),
        "mirror fewer ports, or to a faster one");
  }
  for (const bool used : {false, true}) {
    for (const auto& [kind, count] : capture.damage) {
      if (!words_of_use(kind).empty() == used) add(kind, count, damage_text(capture, kind, count), {});
    }
  }
}

/// FlowDamage counts what weakens flows whatever row they belong to.
struct FlowDamage {
  std::uint64_t num_one_sided = 0;
  std::uint64_t num_truncated = 0;
  std::uint64_t num_conflicting = 0;
  std::uint64_t num_evicted = 0;
  std::uint64_t num_with_gaps = 0;
  std::uint64_t missing_bytes = 0;
  std::uint64_t num_unrecognised = 0;
  std::uint64_t num_unclassified = 0;
  std::uint64_t num_without_key = 0;
  std::uint64_t num_with_wrong_secrets = 0;
};

/// keys_do_not_fit says that keys were tried on a stream of this flow, and none of them made its tags.
bool keys_do_not_fit(const FlowProfile& flow) {
  return flow.application && std::ranges::any_of(flow.application->media, [](const MediaSource& source) {
           return source.keys && !source.keys->holds() && source.keys->num_samples != 0;
         });
}

FlowDamage count_damage(const AuditResult& audit) {
  FlowDamage damage;
  visit_fetched<FetchAlso{.media = true}>(std::span{audit.flows}, [&](const FlowProfile& flow) {
    damage.num_one_sided += flow.transport == Transport::tcp && flow.initiator_seen != flow.responder_seen;
    damage.num_truncated += flow.truncated;
    damage.num_conflicting += flow.conflicting;
    damage.num_evicted += flow.closed == CloseReason::evicted;
    damage.num_with_gaps += flow.missing_bytes != 0;
    damage.missing_bytes += flow.missing_bytes;
    damage.num_without_key += keys_do_not_fit(flow);
    damage.num_with_wrong_secrets += flow.tls && flow.tls->decryption_failed && !flow.tls->decrypted;
    damage.num_unrecognised += flow.payload_bytes != 0 && flow.protocols.empty();
    const JudgedFlow* judged = flow.tls ? element(audit.judged, static_cast<std::size_t>(&flow - audit.flows.data())) : nullptr;
    damage.num_unclassified +=
        judged != nullptr && judged->classification.traffic_class == TrafficClass::unknown && judged->results.empty();
  });
  return damage;
}

void add_flow_damage(const AuditResult& audit, std::vector<BlindSpot>& spots) {
  const FlowDamage damage = count_damage(audit);
  const auto add = [&](std::string_view kind, std::uint64_t count, std::string_view what, std::string_view cure) {
    if (count == 0) return;
    spots.push_back({.kind = std::string{kind},
                     .subject = {},
                     .count = count,
                     .what = fmt::format("{} {}", counted(count, "flow"), what),
                     .cure = std::string{cure},
                     .rows = {}});
  };
  add("unclassified", damage.num_unclassified, "with TLS between addresses whose role is not known: not judged",
      "give these addresses roles in the topology file; proposals, if any, are below");
  add("unrecognised_protocol", damage.num_unrecognised, "whose protocol was not recognised; what that leaves open is said above", {});
  add("keys_do_not_fit", damage.num_without_key,
      "with a stream whose tags none of the keys for it makes: they are of another call, or changed",
      "give the keys of these streams, by SSRC (--srtp-keys)");
  add("secrets_do_not_fit", damage.num_with_wrong_secrets, "with TLS secrets that open no record",
      "give the key log of these connections (--keylog)");
  add("one_sided", damage.num_one_sided, "with one direction only", "mirror both directions of the port");
  add("gaps", damage.num_with_gaps, fmt::format("with gaps, {} not captured in all", human_bytes(damage.missing_bytes)),
      "look for drops at the span port");
  add("truncated", damage.num_truncated, "with frames cut by the snap length", "capture whole frames (tcpdump -s 0)");
  add("conflicting", damage.num_conflicting, "in which the same octets were sent twice with different content",
      "look for a middlebox or an injected segment");
  add("evicted", damage.num_evicted, "given up before they ended, because too many were open at once",
      "audit fewer hosts at a time (--filter)");
}

/// add_listed_certificates: of words alone, and nobody knows who uses it for what.
void add_listed_certificates(const AuditResult& audit, std::vector<BlindSpot>& spots) {
  const auto only_listed = [](const CertificateSummary& each) { return each.sha256.empty() && each.holders.empty(); };
  const auto count = static_cast<std::uint64_t>(std::ranges::count_if(audit.certificates, only_listed));
  if (count == 0) return;
  spots.push_back(
      {.kind = "certificates_not_judged",
       .subject = {},
       .count = count,
       .what = fmt::format("{} listed in words that do not say which server uses it for what: not judged", counted(count, "certificate")),
       .cure = "name the file after its server or usage, one certificate in each, or give the certificate itself",
       .rows = {}});
}

void add_budgets(const AuditResult& audit, std::vector<BlindSpot>& spots) {
  for (const auto& [budget, times] : audit.budgets_exceeded) {
    spots.push_back(
        {.kind = "budget_exceeded",
         .subject = budget,
         .count = times,
         .what = fmt::format("the limit \"{}\" was reached {}: what lay beyond it was not read", as_words(budget), counted(times, "time")),
         .cure = "audit a part of the traffic at a time (--filter)",
         .rows = {}});
  }
}

}  // namespace

std::vector<BlindSpot> find_blind_spots(const AuditResult& audit) {
  std::vector<BlindSpot> spots;
  add_unseen_rows(audit, spots);
  add_undecided(audit, spots);
  add_media_blind_spots(audit, spots);
  for (const CaptureSummary& capture : audit.captures) add_capture_spots(capture, spots);
  add_flow_damage(audit, spots);
  add_listed_certificates(audit, spots);
  add_budgets(audit, spots);
  return spots;
}

}  // namespace sealtrace
