// Proposed roles, and the beginning of a topology file that they make.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/roles.hpp"
#include "report/audit_view.hpp"
#include "report/text_sections.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kMaxProposalsListed = 40;
constexpr std::size_t kMaxSnippetLines = 12;
constexpr std::size_t kSnippetIndent = 2;
constexpr std::size_t kReasonIndent = 6;

std::string reasons_text(const AuditResult& audit, const RoleProposal& proposal) {
  std::string text;
  for (const ProposalReason& reason : proposal.reasons) {
    if (!text.empty()) text += "; ";
    text += reason.what;
    if (!reason.where.known()) continue;
    text += fmt::format(" (frame {}", value(reason.where.frame));
    if (audit.captures.size() > 1) text += fmt::format(" of {}", capture_name(audit, reason.where.capture));
    text += ")";
  }
  if (proposal.num_reasons > proposal.reasons.size()) text += fmt::format("; and {} more", proposal.num_reasons - proposal.reasons.size());
  return text;
}

/// HostLine is a host of the topology file to be. `note` stands instead of it where the auditor has to choose.
struct HostLine {
  std::string fqdn{};
  std::string role{};
  std::vector<std::string> addresses{};
  bool counts = false;  ///< false: printed as a comment
  std::string note{};
};

bool fit_for_yaml(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
}

/// made_up_name stands where no name is known: a topology file wants one, and "invalid" never resolves (RFC 6761 section 6.4).
std::string made_up_name(std::string_view address) {
  std::string label{address};
  std::ranges::replace_if(label, [](char c) { return c == '.' || c == ':'; }, '-');
  return fmt::format("host-{}{}.invalid", label, label.ends_with('-') ? "0" : "");  // an IPv6 network's own address
}

using RoleWords = std::set<std::string_view>;

/// words_of takes "a, b or c" apart.
RoleWords words_of(std::string_view role) {
  RoleWords words;
  if (const std::size_t last = role.rfind(" or "); last != std::string_view::npos) {
    words.insert(role.substr(last + 4));
    role = role.substr(0, last);
  }
  for (std::size_t comma = role.rfind(", "); comma != std::string_view::npos; comma = role.rfind(", ")) {
    words.insert(role.substr(comma + 2));
    role = role.substr(0, comma);
  }
  words.insert(role);
  return words;
}

using OfAddress = std::span<const RoleProposal>;

/// narrowest is the proposal with the fewest roles among those that agree with the strongest, which stands first.
const RoleProposal& narrowest(OfAddress of_address) {
  const RoleProposal* best = &of_address.front();
  for (const RoleProposal& proposal : of_address) {
    const RoleWords best_words = words_of(best->role);
    const RoleWords words = words_of(proposal.role);
    if (words.size() < best_words.size() && std::ranges::includes(best_words, words)) best = &proposal;
  }
  return *best;
}

/// add_address makes a line of what is proposed for an address. Where it is one role, at least probable, and nothing else is as much, the
/// line counts; else it is a comment. Clients are no hosts of a topology file: networks hold them.
void add_address(OfAddress of_address, std::vector<HostLine>& lines, std::set<std::string>& names) {
  const RoleProposal& proposal = narrowest(of_address);
  if (proposal.role == "client or phone" || proposal.role == "client" || proposal.role == "phone") return;
  if (!find_role(proposal.role)) {
    const std::string_view gap = proposal.name.empty() ? "" : " ";
    lines.push_back({.note = fmt::format("# {}{}{}: {}?", proposal.address, gap, proposal.name, proposal.role)});
    return;
  }
  const bool rival = of_address.size() > 1 && of_address[1].strength != ProposalStrength::possible;
  const bool counts = &proposal == &of_address.front() && !rival && proposal.strength != ProposalStrength::possible;
  const auto same = std::ranges::find_if(lines, [&](const HostLine& line) {
    return line.counts == counts && line.role == proposal.role && line.fqdn == proposal.name && !line.fqdn.empty();
  });
  if (same != lines.end()) {
    same->addresses.push_back(proposal.address);
    return;
  }
  const bool usable = fit_for_yaml(proposal.name) && names.insert(proposal.name).second;  // a topology names each host once
  lines.push_back({.fqdn = usable ? proposal.name : made_up_name(proposal.address),
                   .role = proposal.role,
                   .addresses = {proposal.address},
                   .counts = counts,
                   .note = {}});
}

std::vector<HostLine> host_lines(const std::vector<RoleProposal>& proposals) {
  std::vector<HostLine> lines;
  std::set<std::string> names;
  for (std::size_t i = 0; i < proposals.size();) {
    std::size_t end = i + 1;
    while (end < proposals.size() && proposals[end].address == proposals[i].address) ++end;
    add_address(OfAddress{proposals}.subspan(i, end - i), lines, names);
    i = end;
  }
  return lines;
}

/// yaml_of puts a host on one line. IPv6 addresses are quoted: a colon means something else to YAML.
std::string yaml_of(const HostLine& host) {
  if (!host.note.empty()) return "  " + host.note;
  std::string addresses;
  for (const std::string& address : host.addresses) {
    const bool v6 = address.contains(':');
    addresses += fmt::format("{}{}{}{}", addresses.empty() ? "" : ", ", v6 ? "\"" : "", address, v6 ? "\"" : "");
  }
  return fmt::format("  {}- {{fqdn: {}, roles: [{}], addresses: [{}]}}", host.counts ? "" : "# ", host.fqdn, host.role, addresses);
}

/// write_snippet prints what fits on its line whole: half of a host is no YAML.
void write_snippet(TextPage& page, const std::vector<RoleProposal>& proposals) {
  std::vector<std::string> lines;
  for (const HostLine& host : host_lines(proposals)) {
    std::string line = yaml_of(host);
    if (columns(line) + kSnippetIndent <= page.width()) lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  page.blank();
  page.paragraph("To begin a topology file (docs/topology.md), once somebody who knows the site has confirmed it:");
  page.line({{"topology: 1"}}, kSnippetIndent);
  const bool any_counts = std::ranges::any_of(lines, [](const std::string& line) { return line.starts_with("  - "); });
  page.line({{any_counts ? "hosts:  # proposals, not facts" : "# hosts:  # proposals, none of them sure"}}, kSnippetIndent);
  const std::size_t room = kMaxSnippetLines - 2;
  for (std::size_t i = 0; i < std::min(lines.size(), room); ++i) page.line({{lines[i]}}, kSnippetIndent);
  say_more(page, lines.size(), room, "proposal");
}

}  // namespace

void write_proposals_section(TextPage& page, const AuditResult& audit) {
  if (audit.proposals.empty()) return;
  page.heading("PROPOSED ROLES", "from the traffic itself; never applied unless the topology says so");
  std::vector<TableRow> rows;
  for (std::size_t i = 0; i < std::min(audit.proposals.size(), kMaxProposalsListed); ++i) {
    const RoleProposal& proposal = audit.proposals[i];
    const std::string who = proposal.name.empty() ? proposal.address : fmt::format("{} {}", proposal.address, proposal.name);
    rows.push_back({.cells = {{who, Style::strong}, {proposal.role}, {std::string{to_string(proposal.strength)}}},
                    .note = reasons_text(audit, proposal)});
  }
  page.table({{.title = "Address, name", .min_columns = 15, .shrinks = true},
              {.title = "Role", .min_columns = 16, .shrinks = true},
              {.title = "How sure"}},
             rows, kReasonIndent);
  say_more(page, audit.proposals.size(), kMaxProposalsListed, "proposal");
  write_snippet(page, audit.proposals);
}

}  // namespace sealtrace
