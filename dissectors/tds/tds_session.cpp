#include "dissectors/tds/tds_session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/gss_token.hpp"
#include "proto/tls_record.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

constexpr StaticText kName{"tds"};
/// kLoginName is the dialect of an upgrade that covers LOGIN7 alone.
constexpr std::string_view kLoginName = "tds_login";

/// kMaxPacketBytes is what the Length of a header allows.
constexpr std::size_t kMaxPacketBytes = 0xFFFF;

/// kMaxPayloadBytes is how much of a packet is looked at: a packet of LOGIN7 has at most 4096 octets before a size is negotiated, and
/// what tells the mechanism of a ticket stands at its front.
constexpr std::size_t kMaxPayloadBytes = 8192;

// A packet of the session multiplex protocol ([MC-SMP] section 2.2.1), which wraps TDS packets when several sessions share a connection.
constexpr std::uint8_t kSmpId = 0x53;
constexpr std::size_t kSmpHeaderBytes = 16;

/// words_of names what a packet that is readable holds; empty for the negotiation.
StaticText words_of(TdsPacketType type) {
  switch (type) {
    case TdsPacketType::sql_batch: return "SQL batch request";
    case TdsPacketType::pre_tds7_login: return "pre-TDS 7 login request";
    case TdsPacketType::rpc: return "RPC request";
    case TdsPacketType::tabular_result: return "response";
    case TdsPacketType::attention: return "attention request";
    case TdsPacketType::bulk_load: return "bulk load request";
    case TdsPacketType::federated_authentication_token: return "federated authentication token";
    case TdsPacketType::transaction_manager: return "transaction manager request";
    case TdsPacketType::login7: return "login request";
    case TdsPacketType::sspi: return "SSPI message";
    case TdsPacketType::prelogin: break;
  }
  return {};
}

bool is_request(TdsPacketType type) {
  return type == TdsPacketType::sql_batch || type == TdsPacketType::rpc || type == TdsPacketType::transaction_manager;
}

/// begins_tls_record looks at the two octets that no TDS packet begins with.
bool begins_tls_record(Bytes bytes) {
  return bytes.size() >= 2 && bytes[0] >= static_cast<std::uint8_t>(ContentType::change_cipher_spec) &&
         bytes[0] <= static_cast<std::uint8_t>(ContentType::application_data) && bytes[1] == 0x03;
}

Recognition of(const ParseError& error) { return error.code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no; }

/// judge_packet judges one packet of which `payload` is the whole, or the front.
Recognition judge_packet(const TdsPacketHeader& header, Bytes payload, bool at_start) {
  constexpr std::uint8_t kEndOfMessage = 0x01;
  if (at_start && (header.type == TdsPacketType::prelogin || header.type == TdsPacketType::tabular_result)) {
    if ((header.status & kEndOfMessage) == 0) return Recognition::no;
    const auto prelogin = parse_tds_prelogin(payload);
    return prelogin ? Recognition::yes : of(prelogin.error());
  }
  if (at_start && header.type == TdsPacketType::login7) {
    const auto login = parse_tds_login7(payload);
    return login ? Recognition::yes : of(login.error());
  }
  if (!is_request(header.type)) return Recognition::no;
  const auto headers = tds_has_all_headers(payload);
  if (!headers) return of(headers.error());
  return *headers ? Recognition::yes : Recognition::no;
}

Recognition probe(const ProbeInput& input) {
  if (input.transport != Transport::tcp) return Recognition::no;
  const auto header = parse_tds_header(input.bytes);
  if (!header) return of(header.error());
  const Bytes payload = input.bytes.subspan(kTdsHeaderBytes);
  const std::size_t payload_bytes = header->length - kTdsHeaderBytes;
  const Recognition recognition = judge_packet(*header, payload.first(std::min(payload.size(), payload_bytes)), input.at_start);
  const bool whole = payload.size() >= payload_bytes;
  return recognition == Recognition::need_more && whole ? Recognition::no : recognition;
}

/// is_response_token names the tokens that a response begins with ([MS-TDS] section 2.2.7).
bool is_response_token(std::uint8_t octet) {
  constexpr auto kTokens = std::to_array<std::uint8_t>(
      {0x78, 0x79, 0x81, 0xA4, 0xA5, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xE3, 0xE4, 0xED, 0xEE, 0xFD, 0xFE, 0xFF});
  return std::ranges::find(kTokens, octet) != kTokens.end();
}

/// begins_packet says, behind a gap, that a segment begins with a packet of either side: it ends with the segment, or where another one
/// begins; or it goes on and is of a size that peers agree on, or begins a response. In ciphertext each of these comes by chance once in
/// 2^24 segments or less.
bool begins_packet(Bytes segment) {
  constexpr std::uint8_t kEndOfMessage = 0x01;
  constexpr std::uint16_t kMinPacketSize = 512, kMaxPacketSize = 32'767, kSizeStep = 32;  // of LOGIN7 and ENVCHANGE
  const auto header = parse_tds_header(segment);
  if (!header) return false;
  if (header->length < segment.size()) return parse_tds_header(segment.subspan(header->length)).has_value();
  const bool full = header->status == 0 && header->length >= kMinPacketSize &&
                    (header->length % kSizeStep == 0 ? header->length < kMaxPacketSize : header->length == kMaxPacketSize);
  if (header->length == segment.size()) return full || (header->status & kEndOfMessage) != 0;
  const bool begins_response = header->type == TdsPacketType::tabular_result && header->packet_id == 1 &&
                               segment.size() > kTdsHeaderBytes && is_response_token(segment[kTdsHeaderBytes]);
  return full || begins_response;
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<TdsSession>(); }

}  // namespace

const Dissector kTdsDissector{.name = kName, .probe = probe, .open = open};

Progress TdsSession::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& half = halves_[index(chunk.sender)];
  if (half.lost) {
    const bool records = tls_inside_ && begins_tls_record(chunk.bytes);
    const bool packet =
        begins_packet(chunk.bytes) || probe({.bytes = chunk.bytes, .transport = Transport::tcp, .at_start = false}) == Recognition::yes;
    if (!records && !packet) {
      // The rest of a record, or something else: whoever reads TLS tells them apart. Behind a login it may be the rest of a clear packet.
      if (tls_inside_ && agreed() != TdsCoverage::login) facts.wrapped(chunk);
      return {.consumed = chunk.bytes.size()};
    }
    half.lost = false;
  }
  if (chunk.bytes.size() < 2) return wait_for(2);
  if (begins_tls_record(chunk.bytes)) return read_tls_record(chunk, facts);
  if (chunk.bytes[0] == kSmpId) return {.consumed = kSmpHeaderBytes};
  return read_packet(half, chunk, facts);
}

void TdsSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  halves_[index(sender)].lost = true;
  if (tls_inside_) facts.wrapped_gap(sender, missing_bytes);
  facts.report(
      {.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = !tls_inside_}, .sender = sender, .time = {}, .evidence = {}});
}

/// read_tls_record takes a record that has no packet around it: it carries LOGIN7, or all that follows.
Progress TdsSession::read_tls_record(const Chunk& chunk, FactSink& facts) {
  constexpr Progress kHandOver{.consumed = 0, .need = 1, .done = false, .hand_over = true};
  if (!tls_inside_) return kHandOver;  // its beginning was not seen
  halves_[index(chunk.sender)].left_packets = true;
  const bool both_left = halves_[0].left_packets && halves_[1].left_packets;
  if (both_left && agreed() == TdsCoverage::session) return kHandOver;
  ParseScope scope;
  ByteReader record{chunk.bytes, scope};
  record.skip(3, "legacy_record_version");
  const std::size_t length = kRecordHeaderBytes + record.u16("length");
  if (!scope.ok()) return wait_for(kRecordHeaderBytes);
  if (chunk.bytes.size() < length) return wait_for(length);
  facts.wrapped({.sender = chunk.sender, .bytes = chunk.bytes.first(length), .origin = chunk.origin});
  return {.consumed = length};
}

Progress TdsSession::read_packet(Half& half, const Chunk& chunk, FactSink& facts) {
  // Fields are judged once the header is whole, so that it does not matter how it comes.
  if (chunk.bytes.size() < kTdsHeaderBytes) return wait_for(kTdsHeaderBytes);
  const auto header = parse_tds_header(chunk.bytes);
  if (!header) {
    facts.report(chunk.fact(unreadable_fact(header.error()), 0, 1));
    return side_done(chunk);
  }
  const std::size_t telling = std::min<std::size_t>(header->length, kTdsHeaderBytes + 2);
  if (chunk.bytes.size() < telling) return wait_for(telling);
  // Behind the server's answer a response negotiates nothing, unless TLS begins in it.
  const bool may_answer = !half.prelogin_told || begins_tls_record(chunk.bytes.subspan(kTdsHeaderBytes));
  const bool answers_prelogin = header->type == TdsPacketType::tabular_result && half.told == 0 && may_answer;
  const bool negotiates = header->type == TdsPacketType::prelogin || answers_prelogin;
  const bool carries_tls = tls_inside_ && header->type == TdsPacketType::prelogin;
  const bool looked_into = negotiates || header->type == TdsPacketType::login7 || header->type == TdsPacketType::sspi;
  // What TLS says inside a packet is taken whole.
  const std::size_t most = kTdsHeaderBytes + (negotiates ? kMaxPacketBytes : kMaxPayloadBytes);
  const std::size_t wanted = looked_into ? std::min<std::size_t>(header->length, most) : kTdsHeaderBytes;
  if (chunk.bytes.size() < wanted) return wait_for(wanted);
  const Bytes payload = chunk.bytes.first(wanted).subspan(kTdsHeaderBytes);
  const Progress next{.consumed = header->length};
  if (negotiates && (carries_tls || begins_tls_record(payload))) {  // a record may go on in the next packet
    read_tls_inside(payload, chunk, facts);
    return next;
  }
  if (negotiates && read_prelogin(half, payload, chunk, facts)) return next;
  const StaticText words = words_of(header->type);
  if (words.empty()) return next;
  const std::uint32_t bit = 1U << static_cast<unsigned>(header->type);
  if ((half.told & bit) == 0) facts.report(chunk.fact(ReadInClear{.protocol = kName, .what = words}, 0, kTdsHeaderBytes));
  half.told |= bit;
  if (header->type == TdsPacketType::login7) read_login7(half, payload, chunk, facts);
  if (header->type == TdsPacketType::sspi) {
    if (const auto scheme = gss_credential(payload)) tell_credential(half, *scheme, chunk, facts);
  }
  return next;
}

bool TdsSession::read_prelogin(Half& half, Bytes payload, const Chunk& chunk, FactSink& facts) {
  const auto prelogin = parse_tds_prelogin(payload);
  if (!prelogin) return false;
  const std::size_t length = kTdsHeaderBytes + payload.size();
  clear_bytes_ += length;
  if (half.prelogin_told) return true;
  half.prelogin_told = true;
  if (!prelogin->encryption) return true;
  half.encryption = prelogin->encryption;
  facts.report(chunk.fact(TdsPrelogin{.encryption = *prelogin->encryption}, 0, length));
  report_steps(*prelogin->encryption, chunk, length, facts);
  return true;
}

/// report_steps says what an ENCRYPTION option asks for or refuses, in the words of other upgrades in place. The server's consent shows in
/// its first record.
void TdsSession::report_steps(TdsEncryption option, const Chunk& chunk, std::size_t length, FactSink& facts) const {
  const std::optional<TdsEncryption> client = halves_[index(Side::initiator)].encryption;
  const std::string_view dialect = client == TdsEncryption::off ? kLoginName : kName;
  const auto step = [&](UpgradePhase phase) { facts.report(chunk.fact(UpgradeStep{.dialect = dialect, .phase = phase}, 0, length)); };
  const bool cannot = option == TdsEncryption::not_supported;
  if (chunk.sender == Side::initiator) {
    if (!cannot) step(UpgradePhase::requested);
  } else if (cannot && client && client != TdsEncryption::not_supported) {
    step(UpgradePhase::refused);
  }
}

void TdsSession::read_tls_inside(Bytes payload, const Chunk& chunk, FactSink& facts) {
  if (!std::exchange(tls_inside_, true) && clear_bytes_ != 0)
    facts.report(chunk.fact(TlsPrecededBy{.clear_bytes = clear_bytes_}, 0, kTdsHeaderBytes));
  if (!accepted_told_ && chunk.sender == Side::responder) {
    accepted_told_ = true;
    const bool login_alone = agreed() == TdsCoverage::login;
    facts.report(chunk.fact(UpgradeStep{.dialect = login_alone ? kLoginName : kName, .phase = UpgradePhase::accepted}, 0,
                            kTdsHeaderBytes + payload.size()));
  }
  const OriginWithin inside{*chunk.origin, kTdsHeaderBytes};
  facts.wrapped({.sender = chunk.sender, .bytes = payload, .origin = &inside});
}

void TdsSession::read_login7(Half& half, Bytes payload, const Chunk& chunk, FactSink& facts) {
  const auto login = parse_tds_login7(payload);
  if (!login) return;
  if (!login->integrated) {
    if (login->user_name) tell_credential(half, AuthenticationScheme::tds_login, chunk, facts);
    return;
  }
  if (const auto scheme = gss_credential(login->sspi)) return tell_credential(half, *scheme, chunk, facts);
  const auto mechanisms = gss_mechanisms(login->sspi);
  // A first message of NTLM proves nothing yet; its answer to the challenge comes in an SSPI message.
  if (mechanisms.empty() || mechanisms.front() != AuthenticationScheme::ntlm)
    tell_credential(half, AuthenticationScheme::negotiate, chunk, facts);
}

void TdsSession::tell_credential(Half& half, AuthenticationScheme scheme, const Chunk& chunk, FactSink& facts) const {
  const std::uint32_t bit = 1U << static_cast<unsigned>(scheme);
  if ((half.credentials_told & bit) != 0) return;
  half.credentials_told |= bit;
  facts.report(chunk.fact(CredentialSent{.scheme = scheme}, 0, kTdsHeaderBytes));
}

}  // namespace sealtrace
