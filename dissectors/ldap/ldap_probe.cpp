#include "dissectors/ldap/ldap_probe.hpp"

#include <memory>

#include "dissectors/ldap/ldap_security_layer.hpp"
#include "dissectors/ldap/ldap_session.hpp"

namespace sealtrace {
namespace {

Recognition recognition_of(const ParseError& error) {
  return error.code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
}

/// is_of_cldap names the operations that travel in datagrams (RFC 1798 section 4, [MS-ADTS] section 3.1.1.3).
bool is_of_cldap(LdapOperation operation) {
  return operation == LdapOperation::search_request || operation == LdapOperation::search_result_entry ||
         operation == LdapOperation::search_result_done || operation == LdapOperation::search_result_reference ||
         operation == LdapOperation::abandon_request;
}

/// probe_layer takes a stream that is seen from behind its bind: nothing but the token tells, so the port must agree.
Recognition probe_layer(const ProbeInput& input) {
  constexpr std::uint16_t kLdapPort = 389;
  constexpr std::uint16_t kGlobalCatalogPort = 3268;
  const auto is_ldap = [](std::uint16_t port) { return port == kLdapPort || port == kGlobalCatalogPort; };
  if (!is_ldap(input.source_port) && !is_ldap(input.destination_port)) return Recognition::no;
  const auto buffer = parse_ldap_buffer(input.bytes);
  if (!buffer) return recognition_of(buffer.error());
  switch (buffer->layer) {
    case LdapLayer::sealed:
    case LdapLayer::readable: return Recognition::yes;
    case LdapLayer::token: return kLayerHeaderBytes + buffer->length > input.bytes.size() ? Recognition::need_more : Recognition::yes;
    case LdapLayer::opaque: break;
  }
  return Recognition::no;
}

Recognition probe(const ProbeInput& input) {
  constexpr auto kSequence = static_cast<std::uint8_t>(BerTag::sequence);
  if (input.bytes.empty()) return input.transport == Transport::tcp ? Recognition::need_more : Recognition::no;
  if (input.transport == Transport::tcp && input.bytes[0] == 0) return probe_layer(input);
  if (input.bytes[0] != kSequence) return Recognition::no;
  const auto head = parse_ldap_head(input.bytes);
  if (input.transport == Transport::tcp) return head ? Recognition::yes : recognition_of(head.error());
  return input.transport == Transport::udp && head && is_of_cldap(head->operation) ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<LdapSession>(); }

}  // namespace

const Dissector kLdapDissector{.name = "ldap", .probe = probe, .open = open};

}  // namespace sealtrace
