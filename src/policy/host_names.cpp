#include "policy/host_names.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

#include "model/ascii.hpp"
#include "model/prefetch.hpp"
#include "policy/propose_tables.hpp"

namespace sealtrace {
namespace {

constexpr std::uint16_t kCname = 5;  // RFC 1035 section 3.2.2
constexpr std::uint16_t kSrv = 33;   // RFC 2782

constexpr std::size_t kMaxNameBytes = 253;  // RFC 1035 section 2.3.4, as text

/// kIsHostLetter: letters, digits, hyphens, and the dots between labels.
constexpr std::array<bool, 256> kIsHostLetter = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    table[i] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  }
  return table;
}();

/// is_host_name wants at least two labels of letters, digits and hyphens (RFC 1123 section 2.1), so that the name can stand in a topology
/// file. An address is none, nor is a wildcard.
bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || name.back() == '.') return false;
  bool has_dot = false;
  char before = '.';
  for (const char c : name) {
    if (!kIsHostLetter[static_cast<unsigned char>(c)] || (c == '.' && before == '.')) return false;
    has_dot |= c == '.';
    before = c;
  }
  const bool may_be_address = before >= '0' && before <= '9';  // of IPv4: the other form has colons
  return has_dot && !(may_be_address && IpAddress::parse(name));
}

bool is_service_name(std::string_view name) {
  const NameRow* row = find_name(name);
  return row != nullptr && row->service;
}

}  // namespace

void HostNames::add(LeafNames& leaves, const FlowProfile& flow) {
  if (flow.application) add_dns(flow);
  if (flow.tls && !flow.tls->pseudo && flow.tls->server_hello_seen) add_tls(leaves, flow);
}

void HostNames::add_dns(const FlowProfile& flow) {
  std::vector<IpAddress>* last_addresses = nullptr;  // most answers are of the same name as the one before
  std::string_view last_name;
  for (const DnsAnswer& answer : flow.application->names) {
    if (answer.has_address) {
      if (last_addresses == nullptr || last_name != answer.names.owner()) {
        last_addresses = &by_name_[answer.names.owner()];
        last_name = answer.names.owner();
      }
      std::vector<IpAddress>& addresses = *last_addresses;
      if (std::ranges::find(addresses, answer.address) != addresses.end()) continue;
      const Named named{.name = answer.names.owner(), .flow = &flow, .source = Source::dns};
      if (addresses.size() < kMaxAddressesOfName) {
        addresses.push_back(answer.address);
        append(answer.address, named);
      } else {
        add(answer.address, named);
      }
    } else if (answer.type == kCname || answer.type == kSrv) {
      std::vector<Pointer>& pointers = pointers_[answer.names.target()];
      const bool known = std::ranges::find(pointers, answer.names.owner(), &Pointer::owner) != pointers.end();
      if (!known && pointers.size() < kMaxAliasesOfName) {
        pointers.push_back({.owner = answer.names.owner(), .flow = &flow, .service = answer.type == kSrv});
      }
    }
  }
}

void HostNames::fetch_soon(const FlowProfile& flow) {
  if (flow.application && !flow.application->names.empty()) prefetch(flow.application->names.data(), 2 * sizeof(DnsAnswer));
}

void HostNames::fetch_next(const FlowProfile& flow) {
  if (!flow.application || flow.application->names.empty()) return;
  const std::string_view name = flow.application->names.front().names.text();
  prefetch(name.data(), name.size());
}

void HostNames::add_tls(LeafNames& leaves, const FlowProfile& flow) {
  const auto add_leaf = [&](Side side, const std::vector<CertificateId>& chain) {
    for (const std::string& name : leaves.of(chain)) {
      add(flow.party(side).endpoint.address, {.name = name, .flow = &flow, .source = Source::certificate});
    }
  };
  add_leaf(Side::responder, flow.tls->server_chain);
  add_leaf(Side::initiator, flow.tls->client_chain);
  if (flow.tls->server_name.empty()) return;
  add(flow.responder.endpoint.address, {.name = flow.tls->server_name, .flow = &flow, .source = Source::server_name});
}

void HostNames::add(const IpAddress& address, const Named& named) {
  const auto found = by_address_.find(address);
  if (found != by_address_.end()) {
    const auto is_known = [&](const Named& known) { return known.source == named.source && same_word(known.name, named.name); };
    if (std::ranges::any_of(found->second, is_known)) return;
  }
  append(address, named);
}

void HostNames::append(const IpAddress& address, const Named& named) {
  if (!is_host_name(named.name)) return;
  std::vector<Named>& names = by_address_[address];
  if (names.size() < kMaxNamesOfAddress) names.push_back(named);
}

std::size_t HostNames::num_addresses_of(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? 0 : found->second.size();
}

std::string HostNames::name_of(const IpAddress& address) const {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return {};
  const auto best = std::ranges::min_element(found->second, {}, [&](const Named& named) {  // of equal ones the first seen
    return std::tuple{is_service_name(named.name), named.source, num_addresses_of(named.name)};
  });
  return lower(best->name);
}

void HostNames::for_each_hint(const HintSink& sink) const {
  std::vector<std::string_view> telling;
  for (const auto& [name, addresses] : by_name_) {
    if (find_name(name) != nullptr || pointers_.contains(name)) telling.push_back(name);
  }
  std::ranges::sort(telling);  // what is said first is kept
  for (const std::string_view name : telling) {
    const RoleHint by_own_name = hint_of_name(name, "has in DNS the name", {});
    const auto pointers = pointers_.find(name);
    for (const IpAddress& address : by_name_.at(name)) {
      if (by_own_name.role != 0) hint_by_own_name(address, by_own_name, sink);
      if (pointers == pointers_.end()) continue;
      for (const Pointer& pointer : pointers->second) {
        if (!pointer.service) {
          sink(address, hint_of_name(pointer.owner, "has in DNS the alias", frame_of(*pointer.flow, "dns")));
        } else if (const ServiceRow* row = find_service(pointer.owner)) {
          sink(address, {.role = row->role,
                         .strength = row->strength,
                         .lead = "is the target of the SRV record",
                         .detail = pointer.owner,
                         .where = frame_of(*pointer.flow, "dns")});
        }
      }
    }
  }
}

void HostNames::hint_by_own_name(const IpAddress& address, RoleHint hint, const HintSink& sink) const {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return;
  const auto own =
      std::ranges::find_if(found->second, [&](const Named& named) { return named.source == Source::dns && named.name == hint.detail; });
  if (own == found->second.end()) return;
  hint.where = frame_of(*own->flow, "dns");
  sink(address, hint);
}

}  // namespace sealtrace
