// What suggests a role: the tables behind policy/propose.hpp. Each row names its source.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/application_facts.hpp"
#include "model/audit.hpp"
#include "model/ip_address.hpp"
#include "policy/role_mask.hpp"

namespace sealtrace {

/// Speaks is what must have been read on a port before its row counts: a port alone says nothing.
enum class Speaks : std::uint8_t { tls, sip_or_tls };

/// OpenerWhen says when a row tells something of the side that opened the connection.
enum class OpenerWhen : std::uint8_t { never, with_certificate, with_tls };

/// ListenerRow is one port of the product's port pages.
struct ListenerRow {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  Speaks speaks{};
  RoleMask listener = 0;
  ProposalStrength strength{};
  std::string_view what;  ///< the port in words
  OpenerWhen opener_when = OpenerWhen::never;
  RoleMask opener = 0;
};
/// find_listener gives the row of a TCP port; nullptr for none.
const ListenerRow* find_listener(std::uint16_t port);

/// NameRow is a host name that means something: the first label as it is or, with `numbered`, without digits and hyphens at its end.
struct NameRow {
  std::string_view label;
  std::string_view domain;  ///< the rest of the name; empty: any
  RoleMask role = 0;
  ProposalStrength strength{};
  bool numbered = false;
  bool service = false;  ///< a service's name rather than a host's
  std::string_view what;
};
/// find_name gives the row of a host name, letter case ignored; nullptr for none.
const NameRow* find_name(std::string_view name);

/// ServiceRow is the owner of an SRV record: its target has the role.
struct ServiceRow {
  std::string_view service;  ///< "_sip._tls"
  RoleMask role = 0;
  ProposalStrength strength{};
};
const ServiceRow* find_service(std::string_view owner);

/// ProductRow is a word of a SIP product's own name (User-Agent, Server), letter case ignored.
struct ProductRow {
  std::string_view word;
  RoleMask user_agent = 0;  ///< of who sends it in a request of its own; 0: says nothing
  RoleMask server = 0;      ///< of who sends it in a response
};
const ProductRow* find_product(std::string_view name);

/// roles_of_path gives who serves such an HTTP path; 0 for none.
RoleMask roles_of_path(HttpPathClass path);

/// ProtocolRow is a protocol of the infrastructure that one role serves, by the name its dissector gives.
struct ProtocolRow {
  std::string_view protocol;
  RoleMask server = 0;
  ProposalStrength strength{};
  std::string_view what;
};
std::span<const ProtocolRow> protocol_rows();

}  // namespace sealtrace
