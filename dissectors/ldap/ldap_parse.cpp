#include "dissectors/ldap/ldap_parse.hpp"

#include <algorithm>
#include <array>

namespace sealtrace {
namespace {

constexpr BerTag kReferral = ber_context(3, BerForm::constructed);
constexpr BerTag kResponseName = ber_context(10, BerForm::primitive);
constexpr BerTag kControls = ber_context(0, BerForm::constructed);

/// begins_with is the first component of an operation's content; nothing for operations that are one primitive value.
std::optional<BerTag> begins_with(LdapOperation operation) {
  switch (operation) {
    case LdapOperation::bind_request: return BerTag::integer;  // version
    case LdapOperation::bind_response:
    case LdapOperation::search_result_done:
    case LdapOperation::modify_response:
    case LdapOperation::add_response:
    case LdapOperation::del_response:
    case LdapOperation::modify_dn_response:
    case LdapOperation::compare_response:
    case LdapOperation::extended_response: return BerTag::enumerated;  // resultCode
    case LdapOperation::search_request:
    case LdapOperation::search_result_entry:
    case LdapOperation::modify_request:
    case LdapOperation::add_request:
    case LdapOperation::modify_dn_request:
    case LdapOperation::compare_request:
    case LdapOperation::search_result_reference: return BerTag::octet_string;         // a name
    case LdapOperation::extended_request: return ber_context(0, BerForm::primitive);  // requestName
    case LdapOperation::unbind_request:
    case LdapOperation::del_request:
    case LdapOperation::abandon_request:
    case LdapOperation::intermediate_response: return std::nullopt;
  }
  return std::nullopt;
}

/// fits tells what an operation's length can be.
bool fits(LdapOperation operation, std::uint32_t length) {
  constexpr std::uint32_t kMaxIdBytes = 4;
  if (operation == LdapOperation::unbind_request) return length == 0;
  if (operation == LdapOperation::abandon_request) return length >= 1 && length <= kMaxIdBytes;
  return !begins_with(operation) || length >= 2;
}

}  // namespace

StaticText ldap_operation_name(LdapOperation operation) {
  switch (operation) {
    case LdapOperation::bind_request: return "bind request";
    case LdapOperation::bind_response: return "bind response";
    case LdapOperation::unbind_request: return "unbind request";
    case LdapOperation::search_request: return "search request";
    case LdapOperation::search_result_entry: return "search result entry";
    case LdapOperation::search_result_done: return "search result done";
    case LdapOperation::modify_request: return "modify request";
    case LdapOperation::modify_response: return "modify response";
    case LdapOperation::add_request: return "add request";
    case LdapOperation::add_response: return "add response";
    case LdapOperation::del_request: return "delete request";
    case LdapOperation::del_response: return "delete response";
    case LdapOperation::modify_dn_request: return "modify DN request";
    case LdapOperation::modify_dn_response: return "modify DN response";
    case LdapOperation::compare_request: return "compare request";
    case LdapOperation::compare_response: return "compare response";
    case LdapOperation::abandon_request: return "abandon request";
    case LdapOperation::search_result_reference: return "search result reference";
    case LdapOperation::extended_request: return "extended request";
    case LdapOperation::extended_response: return "extended response";
    case LdapOperation::intermediate_response: return "intermediate response";
  }
  return {};
}

Parsed<LdapHead> parse_ldap_head(Bytes octets) {
  constexpr std::uint32_t kMaxMessageIdBytes = 4;  // 0 to 2^31 - 1 (RFC 4511 section 4.1.1)
  ParseScope scope;
  ByteReader reader{octets, scope};
  LdapHead head;
  const BerHeader message = read_ber_header(reader, "LDAPMessage");
  reader.require(message.tag == BerTag::sequence, "LDAPMessage");
  reader.supported(message.length <= kMaxLdapMessageBytes, "LDAPMessage");
  const std::size_t begin = reader.offset();
  head.message_bytes = begin + message.length;
  // What is read below must lie inside the message, whose end may not be there.
  const auto left = [&] { return head.message_bytes - std::min(head.message_bytes, reader.offset()); };

  const BerHeader message_id = read_ber_header(reader, "messageID");
  reader.require(message_id.tag == BerTag::integer, "messageID");
  reader.require(message_id.length >= 1 && message_id.length <= kMaxMessageIdBytes && message_id.length < left(), "messageID");
  std::uint32_t id = 0;
  for (std::uint32_t i = 0; i < message_id.length && scope.ok(); ++i) {
    const std::uint8_t octet = reader.u8("messageID");
    reader.require(i > 0 || octet < 0x80, "messageID");
    id = id << 8 | octet;
  }
  head.message_id = static_cast<std::int32_t>(id);

  reader.require(left() >= 2, "protocolOp");
  const BerHeader operation = read_ber_header(reader, "protocolOp");
  head.operation = LdapOperation{static_cast<std::uint8_t>(operation.tag)};
  reader.supported(!ldap_operation_name(head.operation).empty(), "protocolOp");
  reader.require(operation.length <= left() && fits(head.operation, operation.length), "protocolOp");
  head.operation_offset = reader.offset();
  head.operation_bytes = operation.length;
  reader.require(operation.length == left() || left() - operation.length >= 2, "controls");
  if (const auto first = begins_with(head.operation)) reader.require(BerTag{reader.u8("protocolOp")} == *first, "protocolOp");
  if (operation.length == 0 && left() > 0) reader.require(BerTag{reader.u8("controls")} == kControls, "controls");
  return scope.finish(head);
}

bool asks_root_dse(Bytes operation) {
  constexpr std::array<std::uint8_t, kRootDseBytes> kEmptyBase{0x04, 0x00, 0x0A, 0x01, 0x00};  // OCTET STRING "", ENUMERATED 0
  return operation.size() >= kRootDseBytes && std::ranges::equal(operation.first(kRootDseBytes), kEmptyBase);
}

bool may_be_root_dse(Bytes operation) {
  constexpr std::array<std::uint8_t, kRootDseEntryBytes> kEmptyName{0x04, 0x00};  // OCTET STRING ""
  return operation.size() >= kRootDseEntryBytes && std::ranges::equal(operation.first(kRootDseEntryBytes), kEmptyName);
}

Parsed<LdapBindRequest> parse_ldap_bind_request(Bytes operation, ParseErrorCode short_read) {
  ParseScope scope{short_read};
  ByteReader reader{operation, scope};
  LdapBindRequest request;
  const std::int64_t version = read_ber_integer(reader, BerTag::integer, "version");
  reader.require(version >= 1 && version <= 127, "version");
  read_ber(reader, BerTag::octet_string, "name");
  BerElement authentication = read_ber(reader, "authentication");
  if (authentication.tag == ber_context(0, BerForm::primitive)) {
    request.authentication = LdapAuthentication::simple;
    request.credentials = authentication.content.rest();
  } else if (authentication.tag == ber_context(3, BerForm::constructed)) {
    request.authentication = LdapAuthentication::sasl;
    request.mechanism = as_text(read_ber(authentication.content, BerTag::octet_string, "mechanism").rest());
    if (authentication.content.more()) request.credentials = read_ber(authentication.content, BerTag::octet_string, "credentials").rest();
  } else if (authentication.tag >= ber_context(9, BerForm::primitive) && authentication.tag <= ber_context(11, BerForm::primitive)) {
    request.authentication = LdapAuthentication::sicily;
    request.credentials = authentication.content.rest();
  } else {
    request.authentication = LdapAuthentication::other;
  }
  return scope.finish(request);
}

Parsed<LdapResult> parse_ldap_result(Bytes operation, ParseErrorCode short_read) {
  ParseScope scope{short_read};
  ByteReader reader{operation, scope};
  LdapResult result;
  result.result_code = LdapResultCode{static_cast<std::int32_t>(read_ber_integer(reader, BerTag::enumerated, "resultCode"))};
  read_ber(reader, BerTag::octet_string, "matchedDN");
  read_ber(reader, BerTag::octet_string, "diagnosticMessage");
  if (next_ber_is(reader, kReferral)) read_ber(reader, "referral");
  if (next_ber_is(reader, kResponseName)) result.response_name = as_text(read_ber(reader, "responseName").content.rest());
  return scope.finish(result);
}

Parsed<std::string_view> parse_ldap_request_name(Bytes operation, ParseErrorCode short_read) {
  ParseScope scope{short_read};
  ByteReader reader{operation, scope};
  const std::string_view name = as_text(read_ber(reader, ber_context(0, BerForm::primitive), "requestName").rest());
  return scope.finish(name);
}

}  // namespace sealtrace
