// LDAP messages (RFC 4511 section 4): the head of every one, and the whole of those that authenticate or change into TLS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/static_text.hpp"
#include "proto/ber.hpp"

namespace sealtrace {

/// LdapOperation is the tag of protocolOp (RFC 4511 section 4.2 and following).
enum class LdapOperation : std::uint8_t {
  bind_request = 0x60,
  bind_response = 0x61,
  unbind_request = 0x42,
  search_request = 0x63,
  search_result_entry = 0x64,
  search_result_done = 0x65,
  modify_request = 0x66,
  modify_response = 0x67,
  add_request = 0x68,
  add_response = 0x69,
  del_request = 0x4A,
  del_response = 0x6B,
  modify_dn_request = 0x6C,
  modify_dn_response = 0x6D,
  compare_request = 0x6E,
  compare_response = 0x6F,
  abandon_request = 0x50,
  search_result_reference = 0x73,
  extended_request = 0x77,
  extended_response = 0x78,
  intermediate_response = 0x79,
};

/// ldap_operation_name gives the operation in words ("search request"); empty for a tag that is none.
StaticText ldap_operation_name(LdapOperation operation);

/// kMaxLdapMessageBytes bounds a message: Active Directory takes 10 MiB (MaxReceiveBuffer), others less.
inline constexpr std::uint32_t kMaxLdapMessageBytes = 64U << 20;

/// LdapHead is what stands in front of an operation's content. Offsets and lengths are in octets.
struct LdapHead {
  std::int32_t message_id = 0;
  LdapOperation operation{};
  std::size_t message_bytes = 0;     ///< of the whole LDAPMessage
  std::size_t operation_offset = 0;  ///< of the operation's content
  std::size_t operation_bytes = 0;   ///< of the operation's content
};

/// parse_ldap_head reads the head of the message at the start of `octets`, whose end need not be there, and the identifier of the first
/// component of its operation, which tells LDAP from other BER. Fails as need_more while these are not there; as malformed for lengths that
/// do not fit into each other, a message id below 0, and a component that the operation does not begin with; as unsupported for an
/// operation that is not known and above kMaxLdapMessageBytes.
Parsed<LdapHead> parse_ldap_head(Bytes octets);

/// kRootDseBytes of a search's content tell whether it asks for the root DSE.
inline constexpr std::size_t kRootDseBytes = 5;

/// asks_root_dse says that a SearchRequest asks for the root DSE (RFC 4512 section 5.1): an empty baseObject and the scope baseObject. The
/// first kRootDseBytes octets of its content tell.
bool asks_root_dse(Bytes operation);

/// kRootDseEntryBytes of an entry's content tell whether it can be the root DSE.
inline constexpr std::size_t kRootDseEntryBytes = 2;

/// may_be_root_dse says that a SearchResultEntry has an empty objectName, which is the name of the root DSE alone (RFC 4512 section 5.1).
/// The first kRootDseEntryBytes octets of its content tell.
bool may_be_root_dse(Bytes operation);

/// LdapAuthentication is the CHOICE of a BindRequest (RFC 4511 section 4.2; sicily: [MS-ADTS] section 5.1.1.1.3).
enum class LdapAuthentication : std::uint8_t { simple, sasl, sicily, other };

/// LdapBindRequest borrows. `credentials` are of any kind: a password, a SASL response, an NTLM message.
struct LdapBindRequest {
  LdapAuthentication authentication{};
  std::string_view mechanism;  ///< of SASL
  Bytes credentials;
};

/// parse_ldap_bind_request reads the content of a BindRequest.
Parsed<LdapBindRequest> parse_ldap_bind_request(Bytes operation, ParseErrorCode short_read = ParseErrorCode::malformed);

/// LdapResultCode (RFC 4511 section 4.1.9), as far as it decides what follows.
enum class LdapResultCode : std::int32_t { success = 0, sasl_bind_in_progress = 14 };

/// LdapResult is the result of a BindResponse or an ExtendedResponse; `response_name` is of the latter, empty when absent, and borrows.
struct LdapResult {
  LdapResultCode result_code{};
  std::string_view response_name;
};

/// parse_ldap_result reads the content of a response that begins with an LDAPResult.
Parsed<LdapResult> parse_ldap_result(Bytes operation, ParseErrorCode short_read = ParseErrorCode::malformed);

/// parse_ldap_request_name reads the requestName of an ExtendedRequest (RFC 4511 section 4.12).
Parsed<std::string_view> parse_ldap_request_name(Bytes operation, ParseErrorCode short_read = ParseErrorCode::malformed);

/// kLdapStartTls is the name of the StartTLS operation (RFC 4511 section 4.14.1).
inline constexpr std::string_view kLdapStartTls = "1.3.6.1.4.1.1466.20037";

}  // namespace sealtrace
