#include "topology/topology_loader.hpp"

#include <fmt/format.h>

#include <array>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include "model/ascii.hpp"
#include "yaml/yaml_map.hpp"
#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

constexpr std::uint64_t kFormatVersion = 1;
constexpr std::size_t kMaxNameBytes = 253;  // RFC 1035 section 2.3.4

constexpr std::array<std::string_view, 3> kTrunkTransports{"tls", "tcp", "udp"};
constexpr std::array<std::string_view, 4> kSrtpModes{"unset", "required", "optional", "not-supported"};
constexpr std::array<std::string_view, 3> kPartnerKinds{"sip", "xmpp", "public"};
constexpr std::array<std::string_view, 3> kNegotiation{"required", "optional", "not-supported"};
constexpr std::array<std::string_view, 3> kUmSecurity{"secured", "sip-secured", "unsecured"};
constexpr std::array<std::string_view, 3> kEncryptionLevels{"required", "supported", "not-supported"};
constexpr std::array<std::string_view, 2> kInternalImTcp{"tolerated", "forbidden"};

/// is_dns_name accepts letters, digits, hyphen and underscore in labels of 1 to 63 octets (RFC 1123 section 2.1, and Windows' underscore).
bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  std::size_t label_bytes = 0;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!letter && c != '.') return false;
    if (c == '.' && label_bytes == 0) return false;
    label_bytes = c == '.' ? 0 : label_bytes + 1;
    if (label_bytes > 63) return false;
  }
  return label_bytes != 0;
}

/// Loader turns the tree into a Topology, one function per part of the file.
class Loader {
 public:
  explicit Loader(YamlProblems& problems) : problems_{problems} {}

  Topology load(const YamlNode& root);

 private:
  void load_zones(const YamlMap& file);
  void load_pools(const YamlMap& file);
  void load_hosts(const YamlMap& file);
  void load_networks(const YamlMap& file);
  void load_trunks(const YamlMap& file);
  void load_partners(const YamlMap& file);
  void load_settings(const YamlMap& file);
  void load_trust(const YamlMap& file);
  void check_references();

  HostAddress host_address(const YamlNode& node);
  void read_xmpp(const YamlMap& partner_map, TopologyPartner& partner);

  std::string dns_name(const YamlNode* node, std::string_view what);
  std::optional<IpAddress> ip_address(const YamlNode* node);
  std::optional<Cidr> cidr(const YamlNode* node);
  std::optional<Role> role(const YamlNode& node);
  RoleSet roles(const YamlMap& map);
  std::vector<Cidr> cidrs(const YamlMap& map, std::string_view key);
  std::vector<std::string> texts(std::span<const YamlNode> nodes, std::string_view what);
  std::string chosen(const YamlMap& map, std::string_view key, std::span<const std::string_view> names, std::string_view otherwise);

  /// Reference is a place that names a host or a pool; checked when all of them are known.
  struct Reference {
    YamlMark where;
    std::string_view what;
    std::string name;
    bool pool_allowed = false;
  };

  YamlProblems& problems_;
  Topology topology_;
  std::vector<Reference> references_;
};

Topology Loader::load(const YamlNode& root) {
  const YamlMap file{
      root,
      "the topology",
      {"topology", "name", "product", "sip_domains", "zones", "pools", "hosts", "networks", "trunks", "partners", "settings", "trust"},
      problems_};
  if (file.required("topology") != nullptr) static_cast<void>(file.number("topology", kFormatVersion, kFormatVersion));
  topology_.name = file.text("name").value_or("");
  topology_.product = file.text("product").value_or("");
  for (const YamlNode& domain : file.items("sip_domains")) topology_.sip_domains.push_back(dns_name(&domain, "sip_domains"));
  load_zones(file);
  load_pools(file);
  load_hosts(file);
  load_networks(file);
  load_trunks(file);
  load_partners(file);
  load_settings(file);
  load_trust(file);
  check_references();
  return std::move(topology_);
}

void Loader::load_zones(const YamlMap& file) {
  boost::unordered_flat_set<std::string> names;
  for (const YamlNode& node : file.items("zones")) {
    const YamlMap map{node, "a zone", {"name", "networks"}, problems_};
    TopologyZone zone{.name = map.required_text("name").value_or(""), .networks = cidrs(map, "networks"), .line = node.where.line};
    if (zone.name == "external") problems_.add(node.where, "a zone cannot be named 'external': that is whatever is in no zone");
    if (!zone.name.empty() && !names.insert(zone.name).second) {
      problems_.add(node.where, fmt::format("the zone {} stands here a second time; list all its networks in one", in_quotes(zone.name)));
    }
    topology_.zones.push_back(std::move(zone));
  }
}

void Loader::load_pools(const YamlMap& file) {
  boost::unordered_flat_set<std::string> names;
  for (const YamlNode& node : file.items("pools")) {
    const YamlMap map{node, "a pool", {"fqdn", "role", "members"}, problems_};
    TopologyPool pool;
    pool.line = node.where.line;
    pool.fqdn = dns_name(map.required("fqdn"), "fqdn");
    if (const YamlNode* value = map.required("role")) pool.role = role(*value).value_or(Role{});
    for (const YamlNode& member : map.items("members")) {
      pool.members.push_back(dns_name(&member, "members"));
      references_.push_back({.where = member.where, .what = "members", .name = pool.members.back()});
    }
    if (!pool.fqdn.empty() && !names.insert(pool.fqdn).second) {
      problems_.add(node.where, fmt::format("the pool {} stands here a second time", in_quotes(pool.fqdn)));
    }
    topology_.pools.push_back(std::move(pool));
  }
}

void Loader::load_hosts(const YamlMap& file) {
  boost::unordered_flat_set<std::string> names;
  for (const YamlNode& node : file.items("hosts")) {
    const YamlMap map{node, "a host", {"fqdn", "roles", "addresses", "hides_sources"}, problems_};
    TopologyHost host;
    host.line = node.where.line;
    host.fqdn = dns_name(map.required("fqdn"), "fqdn");
    host.roles = roles(map);
    host.hides_sources = map.flag("hides_sources").value_or(false);
    for (const YamlNode& address : map.items("addresses")) host.addresses.push_back(host_address(address));
    if (!host.fqdn.empty() && !names.insert(host.fqdn).second) {
      problems_.add(node.where, fmt::format("the host {} stands here a second time; list all its addresses in one", in_quotes(host.fqdn)));
    }
    topology_.hosts.push_back(std::move(host));
  }
}

HostAddress Loader::host_address(const YamlNode& node) {
  HostAddress address;
  address.line = node.where.line;
  if (node.kind != YamlKind::map) {
    address.address = cidr(&node).value_or(Cidr{});
    return address;
  }
  const YamlMap map{node, "an address", {"ip", "roles", "nat"}, problems_};
  address.address = cidr(map.required("ip")).value_or(Cidr{});
  address.roles = roles(map);
  if (const YamlNode* nat = map.find("nat")) address.nat = ip_address(nat);
  return address;
}

void Loader::load_networks(const YamlMap& file) {
  for (const YamlNode& node : file.items("networks")) {
    const YamlMap map{node, "a network", {"cidr", "roles", "name"}, problems_};
    TopologyNetwork network;
    network.line = node.where.line;
    if (const std::optional<Cidr> parsed = cidr(map.required("cidr"))) network.cidr = *parsed;
    network.name = map.text("name").value_or(network.cidr.to_string());
    if (map.required("roles") != nullptr) network.roles = roles(map);
    topology_.networks.push_back(std::move(network));
  }
}

void Loader::load_trunks(const YamlMap& file) {
  for (const YamlNode& node : file.items("trunks")) {
    const YamlMap map{node, "a trunk", {"gateway", "mediation", "port", "transport", "srtp_mode"}, problems_};
    TopologyTrunk trunk;
    trunk.line = node.where.line;
    const YamlNode* gateway = map.required("gateway");
    trunk.gateway = dns_name(gateway, "gateway");
    const YamlNode* mediation = map.required("mediation");
    trunk.mediation = dns_name(mediation, "mediation");
    if (gateway != nullptr) references_.push_back({.where = gateway->where, .what = "gateway", .name = trunk.gateway});
    if (mediation != nullptr) {
      references_.push_back({.where = mediation->where, .what = "mediation", .name = trunk.mediation, .pool_allowed = true});
    }
    trunk.port = static_cast<std::uint16_t>(map.number("port", 1, 65535).value_or(0));
    trunk.transport = chosen(map, "transport", kTrunkTransports, "");
    trunk.srtp_mode = static_cast<SrtpMode>(map.choice("srtp_mode", kSrtpModes).value_or(0));
    topology_.trunks.push_back(std::move(trunk));
  }
}

void Loader::load_partners(const YamlMap& file) {
  for (const YamlNode& node : file.items("partners")) {
    const YamlMap map{node, "a partner", {"domain", "kind", "addresses", "xmpp"}, problems_};
    TopologyPartner partner;
    partner.line = node.where.line;
    partner.domain = dns_name(map.required("domain"), "domain");
    if (map.required("kind") != nullptr) partner.kind = chosen(map, "kind", kPartnerKinds, "");
    partner.addresses = cidrs(map, "addresses");
    read_xmpp(map, partner);
    topology_.partners.push_back(std::move(partner));
  }
}

void Loader::read_xmpp(const YamlMap& partner_map, TopologyPartner& partner) {
  const YamlNode* node = partner_map.find("xmpp");
  if (node == nullptr) return;
  const YamlMap map{*node, "xmpp", {"tls", "sasl", "dialback"}, problems_};
  if (!partner.kind.empty() && partner.kind != "xmpp") problems_.add(node->where, "'xmpp' belongs to a partner of kind xmpp");
  partner.xmpp_tls = chosen(map, "tls", kNegotiation, "");
  partner.xmpp_sasl = chosen(map, "sasl", kNegotiation, "");
  partner.xmpp_dialback = map.flag("dialback");
}

void Loader::load_settings(const YamlMap& file) {
  const YamlNode* node = file.find("settings");
  if (node == nullptr) return;
  const YamlMap map{*node, "settings", {"encryption_level", "internal_im_tcp", "fips", "um_security"}, problems_};
  TopologySettings& settings = topology_.settings;
  settings.encryption_level = chosen(map, "encryption_level", kEncryptionLevels, settings.encryption_level);
  settings.internal_im_tcp = chosen(map, "internal_im_tcp", kInternalImTcp, settings.internal_im_tcp);
  settings.fips = map.flag("fips").value_or(settings.fips);
  settings.um_security = chosen(map, "um_security", kUmSecurity, settings.um_security);
}

void Loader::load_trust(const YamlMap& file) {
  const YamlNode* node = file.find("trust");
  if (node == nullptr) return;
  const YamlMap map{*node, "trust", {"internal_ca", "public_ca", "partner_ca"}, problems_};
  topology_.trust.internal_ca = texts(map.items("internal_ca"), "internal_ca");
  topology_.trust.public_ca = texts(map.items("public_ca"), "public_ca");
  for (const YamlEntry& entry : map.entries("partner_ca")) {
    const std::string domain = lower(entry.key);
    if (!is_dns_name(domain)) problems_.add(entry.where, fmt::format("{} is no domain name", in_quotes(entry.key)));
    if (entry.value.kind != YamlKind::sequence) {
      problems_.add(entry.value.where, "partner_ca must map a domain to a list of files");
      continue;
    }
    topology_.trust.partner_ca[domain] = texts(entry.value.items, "partner_ca");
  }
}

void Loader::check_references() {
  boost::unordered_flat_set<std::string_view> hosts;
  boost::unordered_flat_set<std::string_view> pools;
  std::vector<std::string_view> names;
  for (const TopologyHost& host : topology_.hosts) {
    hosts.insert(host.fqdn);
    names.push_back(host.fqdn);
  }
  for (const TopologyPool& pool : topology_.pools) pools.insert(pool.fqdn);
  for (const Reference& reference : references_) {
    if (reference.name.empty() || hosts.contains(reference.name) || (reference.pool_allowed && pools.contains(reference.name))) continue;
    add_unknown_name(problems_, reference.where, fmt::format("host in '{}'", reference.what), reference.name, names);
  }
}

std::string Loader::dns_name(const YamlNode* node, std::string_view what) {
  if (node == nullptr) return {};
  const std::optional<std::string> text = scalar_text(*node, what, problems_);
  if (!text) return {};
  std::string name = lower(*text);
  if (is_dns_name(name)) return name;
  problems_.add(node->where, fmt::format("'{}' must be a DNS name of letters, digits, hyphens and dots, found {}", what, in_quotes(*text)));
  return {};
}

std::optional<IpAddress> Loader::ip_address(const YamlNode* node) {
  const std::optional<std::string> text = scalar_text(*node, "nat", problems_);
  if (!text) return std::nullopt;
  const std::optional<IpAddress> address = IpAddress::parse(*text);
  if (!address) problems_.add(node->where, fmt::format("{} is no IP address", in_quotes(*text)));
  return address;
}

std::optional<Cidr> Loader::cidr(const YamlNode* node) {
  if (node == nullptr) return std::nullopt;
  const std::optional<std::string> text = scalar_text(*node, "an address", problems_);
  if (!text) return std::nullopt;
  std::optional<Cidr> parsed = Cidr::parse(*text);
  if (parsed) return parsed;
  const std::size_t slash = text->find('/');
  const bool address = IpAddress::parse(std::string_view{*text}.substr(0, slash)).has_value();
  problems_.add(node->where, address
                                 ? fmt::format("{} is no network: its prefix is too long, or bits beyond it are not zero", in_quotes(*text))
                                 : fmt::format("{} is no IP address or network", in_quotes(*text)));
  return std::nullopt;
}

std::optional<Role> Loader::role(const YamlNode& node) {
  const std::optional<std::string> name = scalar_text(node, "role", problems_);
  if (!name) return std::nullopt;
  const std::optional<Role> found = find_role(*name);
  if (!found) add_unknown_name(problems_, node.where, "role", *name, kRoleNames);
  return found;
}

RoleSet Loader::roles(const YamlMap& map) {
  RoleSet set;
  for (const YamlNode& node : map.items("roles")) {
    if (const std::optional<Role> found = role(node)) set.set(static_cast<std::size_t>(*found));
  }
  return set;
}

std::vector<Cidr> Loader::cidrs(const YamlMap& map, std::string_view key) {
  std::vector<Cidr> all;
  for (const YamlNode& node : map.items(key)) {
    if (const std::optional<Cidr> parsed = cidr(&node)) all.push_back(*parsed);
  }
  return all;
}

std::vector<std::string> Loader::texts(std::span<const YamlNode> nodes, std::string_view what) {
  std::vector<std::string> all;
  for (const YamlNode& node : nodes) {
    if (std::optional<std::string> text = scalar_text(node, what, problems_)) all.push_back(std::move(*text));
  }
  return all;
}

std::string Loader::chosen(const YamlMap& map, std::string_view key, std::span<const std::string_view> names, std::string_view otherwise) {
  const std::optional<std::size_t> choice = map.choice(key, names);
  return std::string{choice ? names[*choice] : otherwise};
}

[[noreturn]] void fail(const YamlProblems& problems, std::string_view source) {
  std::string text;
  std::vector<TopologyProblem> found;
  for (const YamlProblem& problem : problems.sorted()) {
    const std::string line = to_text(problem, source);
    text += text.empty() ? line : "\n" + line;
    found.push_back({.line = problem.where.line, .severity = ProblemSeverity::error, .message = line});
  }
  throw TopologyError{text, std::move(found)};
}

}  // namespace

Topology parse_topology(std::string_view text, std::string_view source) {
  YamlProblems problems;
  Topology topology;
  if (const std::optional<YamlNode> root = parse_yaml(text, problems)) topology = Loader{problems}.load(*root);
  if (!problems.empty()) fail(problems, source);
  return topology;
}

Topology load_topology(const std::filesystem::path& path) {
  YamlProblems problems;
  const std::optional<std::string> text = read_text_file(path, problems);
  if (!text) fail(problems, path.string());
  return parse_topology(*text, path.string());
}

}  // namespace sealtrace
