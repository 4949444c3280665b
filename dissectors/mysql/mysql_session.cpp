#include "dissectors/mysql/mysql_session.hpp"

#include <algorithm>
#include <string_view>

#include "proto/gss_token.hpp"
#include "proto/tls_ahead.hpp"

namespace sealtrace {
namespace {

constexpr StaticText kName{"mysql"};
/// kMaxHeldBytes bounds a packet of the connection phase that is read whole: tickets stay below 64 KiB (MaxTokenSize).
constexpr std::uint32_t kMaxHeldBytes = 64U << 10;
constexpr std::size_t kMaxGreetingBytes = 512;
constexpr std::uint8_t kQuery = 0x03, kPrepare = 0x16, kLastCommand = 0x1F;
constexpr std::uint8_t kError = 0xFF;
constexpr Progress kHandOver{.consumed = 0, .need = 1, .done = false, .hand_over = true};

Recognition of(const ParseError& error) { return error.code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no; }

/// probe_greeting takes the first packet of a server: version 10, and a version that begins with a digit.
Recognition probe_greeting(const MysqlHead& head, Bytes payload) {
  if (head.payload_length < kMysqlSslRequestBytes || head.payload_length > kMaxGreetingBytes) return Recognition::no;
  if (payload.size() > 1 && (payload[1] < '0' || payload[1] > '9')) return Recognition::no;
  const auto greeting = parse_mysql_greeting(payload);
  if (!greeting && greeting.error().code != ParseErrorCode::need_more) return Recognition::no;
  if (payload.size() < head.payload_length) return Recognition::need_more;
  return greeting ? Recognition::yes : Recognition::no;
}

/// probe_response takes the first packet of a client by its fixed part.
Recognition probe_response(const MysqlHead& head, Bytes payload) {
  if (head.payload_length < kMysqlSslRequestBytes || head.payload_length > kMaxHeldBytes) return Recognition::no;
  // One octet more than its fixed part tells a login from an SSL Request.
  const std::size_t wanted = kMysqlSslRequestBytes + (head.payload_length > kMysqlSslRequestBytes ? 1 : 0);
  const Bytes seen = payload.first(std::min(payload.size(), wanted));
  const auto response = parse_mysql_response(seen.first(seen.size() == wanted ? wanted : std::min(seen.size(), kMysqlSslRequestBytes - 1)));
  if (!response && response.error().code != ParseErrorCode::need_more) return Recognition::no;
  return seen.size() == wanted ? Recognition::yes : Recognition::need_more;
}

/// is_whole_query takes a segment that is one query, in text.
bool is_whole_query(Bytes bytes) {
  constexpr std::size_t kMinTextBytes = 6;
  const auto head = parse_mysql_head(bytes);
  if (!head || head->sequence_id != 0 || bytes.size() != kMysqlHeadBytes + head->payload_length) return false;
  const Bytes payload = bytes.subspan(kMysqlHeadBytes);
  if (payload.size() < kMinTextBytes + 1 || (payload[0] != kQuery && payload[0] != kPrepare)) return false;
  return std::ranges::all_of(payload.subspan(1), [](std::uint8_t c) { return c >= ' ' || (c >= '\t' && c <= '\r'); });
}

Recognition probe(const ProbeInput& input) {
  if (input.transport != Transport::tcp) return Recognition::no;
  if (!input.at_start) return is_whole_query(input.bytes) ? Recognition::yes : Recognition::no;
  const auto head = parse_mysql_head(input.bytes);
  if (!head) return of(head.error());
  const Bytes behind = input.bytes.subspan(kMysqlHeadBytes);
  const Bytes payload = behind.first(std::min<std::size_t>(behind.size(), head->payload_length));
  if (head->sequence_id == 0) return probe_greeting(*head, payload);
  return head->sequence_id == 1 ? probe_response(*head, payload) : Recognition::no;
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<MysqlSession>(); }

void report_clear(StaticText what, const Chunk& chunk, std::size_t length, FactSink& facts) {
  facts.report(chunk.fact(ReadInClear{.protocol = kName, .what = what}, 0, length));
}

void step(UpgradePhase phase, const Chunk& chunk, std::size_t length, FactSink& facts) {
  facts.report(chunk.fact(UpgradeStep{.dialect = kName, .phase = phase}, 0, length));
}

StaticText words_of(std::uint8_t command) {
  if (command == kQuery) return "query";
  return command == kPrepare ? StaticText{"prepared statement"} : "command";
}

}  // namespace

const Dissector kMysqlDissector{.name = kName, .probe = probe, .open = open};

Progress MysqlSession::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& half = halves_[index(chunk.sender)];
  if (half.lost) {
    if (!is_whole_query(chunk.bytes)) return {.consumed = chunk.bytes.size()};
    half.lost = false;
  }
  if (tls_requested_) {  // nothing else follows an SSL Request, and no answer to it comes first
    const TlsAhead tls = tls_ahead(chunk.bytes);
    if (tls == TlsAhead::need_more) return wait_for(chunk.bytes.size() + 1);
    if (tls != TlsAhead::no) return kHandOver;
  }
  return take_packet(half, chunk, facts);
}

void MysqlSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  halves_[index(sender)].lost = true;
  facts.report({.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = tls_requested_},
                .sender = sender,
                .time = {},
                .evidence = {}});
}

Progress MysqlSession::take_packet(Half& half, const Chunk& chunk, FactSink& facts) {
  if (chunk.bytes.size() <= kMysqlHeadBytes) return wait_for(kMysqlHeadBytes + 1);
  const auto head = parse_mysql_head(chunk.bytes);
  if (!head || head->payload_length == 0) {
    facts.report(chunk.fact(MessageUnreadable{.field = "payload_length", .malformed = true}, 0, kMysqlHeadBytes));
    return side_done(chunk);
  }
  const bool greeting =
      head->sequence_id == 0 && !offered_ && chunk.bytes[kMysqlHeadBytes] == 10 && head->payload_length >= kMysqlSslRequestBytes;
  if (greeting) server_ = chunk.sender;
  // Packets of the connection phase are read whole: the greeting, and what answers it by turns. A command and its response are only named.
  const bool server = is_server(chunk.sender);
  const bool command = head->sequence_id == 0 && !server;
  const bool response = server && head->sequence_id % 2 == 1;
  const std::size_t wanted = kMysqlHeadBytes + (command || response ? 1 : std::min(head->payload_length, kMaxHeldBytes));
  if (chunk.bytes.size() < wanted) return wait_for(wanted);
  const Bytes payload = chunk.bytes.first(wanted).subspan(kMysqlHeadBytes);
  return server ? on_server_packet(*head, payload, chunk, facts) : on_client_packet(half, *head, payload, chunk, facts);
}

Progress MysqlSession::on_server_packet(const MysqlHead& head, Bytes payload, const Chunk& chunk, FactSink& facts) {
  const std::size_t length = kMysqlHeadBytes + payload.size();
  if (head.sequence_id % 2 == 1) {  // a response to a command
    report_clear(payload[0] == kError ? StaticText{"error"} : "response", chunk, length, facts);
    return side_done(chunk);
  }
  if (head.sequence_id == 0 && payload[0] != kError) {
    const auto greeting = parse_mysql_greeting(payload);
    if (!greeting) {
      const bool malformed = greeting.error().code != ParseErrorCode::unsupported;
      facts.report(chunk.fact(MessageUnreadable{.field = greeting.error().field, .malformed = malformed}, 0, length));
      return side_done(chunk);
    }
    on_greeting(*greeting, chunk, length, facts);
  } else if (const std::string_view plugin = parse_mysql_auth_switch(payload); !plugin.empty()) {
    plugin_ = plugin;
  }
  return {.consumed = kMysqlHeadBytes + std::uint64_t{head.payload_length}};
}

void MysqlSession::on_greeting(const MysqlGreeting& greeting, const Chunk& chunk, std::size_t length, FactSink& facts) {
  report_clear("greeting", chunk, length, facts);
  offered_ = greeting.capabilities;
  plugin_ = greeting.plugin;
  if (greeting.capabilities.ssl()) return step(UpgradePhase::offered, chunk, length, facts);
  facts.report(chunk.fact(UpgradeAbsent{.dialect = kName}, 0, length));
}

Progress MysqlSession::on_client_packet(Half& half, const MysqlHead& head, Bytes payload, const Chunk& chunk, FactSink& facts) {
  if (head.sequence_id == 0) {
    if (payload[0] > kLastCommand) {
      facts.report(chunk.fact(MessageUnreadable{.field = "command", .malformed = false}, 0, kMysqlHeadBytes + 1));
    } else {
      report_clear(words_of(payload[0]), chunk, kMysqlHeadBytes + 1, facts);
    }
    return side_done(chunk);
  }
  const Progress next{.consumed = kMysqlHeadBytes + std::uint64_t{head.payload_length}};
  const bool login_after_request = tls_requested_ && head.sequence_id == 2;  // which belongs into TLS
  if (head.sequence_id == 1 || login_after_request) return on_response(half, payload, chunk, facts) ? next : side_done(chunk);
  constexpr std::size_t kOneOctet = 1;  // asks for the server's key, or says that there is no password
  if (payload.size() > kOneOctet) tell_credential(half, plugin_, payload, chunk, facts);
  return next;
}

/// on_response reads what the client answers the greeting with: an SSL Request, or its login.
bool MysqlSession::on_response(Half& half, Bytes payload, const Chunk& chunk, FactSink& facts) {
  const std::size_t length = kMysqlHeadBytes + payload.size();
  const auto response = parse_mysql_response(payload);
  if (!response) {
    const bool malformed = response.error().code != ParseErrorCode::unsupported;
    facts.report(chunk.fact(MessageUnreadable{.field = response.error().field, .malformed = malformed}, 0, length));
    return false;
  }
  if (response->ssl_request) {
    step(UpgradePhase::requested, chunk, length, facts);
    // The server does not answer: by its greeting it agreed beforehand.
    if (offered_ && offered_->ssl()) step(UpgradePhase::accepted, chunk, length, facts);
    tls_requested_ = true;
    return true;
  }
  report_clear("login", chunk, length, facts);
  if (!response->plugin.empty()) plugin_ = response->plugin;
  if (response->has_response) tell_credential(half, plugin_, {}, chunk, facts);
  return true;
}

void MysqlSession::tell_credential(Half& half, std::string_view plugin, Bytes proof, const Chunk& chunk, FactSink& facts) {
  constexpr std::array kClearPlugins{std::string_view{"mysql_clear_password"}, std::string_view{"dialog"}};
  AuthenticationScheme scheme = AuthenticationScheme::mysql_scramble;
  if (std::ranges::find(kClearPlugins, plugin) != kClearPlugins.end()) scheme = AuthenticationScheme::mysql_clear_password;
  if (const auto gss = gss_credential(proof)) scheme = *gss;
  const std::uint32_t bit = 1U << static_cast<unsigned>(scheme);
  if ((half.credentials_told & bit) != 0) return;
  half.credentials_told |= bit;
  facts.report(chunk.fact(CredentialSent{.scheme = scheme}, 0, kMysqlHeadBytes));
}

}  // namespace sealtrace
