// Signatures: protocols that are told by their first octets, without a parser of their own. The table is signature_table.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dissect/session.hpp"
#include "model/application_facts.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// Standing is what a protocol's presence says: its content is readable; it protects what it carries; it is readable and meant to be.
enum class Standing : std::uint8_t { clear, protects, clear_by_design };

/// Certainty is what a matcher makes of octets. `maybe`: they fit, and many others would; another datagram has to agree.
enum class Certainty : std::uint8_t { none, need_more, maybe, sure };

/// Sight is a matcher's answer. `words` is what was read, or how it protects; a static string, empty when the row's own do.
struct Sight {
  Certainty certainty = Certainty::none;
  StaticText words = {};
  std::optional<Standing> standing = {};  ///< where it is not the row's
  std::optional<AuthenticationScheme> credential = {};
};

/// Memory is what a matcher remembers of the datagrams of a flow that it saw before, to see that one answers or follows another.
struct Memory {
  /// Index is what WireGuard's peer calls a session: the datagrams of `sender` carry it.
  struct Index {
    Side sender = Side::initiator;
    std::uint32_t number = 0;
    std::uint64_t counter = 0;
    bool sure = false;  ///< a handshake named it, or its counter went on
  };
  bool used = false;
  bool sure = false;            ///< the row was sure of a datagram before
  std::uint32_t num_maybe = 0;  ///< datagrams that fit, and were left to others
  Side sender = Side::initiator;
  std::uint64_t token = 0;
  std::vector<Index> indices;
};

/// Look is what a matcher is shown: the first octets of one side of a stream, or a datagram. `hinted` when the flow uses the row's port.
struct Look {
  Bytes bytes;
  bool hinted = false;
  Side sender = Side::initiator;
};

using Matcher = Sight (*)(const Look& look, Memory& memory);

/// Follow names how a stream goes on once its signature is seen: not at all, or by a session of its own.
enum class Follow : std::uint8_t { nothing, ssh, text, rdp, dcerpc };

/// Signature is one row. `ports` are hints: a matcher says what it needs them for; 0 for none. `source` is where the octets are specified.
struct Signature {
  StaticText name;
  Transport transport;
  std::uint16_t port;
  std::uint16_t other_port;
  Matcher matches;
  Standing standing;
  StaticText words;
  std::string_view source;
  Follow follow = Follow::nothing;
  bool joins_mid_stream = false;  ///< streams: told at a later segment, too

  [[nodiscard]] bool has_port(std::uint16_t number) const { return number != 0 && (number == port || number == other_port); }
};

/// signature_table lists all rows, in the order in which they are asked.
std::span<const Signature> signature_table();

// The matchers, by transport.
namespace datagram {
Sight ras(const Look& look, Memory& memory);
Sight mgcp(const Look& look, Memory& memory);
Sight iax2(const Look& look, Memory& memory);
Sight kerberos(const Look& look, Memory& memory);
Sight dcerpc(const Look& look, Memory& memory);
Sight ike(const Look& look, Memory& memory);
Sight wireguard(const Look& look, Memory& memory);
Sight openvpn(const Look& look, Memory& memory);
Sight zrtp(const Look& look, Memory& memory);
Sight dhcp(const Look& look, Memory& memory);
Sight dhcpv6(const Look& look, Memory& memory);
Sight ntp(const Look& look, Memory& memory);
Sight syslog(const Look& look, Memory& memory);
Sight snmp(const Look& look, Memory& memory);
Sight ssdp(const Look& look, Memory& memory);
Sight ssrp(const Look& look, Memory& memory);
Sight netbios(const Look& look, Memory& memory);
}  // namespace datagram

namespace stream {
Sight h225(const Look& look, Memory& memory);
Sight msrp(const Look& look, Memory& memory);
Sight c3p(const Look& look, Memory& memory);
Sight sccp(const Look& look, Memory& memory);
Sight kerberos(const Look& look, Memory& memory);
Sight msmq(const Look& look, Memory& memory);
Sight openvpn(const Look& look, Memory& memory);
Sight syslog(const Look& look, Memory& memory);
Sight ssh(const Look& look, Memory& memory);
Sight rdp(const Look& look, Memory& memory);
Sight dcerpc(const Look& look, Memory& memory);
Sight smtp(const Look& look, Memory& memory);
Sight ftp(const Look& look, Memory& memory);
Sight imap(const Look& look, Memory& memory);
Sight pop3(const Look& look, Memory& memory);
}  // namespace stream

/// kerberos_message tells a Kerberos message by its tag and version (RFC 4120 section 5.10): need_more while they are not there.
Sight kerberos_message(Bytes message);

}  // namespace sealtrace
