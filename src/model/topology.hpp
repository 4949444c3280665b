// Topology: who is who in the audited deployment, as the administrator states it. The file format is docs/topology.md; reading
// and resolving it is src/topology.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/ip_address.hpp"
#include "model/roles.hpp"

namespace sealtrace {

struct TopologyZone {
  std::string name;
  std::vector<Cidr> networks;
  std::uint32_t line = 0;  ///< in the topology file, from 1
};

/// TopologyWeb names the web services of a pool or host; empty: not stated.
struct TopologyWeb {
  std::string internal;  ///< FQDN by which clients inside reach them
  std::string external;  ///< FQDN by which the reverse proxy publishes them
  [[nodiscard]] bool stated() const { return !internal.empty() || !external.empty(); }
};

struct TopologyPool {
  std::string fqdn;
  Role role{};
  std::vector<std::string> members;
  TopologyWeb web;         ///< of every member
  std::uint32_t line = 0;  ///< in the topology file, from 1
};

/// HostAddress is one address (or network) of a host; empty `roles` means the host's.
struct HostAddress {
  Cidr address;
  RoleSet roles;
  std::optional<IpAddress> nat;  ///< the address that others see
  std::uint32_t line = 0;        ///< in the topology file, from 1
};

struct TopologyHost {
  std::string fqdn;
  RoleSet roles;
  std::vector<HostAddress> addresses;
  TopologyWeb web;                     ///< of a server whose pool states none
  std::vector<std::string> publishes;  ///< by a reverse proxy, if not everything
  bool hides_sources = false;          ///< a load balancer whose address stands for many sources
  std::uint32_t line = 0;              ///< in the topology file, from 1
};

struct TopologyNetwork {
  std::string name;  ///< the CIDR as written unless named
  Cidr cidr;
  RoleSet roles;
  std::uint32_t line = 0;  ///< in the topology file, from 1
};

enum class SrtpMode : std::uint8_t { unset, required, optional, not_supported };

struct TopologyTrunk {
  std::string gateway;     ///< FQDN of a host
  std::string mediation;   ///< FQDN of a host
  std::uint16_t port = 0;  ///< 0: any
  std::string transport;   ///< tls, tcp or udp; empty: not stated
  SrtpMode srtp_mode = SrtpMode::unset;
  std::uint32_t line = 0;  ///< in the topology file, from 1
};

struct TopologyPartner {
  std::string domain;
  std::string kind;  ///< sip, xmpp or public
  std::vector<Cidr> addresses;
  std::string xmpp_tls;  ///< required, optional, not-supported; empty: not stated
  std::string xmpp_sasl;
  std::optional<bool> xmpp_dialback;
  std::uint32_t line = 0;  ///< in the topology file, from 1
};

/// TopologySimpleUrls lists the hosts of the simple URLs; one host may serve several.
struct TopologySimpleUrls {
  std::vector<std::string> meet;
  std::vector<std::string> dialin;
  std::vector<std::string> admin;  ///< inside only
};

struct TopologySettings {
  std::string encryption_level = "required";  ///< required, supported, not-supported
  std::string internal_im_tcp = "tolerated";  ///< tolerated, forbidden
  bool fips = false;
  std::string um_security = "secured";  ///< of the Unified Messaging dial plan: secured, sip-secured, unsecured
};

/// TopologyTrust lists PEM files as written; paths are relative to the topology file.
struct TopologyTrust {
  std::vector<std::string> internal_ca;
  std::vector<std::string> public_ca;
  std::map<std::string, std::vector<std::string>> partner_ca;
};

struct Topology {
  std::string name;
  std::string product;  ///< name of the default policy; empty: not stated
  std::string sha256;   ///< of the file, upper-case hex
  std::vector<std::string> sip_domains;
  TopologySimpleUrls simple_urls;
  std::vector<TopologyZone> zones;
  std::vector<TopologyPool> pools;
  std::vector<TopologyHost> hosts;
  std::vector<TopologyNetwork> networks;
  std::vector<TopologyTrunk> trunks;
  std::vector<TopologyPartner> partners;
  TopologySettings settings;
  TopologyTrust trust;
};

/// AssetKind is what gave an asset its name, most specific first.
enum class AssetKind : std::uint8_t { host, network, partner, address };

/// Asset is one end of legs: a host of the topology, else a network entry that its members collapse into, else an address.
struct Asset {
  AssetKind kind = AssetKind::address;
  std::string name;
  RoleSet roles;
  std::string zone = "external";
  std::string domain;  ///< of a partner
  bool hides_sources = false;

  [[nodiscard]] bool has(Role role) const { return roles.test(static_cast<std::size_t>(role)); }
};

}  // namespace sealtrace
