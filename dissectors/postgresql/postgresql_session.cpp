#include "dissectors/postgresql/postgresql_session.hpp"

#include <algorithm>
#include <iterator>

#include "proto/gss_token.hpp"
#include "proto/sasl_mechanism.hpp"
#include "proto/tls_ahead.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

constexpr StaticText kName{"postgresql"};
/// kMaxPasswordBytes bounds what is looked at of a message that proves the client: tickets stay below 64 KiB (MaxTokenSize).
constexpr std::size_t kMaxPasswordBytes = 64U << 10;
constexpr std::size_t kGssHeadBytes = 4;
/// kMaxGssPacketBytes is the protocol's limit (PQ_GSS_MAX_PACKET_SIZE), with room for an older server's.
constexpr std::uint32_t kMaxGssPacketBytes = 64U << 10;
constexpr Progress kHandOver{.consumed = 0, .need = 1, .done = false, .hand_over = true};

struct Words {
  char type;
  StaticText what;
};
/// kClientWords and kServerWords name what says something; the rest only frames it.
constexpr std::array kClientWords{Words{'p', "password message"}, Words{'Q', "query"},         Words{'P', "prepared statement"},
                                  Words{'B', "parameters"},       Words{'F', "function call"}, Words{'d', "copied data"}};
constexpr std::array kServerWords{
    Words{'R', "authentication request"}, Words{'E', "error"},       Words{'D', "row"}, Words{'d', "copied data"},
    Words{'K', "cancellation key"},       Words{'A', "notification"}};

/// ends_side says that nothing of the side can matter any more: authentication is over, and what the peers came for was read.
bool ends_side(char type, bool from_server) {
  return from_server ? type == 'D' || type == 'd' : type == 'Q' || type == 'B' || type == 'd' || type == 'F';
}

/// fills_segment says that octets are whole messages of a side, the last of which ends what it says: a query, Sync, or ReadyForQuery.
bool fills_segment(Bytes bytes, bool from_server) {
  constexpr std::size_t kMaxMessages = 64;
  char last = 0;
  std::uint64_t last_length = 0;
  for (std::size_t count = 0; !bytes.empty(); ++count) {
    const auto head = parse_postgresql_head(bytes, from_server);
    if (count == kMaxMessages || !head || head->length > bytes.size()) return false;
    last = head->type;
    last_length = head->length;
    const Bytes message = bytes.first(static_cast<std::size_t>(head->length));
    if (last == 'Q' && (message.size() <= kPostgresqlHeadBytes + 1 || message.back() != 0)) return false;
    if (last == 'Z' && (last_length != 6 || std::string_view{"ITE"}.find(static_cast<char>(message.back())) == std::string_view::npos))
      return false;
    bytes = bytes.subspan(message.size());
  }
  if (from_server) return last == 'Z';
  return last == 'Q' || (last == 'S' && last_length == kPostgresqlHeadBytes);
}

/// probe_server takes the first message of a server whose client was not seen: 'R' with a number that is assigned.
Recognition probe_server(Bytes bytes) {
  if (bytes.empty()) return Recognition::need_more;
  if (bytes[0] != 'R') return Recognition::no;
  const auto head = parse_postgresql_head(bytes, true);
  if (!head) return head.error().code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
  constexpr std::uint64_t kMaxRequestBytes = 256;
  if (head->length < 9 || head->length > kMaxRequestBytes) return Recognition::no;
  const auto authentication = parse_postgresql_authentication(bytes);
  if (!authentication) return Recognition::need_more;
  return *authentication <= PostgresqlAuthentication::sasl_final ? Recognition::yes : Recognition::no;
}

Recognition probe(const ProbeInput& input) {
  if (input.transport != Transport::tcp) return Recognition::no;
  if (input.bytes.empty()) return Recognition::need_more;
  if (!input.at_start) {
    const bool fits = fills_segment(input.bytes, true) || fills_segment(input.bytes, false);
    return fits ? Recognition::yes : Recognition::no;
  }
  if (input.bytes[0] != 0) return probe_server(input.bytes);
  const auto opening = parse_postgresql_opening(input.bytes);
  if (!opening) return opening.error().code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
  return Recognition::yes;
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<PostgresqlSession>(); }

void report_unreadable(const ParseError& error, const Chunk& chunk, FactSink& facts) {
  facts.report(chunk.fact(unreadable_fact(error), 0, 1));
}

void step(UpgradePhase phase, const Chunk& chunk, std::size_t length, FactSink& facts) {
  facts.report(chunk.fact(UpgradeStep{.dialect = kName, .phase = phase}, 0, length));
}

/// is_md5_response: "md5" and 32 digits (PostgreSQL documentation, "Message Flow", AuthenticationMD5Password).
bool is_md5_response(Bytes password) {
  constexpr std::size_t kResponseBytes = 35;
  const std::string_view text = as_text(password).substr(0, kResponseBytes);
  return text.size() == kResponseBytes && text.starts_with("md5") &&
         text.substr(3).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

const Dissector kPostgresqlDissector{.name = kName, .probe = probe, .open = open};

Progress PostgresqlSession::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& half = halves_[index(chunk.sender)];
  const bool client = chunk.sender == Side::initiator;
  if (half.lost) {
    if (!fills_segment(chunk.bytes, !client)) return {.consumed = chunk.bytes.size()};
    half.lost = false;
    half.stage = Stage::messages;
  }
  if (half.stage == Stage::packets) return take_packet(half, chunk, facts);
  const TlsAhead tls = tls_ahead(chunk.bytes);
  if (tls == TlsAhead::need_more) return wait_for(chunk.bytes.size() + 1);
  if (client && asked_ != Asked::nothing) {
    // Nothing is sent before the answer, which is of one octet: a client that goes on behind a hello has had it.
    if (asked_ == Asked::tls && tls == TlsAhead::more_records) return kHandOver;
    return wait_for(chunk.bytes.size() + 1);
  }
  if (tls == TlsAhead::first_record || tls == TlsAhead::more_records) return kHandOver;
  if (!client && asked_ != Asked::nothing) return take_answer(half, chunk, facts);
  if (client && half.stage == Stage::opening) return take_opening(half, chunk, facts);
  return take_message(half, chunk, facts);
}

void PostgresqlSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  Half& half = halves_[index(sender)];
  half.lost = half.stage != Stage::packets;
  const bool awaited = asked_ != Asked::nothing;
  if (sender == Side::responder) asked_ = Asked::nothing;  // the answer may be what is missing
  facts.report(
      {.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = awaited}, .sender = sender, .time = {}, .evidence = {}});
}

Progress PostgresqlSession::take_opening(Half& half, const Chunk& chunk, FactSink& facts) {
  // Fields are judged once the head is whole, so that it does not matter how it comes.
  if (chunk.bytes.size() < kPostgresqlOpeningBytes) return wait_for(kPostgresqlOpeningBytes);
  const auto opening = parse_postgresql_opening(chunk.bytes);
  if (!opening) {  // joined behind its beginning
    half.stage = Stage::messages;
    return take_message(half, chunk, facts);
  }
  if (chunk.bytes.size() < opening->length) return wait_for(opening->length);
  const auto clear = [&](StaticText what) { facts.report(chunk.fact(ReadInClear{.protocol = kName, .what = what}, 0, opening->length)); };
  switch (opening->request) {
    case PostgresqlRequest::ssl:
      asked_ = Asked::tls;
      clear("SSL request");
      step(UpgradePhase::requested, chunk, opening->length, facts);
      break;
    case PostgresqlRequest::gss_encryption:
      asked_ = Asked::gss_encryption;
      clear("GSSAPI encryption request");
      break;
    case PostgresqlRequest::cancel:
      clear("cancellation request");
      half.stage = Stage::messages;
      break;
    case PostgresqlRequest::startup:
      clear("startup message");
      half.stage = Stage::messages;
      break;
  }
  return {.consumed = opening->length};
}

/// take_answer takes the octet that answers SSLRequest or GSSENCRequest, or an ErrorResponse of a server older than them.
Progress PostgresqlSession::take_answer(Half& half, const Chunk& chunk, FactSink& facts) {
  const bool tls = asked_ == Asked::tls;
  const auto answer = static_cast<char>(chunk.bytes[0]);
  asked_ = Asked::nothing;
  if (answer == 'E') {
    if (tls) step(UpgradePhase::refused, chunk, 1, facts);
    return take_message(half, chunk, facts);
  }
  if (tls && answer == 'S') {
    step(UpgradePhase::accepted, chunk, 1, facts);
    return {.consumed = 1, .need = 1, .done = false, .hand_over = true};
  }
  if (!tls && answer == 'G') {
    for (Half& each : halves_) each.stage = Stage::packets;
    return {.consumed = 1};
  }
  if (answer == 'N') {
    if (tls) step(UpgradePhase::refused, chunk, 1, facts);
    return {.consumed = 1};
  }
  report_unreadable({.code = ParseErrorCode::malformed, .offset = 0, .field = "answer"}, chunk, facts);
  return side_done(chunk);
}

Progress PostgresqlSession::take_message(Half& half, const Chunk& chunk, FactSink& facts) {
  if (chunk.bytes.size() < kPostgresqlHeadBytes) return wait_for(kPostgresqlHeadBytes);
  const bool from_server = chunk.sender == Side::responder;
  const auto head = parse_postgresql_head(chunk.bytes, from_server);
  if (!head) {
    report_unreadable(head.error(), chunk, facts);
    return side_done(chunk);
  }
  const bool looked_into = head->type == 'p' || (from_server && head->type == 'R');
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(head->length, kMaxPasswordBytes));
  if (looked_into && chunk.bytes.size() < wanted) return wait_for(wanted);
  if (from_server) half.stage = Stage::messages;
  const std::span<const Words> words = from_server ? std::span<const Words>{kServerWords} : std::span<const Words>{kClientWords};
  const auto known = std::ranges::find(words, head->type, &Words::type);
  if (known != words.end() && first_time(half.told, static_cast<std::size_t>(std::distance(words.begin(), known))))
    facts.report(chunk.fact(ReadInClear{.protocol = kName, .what = known->what}, 0, kPostgresqlHeadBytes));
  if (from_server && head->type == 'R') {
    const auto authentication = parse_postgresql_authentication(chunk.bytes.first(wanted));
    if (authentication) authentication_ = *authentication;
  }
  if (head->type == 'p') on_password(half, chunk.bytes.first(wanted), chunk, facts);
  if (ends_side(head->type, from_server)) return side_done(chunk);
  return {.consumed = head->length};
}

/// take_packet takes a packet under GSSAPI encryption: a length and a token, of which those that seal show that they do, and those that
/// only sign can be read. Behind them nothing but Wrap tokens is due.
Progress PostgresqlSession::take_packet(Half& half, const Chunk& chunk, FactSink& facts) {
  if (chunk.bytes.size() < kGssHeadBytes) return wait_for(kGssHeadBytes);
  ParseScope scope;
  ByteReader reader{chunk.bytes, scope};
  const std::uint32_t length = reader.u32("length");
  constexpr std::uint32_t kMinTokenBytes = 3;
  if (length < kMinTokenBytes || length > kMaxGssPacketBytes) {
    report_unreadable({.code = ParseErrorCode::malformed, .offset = 0, .field = "length"}, chunk, facts);
    return side_done(chunk);
  }
  const std::size_t looked_at = kGssHeadBytes + std::min<std::size_t>(length, kMaxGssTellingBytes);
  if (chunk.bytes.size() < looked_at) return wait_for(looked_at);
  GssPacket kind = gss_packet_kind(reader.bytes(looked_at - kGssHeadBytes, "token"));
  if (kind == GssPacket::context && half.wraps) kind = GssPacket::unknown;
  half.wraps |= kind != GssPacket::context;
  const bool first = first_time(half.packets_told, static_cast<std::size_t>(kind));
  if (kind == GssPacket::sealed && first)
    facts.report(chunk.fact(OtherProtection{.protocol = kName, .how = "GSSAPI encryption"}, 0, looked_at));
  if (kind == GssPacket::not_sealed && first)
    facts.report(chunk.fact(ReadInClear{.protocol = kName, .what = "GSSAPI packet that is not sealed"}, 0, looked_at));
  if ((kind == GssPacket::old_seal || kind == GssPacket::unknown) && first)
    report_unreadable({.code = ParseErrorCode::unsupported, .offset = 0, .field = "TOK_ID"}, chunk, facts);
  return {.consumed = kGssHeadBytes + std::uint64_t{length}};
}

/// on_password names what a client proves itself with. What 'p' holds only the server's request tells; without it, its look.
void PostgresqlSession::on_password(Half& half, Bytes message, const Chunk& chunk, FactSink& facts) const {
  const Bytes password = message.subspan(kPostgresqlHeadBytes);
  const auto tell = [&](AuthenticationScheme scheme) {
    if (first_time(half.credentials_told, static_cast<std::size_t>(scheme)))
      facts.report(chunk.fact(CredentialSent{.scheme = scheme}, 0, message.size()));
  };
  if (authentication_ == PostgresqlAuthentication::cleartext_password) return tell(AuthenticationScheme::postgresql_password);
  if (authentication_ == PostgresqlAuthentication::md5_password) return tell(AuthenticationScheme::postgresql_md5);
  if (authentication_ == PostgresqlAuthentication::sasl_continue) return;  // its mechanism was told
  if (const std::string_view mechanism = postgresql_sasl_mechanism(message); !mechanism.empty()) return tell(sasl_scheme(mechanism));
  if (const auto scheme = gss_credential(password)) return tell(*scheme);
  if (authentication_) return;  // GSSAPI that only negotiates so far
  tell(is_md5_response(password) ? AuthenticationScheme::postgresql_md5 : AuthenticationScheme::other);
}

}  // namespace sealtrace
