#include "dissectors/ldap/ldap_session.hpp"

#include <algorithm>
#include <utility>

#include "dissectors/ldap/ldap_credentials.hpp"
#include "dissectors/ldap/ldap_security_layer.hpp"
#include "proto/tls_ahead.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

constexpr StaticText kLdap{"ldap"};
constexpr StaticText kCldap{"cldap"};
constexpr auto kSequence = static_cast<std::uint8_t>(BerTag::sequence);
/// kMaxHeldMessageBytes bounds a bind or an extended operation that is read whole: Kerberos tickets stay below 64 KiB (MaxTokenSize).
constexpr std::size_t kMaxHeldMessageBytes = 128U << 10;
/// kMaxGaps bounds the gaps a side reports: more of the same tells nothing new.
constexpr std::uint8_t kMaxGaps = 8;
/// kMaxSearchBytes is how far a message is searched, in octets: more than Active Directory puts into one result (1,000 entries).
constexpr std::uint32_t kMaxSearchBytes = 1U << 20;

constexpr Progress kDone{.consumed = 0, .need = 1, .done = true};

Progress passed(std::uint64_t consumed) { return {.consumed = consumed, .need = 1, .done = false}; }
constexpr Progress kHandOver{.consumed = 0, .need = 1, .done = false, .hand_over = true};

/// must_be_whole names the operations whose content decides what follows.
bool must_be_whole(LdapOperation operation) {
  return operation == LdapOperation::bind_request || operation == LdapOperation::bind_response ||
         operation == LdapOperation::extended_request || operation == LdapOperation::extended_response;
}

/// told_by_bytes is how many octets of an operation's content tell what is told of it.
std::size_t told_by_bytes(LdapOperation operation) {
  if (operation == LdapOperation::search_request) return kRootDseBytes;
  return operation == LdapOperation::search_result_entry ? kRootDseEntryBytes : 0;
}

FactBody layer_fact(LdapLayer layer) {
  switch (layer) {
    case LdapLayer::readable: return ReadInClear{.protocol = kLdap, .what = "message in a SASL layer that does not seal"};
    case LdapLayer::sealed: return OtherProtection{.protocol = kLdap, .how = "SASL layer, sealed"};
    case LdapLayer::token:
    case LdapLayer::opaque: break;
  }
  return OtherProtection{.protocol = kLdap, .how = "SASL layer"};
}

void report_unreadable(const ParseError& error, const Chunk& chunk, std::size_t offset, std::size_t length, FactSink& facts) {
  facts.report(chunk.fact(unreadable_fact(error), offset, length));
}

}  // namespace

Progress LdapSession::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& sender = half(chunk.sender);
  const std::size_t size = chunk.bytes.size();
  if (sender.done || size == 0) return {.consumed = size, .need = 1, .done = sender.done};
  sender.last_time = chunk.origin->time_at(size - 1);
  sender.last_evidence = chunk.origin->at(size - 1, 1);
  std::uint64_t at = 0;
  while (at < size) {
    Progress progress = take(sender, chunk, static_cast<std::size_t>(at), facts);
    sender.done = progress.done;
    const bool goes_on = progress.consumed > 0 && !progress.done && !progress.hand_over;
    at += progress.consumed;
    if (goes_on) continue;
    progress.consumed = at;
    return progress;
  }
  return passed(at);
}

Progress LdapSession::take(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts) {
  const Bytes rest = chunk.bytes.subspan(at);
  const TlsAhead tls = tls_ahead(rest);
  if (start_tls_id_ && start_tls_side_ == chunk.sender) {  // RFC 4511 section 4.14.1: nothing is sent before the answer
    if (tls == TlsAhead::more_records) return kHandOver;
    const bool hopeless = tls == TlsAhead::no && this->half(other(chunk.sender)).done;
    return hopeless ? kDone : wait_for(rest.size() + 1);
  }
  if (half.found == Found::searching) return search(half, chunk, at, facts);
  if (tls == TlsAhead::need_more) return wait_for(rest.size() + 1);
  if (tls != TlsAhead::no) return kHandOver;
  return rest[0] == kSequence ? take_message(half, chunk, at, facts) : take_buffer(half, chunk, at, facts);
}

Progress LdapSession::take_message(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts) {
  const Bytes rest = chunk.bytes.subspan(at);
  const auto head = parse_ldap_head(rest);
  if (!head) return give_up(half, head.error(), chunk, at, facts);
  half.found = Found::sure;
  half.searched_bytes = 0;
  if (must_be_whole(head->operation)) {
    if (head->message_bytes > kMaxHeldMessageBytes) {
      facts.report(chunk.fact(BudgetExceeded{.budget = "ldap_message_bytes"}, at, rest.size()));
      return passed(head->message_bytes);
    }
    if (rest.size() < head->message_bytes) return wait_for(head->message_bytes);
  }
  const std::size_t told_by = std::min(head->operation_bytes, told_by_bytes(head->operation));
  if (rest.size() < head->operation_offset + told_by) return wait_for(head->operation_offset + told_by);
  const Place place{.chunk = chunk, .offset = at, .length = std::min(head->message_bytes, rest.size())};
  Progress progress = passed(head->message_bytes);
  progress.hand_over = on_message(half, *head, place, facts);
  return progress;
}

Progress LdapSession::take_buffer(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts) {
  const Bytes rest = chunk.bytes.subspan(at);
  const auto buffer = parse_ldap_buffer(rest);
  if (!buffer) return give_up(half, buffer.error(), chunk, at, facts);
  // Without a bind that installed the layer only what a token proves of itself counts: the stream may have been joined behind it.
  const bool known = buffer->layer != LdapLayer::opaque || bind_ == Bind::succeeded || half.layered;
  if (half.found == Found::candidate || bind_ == Bind::refused || !known) {
    const bool malformed = bind_ == Bind::none || bind_ == Bind::refused;
    return give_up(half, {.code = malformed ? ParseErrorCode::malformed : ParseErrorCode::unsupported, .offset = 0, .field = "LDAPMessage"},
                   chunk, at, facts);
  }
  half.found = Found::sure;
  half.layered = true;
  const LdapLayer layer = buffer->layer == LdapLayer::opaque ? LdapLayer::token : buffer->layer;
  const std::size_t length = kLayerHeaderBytes + buffer->length;
  if (first_time(half.layers, static_cast<unsigned>(layer))) facts.report(chunk.fact(layer_fact(layer), at, std::min(length, rest.size())));
  return passed(length);
}

Progress LdapSession::give_up(Half& half, const ParseError& error, const Chunk& chunk, std::size_t at, FactSink& facts) {
  const std::size_t left = chunk.bytes.size() - at;
  if (error.code == ParseErrorCode::need_more) return wait_for(left + 1);
  if (half.found != Found::sure) {
    half.found = Found::searching;
    return passed(1);
  }
  report_unreadable(error, chunk, at, left, facts);
  return kDone;
}

/// search passes over octets up to a message. The message itself is passed over, too: what stands where it ends tells whether it was one.
Progress LdapSession::search(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts) {
  const std::size_t begin = at;
  for (; at < chunk.bytes.size(); ++at) {
    if (chunk.bytes[at] == kSequence) {
      const auto head = parse_ldap_head(chunk.bytes.subspan(at));
      if (head) {
        half.found = Found::candidate;
        return passed(at - begin + head->message_bytes);
      }
      if (head.error().code == ParseErrorCode::need_more)
        return {.consumed = at - begin, .need = static_cast<std::uint32_t>(chunk.bytes.size() - at + 1), .done = false};
    }
    if (++half.searched_bytes <= kMaxSearchBytes) continue;
    facts.report(chunk.fact(MessageUnreadable{.field = "message boundary", .malformed = false}, at, 1));
    return kDone;
  }
  return passed(at - begin);
}

void LdapSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) {
  Half& side = half(sender);
  if (side.done || missing_bytes <= skipped) return;
  if (side.num_gaps < kMaxGaps) {
    ++side.num_gaps;
    facts.report({.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = start_tls_id_.has_value()},
                  .sender = sender,
                  .time = side.last_time,
                  .evidence = side.last_evidence});
  }
  // Buffers of a security layer have no mark to be found by, and nothing more to tell.
  side.done = side.layered;
  side.found = Found::searching;
}

void LdapSession::report_clear(Half& half, LdapOperation operation, StaticText protocol, const Place& place, FactSink& facts) {
  constexpr unsigned kTagNumberMask = 0x1F;
  if (!first_time(half.operations, static_cast<unsigned>(operation) & kTagNumberMask)) return;
  const StaticText name = ldap_operation_name(operation);
  const StaticText what = name.empty() ? StaticText{"message"} : name;
  facts.report(place.chunk.fact(ReadInClear{.protocol = protocol, .what = what}, place.offset, place.length));
}

void LdapSession::report_search(Half& half, const LdapHead& head, const Place& place, FactSink& facts) {
  struct Named {
    LdapOperation operation;
    StaticText what;
  };
  constexpr std::array<Named, 3> kRootDse{{{LdapOperation::search_request, "root DSE search request"},
                                           {LdapOperation::search_result_entry, "root DSE search result entry"},
                                           {LdapOperation::search_result_done, "root DSE search result done"}}};
  if (head.operation == LdapOperation::search_request) {
    const Bytes operation = place.chunk.bytes.subspan(place.offset + head.operation_offset);
    const bool root_dse = asks_root_dse(operation.first(std::min(operation.size(), head.operation_bytes)));
    if (root_dse) {
      root_dse_id_ = head.message_id;
    } else if (root_dse_id_ == head.message_id) {
      root_dse_id_.reset();  // the number is used again
    }
  }
  const Bytes content = place.chunk.bytes.subspan(place.offset + head.operation_offset);
  // Whatever the request was, an entry with a name is somebody's.
  const bool other_entry = head.operation == LdapOperation::search_result_entry &&
                           !may_be_root_dse(content.first(std::min(content.size(), head.operation_bytes)));
  const auto named = std::ranges::find(kRootDse, head.operation, &Named::operation);
  if (named == kRootDse.end() || root_dse_id_ != head.message_id || other_entry)
    return report_clear(half, head.operation, kLdap, place, facts);
  if (!first_time(half.root_dse, static_cast<unsigned>(named - kRootDse.begin()))) return;
  facts.report(place.chunk.fact(ReadInClear{.protocol = kLdap, .what = named->what}, place.offset, place.length));
}

bool LdapSession::on_message(Half& half, const LdapHead& head, const Place& place, FactSink& facts) {
  if (!must_be_whole(head.operation)) {
    report_search(half, head, place, facts);
    return false;
  }
  const Bytes operation = place.chunk.bytes.subspan(place.offset + head.operation_offset, head.operation_bytes);
  switch (head.operation) {
    case LdapOperation::bind_request: on_bind_request(half, operation, place, facts); return false;
    case LdapOperation::bind_response: on_bind_response(half, operation, place, facts); return false;
    case LdapOperation::extended_request: on_extended_request(half, head, operation, place, facts); return false;
    case LdapOperation::extended_response: return on_extended_response(half, head, operation, place, facts);
    case LdapOperation::unbind_request:
    case LdapOperation::search_request:
    case LdapOperation::search_result_entry:
    case LdapOperation::search_result_done:
    case LdapOperation::modify_request:
    case LdapOperation::modify_response:
    case LdapOperation::add_request:
    case LdapOperation::add_response:
    case LdapOperation::del_request:
    case LdapOperation::del_response:
    case LdapOperation::modify_dn_request:
    case LdapOperation::modify_dn_response:
    case LdapOperation::compare_request:
    case LdapOperation::compare_response:
    case LdapOperation::abandon_request:
    case LdapOperation::search_result_reference:
    case LdapOperation::intermediate_response: return false;
  }
  return false;
}

void LdapSession::on_bind_request(Half& half, Bytes operation, const Place& place, FactSink& facts) {
  bind_ = Bind::none;
  const auto request = parse_ldap_bind_request(operation);
  if (!request) return report_unreadable(request.error(), place.chunk, place.offset, place.length, facts);
  // What negotiates protection is no traffic yet: a SASL bind is told of by its credential and by what follows it.
  if (ldap_may_seal(*request)) bind_ = Bind::requested;
  if (bind_ == Bind::none) report_clear(half, LdapOperation::bind_request, kLdap, place, facts);
  const auto scheme = ldap_credential(*request);
  if (!scheme || !first_time(half.sent, static_cast<unsigned>(*scheme))) return;
  facts.report(place.chunk.fact(CredentialSent{.scheme = *scheme}, place.offset, place.length));
}

void LdapSession::on_bind_response(Half& half, Bytes operation, const Place& place, FactSink& facts) {
  const auto result = parse_ldap_result(operation);
  if (!result) return report_unreadable(result.error(), place.chunk, place.offset, place.length, facts);
  if (result->result_code == LdapResultCode::sasl_bind_in_progress) return;
  if (bind_ == Bind::none) report_clear(half, LdapOperation::bind_response, kLdap, place, facts);
  if (bind_ != Bind::requested) return;
  bind_ = result->result_code == LdapResultCode::success ? Bind::succeeded : Bind::refused;
}

void LdapSession::on_extended_request(Half& half, const LdapHead& head, Bytes operation, const Place& place, FactSink& facts) {
  const auto name = parse_ldap_request_name(operation);
  if (!name) return report_unreadable(name.error(), place.chunk, place.offset, place.length, facts);
  if (*name != kLdapStartTls) return report_clear(half, head.operation, kLdap, place, facts);
  start_tls_id_ = head.message_id;
  start_tls_side_ = place.chunk.sender;
  if (!first_time(half.phases, static_cast<unsigned>(UpgradePhase::requested))) return;
  facts.report(place.chunk.fact(UpgradeStep{.dialect = kLdap, .phase = UpgradePhase::requested}, place.offset, place.length));
}

bool LdapSession::on_extended_response(Half& half, const LdapHead& head, Bytes operation, const Place& place, FactSink& facts) {
  const auto result = parse_ldap_result(operation);
  if (!result) {
    report_unreadable(result.error(), place.chunk, place.offset, place.length, facts);
    return false;
  }
  const bool answers = start_tls_id_ == head.message_id && start_tls_side_ != place.chunk.sender;
  if (!answers && result->response_name != kLdapStartTls) {
    report_clear(half, head.operation, kLdap, place, facts);
    return false;
  }
  start_tls_id_.reset();
  const bool accepted = result->result_code == LdapResultCode::success;
  const UpgradePhase phase = accepted ? UpgradePhase::accepted : UpgradePhase::refused;
  if (first_time(half.phases, static_cast<unsigned>(phase)))
    facts.report(place.chunk.fact(UpgradeStep{.dialect = kLdap, .phase = phase}, place.offset, place.length));
  return accepted;
}

Datagram LdapSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  Half& sender = half(chunk.sender);
  std::size_t at = 0;
  while (at < chunk.bytes.size()) {
    const Bytes rest = chunk.bytes.subspan(at);
    const auto head = parse_ldap_head(rest);
    if (!head) {
      if (at == 0) return Datagram::not_mine;
      ParseError error = head.error();
      if (error.code == ParseErrorCode::need_more) error.code = chunk.cut ? ParseErrorCode::truncated : ParseErrorCode::malformed;
      report_unreadable(error, chunk, at, rest.size(), facts);
      return Datagram::taken;
    }
    const Place place{.chunk = chunk, .offset = at, .length = std::min(head->message_bytes, rest.size())};
    report_clear(sender, head->operation, kCldap, place, facts);
    if (head->message_bytes > rest.size()) {
      const ParseErrorCode code = chunk.cut ? ParseErrorCode::truncated : ParseErrorCode::malformed;
      report_unreadable({.code = code, .offset = at, .field = "LDAPMessage"}, chunk, at, rest.size(), facts);
      return Datagram::taken;
    }
    at += head->message_bytes;
  }
  return Datagram::taken;
}

}  // namespace sealtrace
