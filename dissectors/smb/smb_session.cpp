#include "dissectors/smb/smb_session.hpp"

#include <algorithm>

#include "proto/gss_token.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

constexpr StaticText kName{"smb"};

struct Smb2Words {
  StaticText request;
  StaticText response;
};
/// Commands of [MS-SMB2] section 2.2.1.1 in their order.
constexpr std::array<Smb2Words, kNumSmb2Commands> kSmb2Words{{
    {.request = "negotiate request", .response = "negotiate response"},
    {.request = "session setup request", .response = "session setup response"},
    {.request = "logoff request", .response = "logoff response"},
    {.request = "tree connect request", .response = "tree connect response"},
    {.request = "tree disconnect request", .response = "tree disconnect response"},
    {.request = "create request", .response = "create response"},
    {.request = "close request", .response = "close response"},
    {.request = "flush request", .response = "flush response"},
    {.request = "read request", .response = "read response"},
    {.request = "write request", .response = "write response"},
    {.request = "lock request", .response = "lock response"},
    {.request = "ioctl request", .response = "ioctl response"},
    {.request = "cancel request", .response = "cancel response"},
    {.request = "echo request", .response = "echo response"},
    {.request = "query directory request", .response = "query directory response"},
    {.request = "change notify request", .response = "change notify response"},
    {.request = "query info request", .response = "query info response"},
    {.request = "set info request", .response = "set info response"},
    {.request = "oplock break acknowledgement", .response = "oplock break notification"},
}};

struct Smb1Words {
  Smb1Command command;
  Smb2Words words;
};
constexpr std::array<Smb1Words, 11> kSmb1Words{{
    {.command = Smb1Command::close, .words = {.request = "SMB 1 close request", .response = "SMB 1 close response"}},
    {.command = Smb1Command::transaction, .words = {.request = "SMB 1 transaction request", .response = "SMB 1 transaction response"}},
    {.command = Smb1Command::read_andx, .words = {.request = "SMB 1 read request", .response = "SMB 1 read response"}},
    {.command = Smb1Command::write_andx, .words = {.request = "SMB 1 write request", .response = "SMB 1 write response"}},
    {.command = Smb1Command::transaction2, .words = {.request = "SMB 1 transaction 2 request", .response = "SMB 1 transaction 2 response"}},
    {.command = Smb1Command::tree_disconnect,
     .words = {.request = "SMB 1 tree disconnect request", .response = "SMB 1 tree disconnect response"}},
    {.command = Smb1Command::negotiate, .words = {.request = "SMB 1 negotiate request", .response = "SMB 1 negotiate response"}},
    {.command = Smb1Command::session_setup_andx,
     .words = {.request = "SMB 1 session setup request", .response = "SMB 1 session setup response"}},
    {.command = Smb1Command::logoff_andx, .words = {.request = "SMB 1 logoff request", .response = "SMB 1 logoff response"}},
    {.command = Smb1Command::tree_connect_andx,
     .words = {.request = "SMB 1 tree connect request", .response = "SMB 1 tree connect response"}},
    {.command = Smb1Command::nt_create_andx, .words = {.request = "SMB 1 create request", .response = "SMB 1 create response"}},
}};
constexpr Smb2Words kOtherSmb1Words{.request = "SMB 1 other request", .response = "SMB 1 other response"};

// Bits of Half::told: commands of SMB 2, then those of SMB 1, then what has no command.
constexpr std::size_t kFirstSmb1Bit = kNumSmb2Commands;
constexpr std::size_t kTransformBit = kFirstSmb1Bit + kSmb1Words.size() + 1;
constexpr std::size_t kCompressedBit = kTransformBit + 1;
static_assert(kCompressedBit < 64);

constexpr std::size_t kProtocolIdBytes = 4;

bool is_looked_into(const Smb2Header& header) {
  switch (header.command) {
    case Smb2Command::negotiate: return header.response;
    case Smb2Command::session_setup: return true;
    case Smb2Command::tree_connect: return header.response;
    case Smb2Command::logoff:
    case Smb2Command::write: break;
  }
  return false;
}

/// is_first_level_name takes NetBIOS's encoding of a name (RFC 1001 section 14.1): its length, letters A to P.
bool is_first_level_name(Bytes octets) {
  constexpr std::size_t kNameBytes = 32;
  if (octets[0] != kNameBytes) return false;
  return std::ranges::all_of(octets.subspan(1, std::min(octets.size() - 1, kNameBytes)),
                             [](std::uint8_t c) { return c >= 'A' && c <= 'P'; });
}

Recognition of_parse(const ParseError& error) { return error.code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no; }

/// probe_message takes an SMB message by its protocol identifier, and what else is fixed in its head.
Recognition probe_message(Bytes message) {
  const auto id = parse_smb_protocol_id(message);
  if (!id) return of_parse(id.error());
  if (*id != SmbProtocolId::smb2) return Recognition::yes;
  ParseScope scope;
  ByteReader reader{message, scope};
  reader.skip(kProtocolIdBytes, "ProtocolId");
  const std::uint16_t structure_size = reader.u16_le("StructureSize");
  if (!scope.ok()) return of_parse(scope.error());
  return structure_size == kSmb2HeaderBytes ? Recognition::yes : Recognition::no;
}

Recognition probe_stream(Bytes bytes) {
  if (bytes.empty()) return Recognition::need_more;
  const bool session_request = bytes[0] == static_cast<std::uint8_t>(SmbFrameType::session_request);
  if (bytes[0] != 0 && !session_request) return Recognition::no;
  const auto frame = parse_smb_frame(bytes);
  if (!frame) return of_parse(frame.error());
  const Bytes rest = bytes.subspan(kSmbFrameHeaderBytes);
  if (!session_request) return frame->length < kSmb1HeaderBytes ? Recognition::no : probe_message(rest);
  constexpr std::uint32_t kTwoNamesBytes = 68;  // RFC 1002 section 4.3.2, without scopes
  constexpr std::size_t kEnough = 33;
  if (frame->length < kTwoNamesBytes || frame->length > kTwoNamesBytes * 2) return Recognition::no;
  if (rest.empty()) return Recognition::need_more;
  if (!is_first_level_name(rest)) return Recognition::no;
  return rest.size() >= kEnough ? Recognition::yes : Recognition::need_more;
}

/// probe is the same wherever a segment begins: four octets of every message are fixed.
Recognition probe(const ProbeInput& input) {
  if (input.transport != Transport::tcp) return Recognition::no;
  return probe_stream(input.bytes);
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<SmbSession>(); }

}  // namespace

const Dissector kSmbDissector{.name = kName, .probe = probe, .open = open};

Progress SmbSession::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& half = halves_[index(chunk.sender)];
  if (half.lost) {
    if (probe_stream(chunk.bytes) != Recognition::yes) return {.consumed = chunk.bytes.size()};
    half.lost = false;
    half.left = 0;
  }
  if (half.left != 0) return read_message(half, chunk, facts);
  if (chunk.bytes.size() < kSmbFrameHeaderBytes) return wait_for(kSmbFrameHeaderBytes);
  const auto frame = parse_smb_frame(chunk.bytes);
  if (!frame) return unreadable(half, frame.error(), chunk, facts);
  if (frame->type != SmbFrameType::session_message) return {.consumed = std::uint64_t{kSmbFrameHeaderBytes} + frame->length};
  half.left = frame->length;
  return {.consumed = kSmbFrameHeaderBytes};
}

void SmbSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  halves_[index(sender)].lost = true;
  facts.report(
      {.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = false}, .sender = sender, .time = {}, .evidence = {}});
}

Progress SmbSession::read_message(Half& half, const Chunk& chunk, FactSink& facts) {
  const auto id_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(kProtocolIdBytes, half.left));
  if (chunk.bytes.size() < id_bytes) return wait_for(id_bytes);
  const auto id = parse_smb_protocol_id(chunk.bytes.first(id_bytes));
  if (!id) return unreadable(half, {.code = ParseErrorCode::malformed, .offset = 0, .field = "ProtocolId"}, chunk, facts);
  switch (*id) {
    case SmbProtocolId::smb2: return read_smb2(half, chunk, facts);
    case SmbProtocolId::smb1: return read_smb1(half, chunk, facts);
    case SmbProtocolId::transform:
      tell(half, kTransformBit, OtherProtection{.protocol = kName, .how = "SMB 3 encryption"}, chunk, facts);
      break;
    case SmbProtocolId::compressed:
      tell(half, kCompressedBit, ReadInClear{.protocol = kName, .what = "compressed message"}, chunk, facts);
      break;
  }
  return {.consumed = std::exchange(half.left, 0)};
}

Progress SmbSession::read_smb2(Half& half, const Chunk& chunk, FactSink& facts) {
  if (half.left < kSmb2HeaderBytes)
    return unreadable(half, {.code = ParseErrorCode::malformed, .offset = 0, .field = "StructureSize"}, chunk, facts);
  // Fields are judged once the header is whole, so that it does not matter how it comes.
  if (chunk.bytes.size() < kSmb2HeaderBytes) return wait_for(kSmb2HeaderBytes);
  const auto header = parse_smb2_header(chunk.bytes);
  if (!header) return unreadable(half, header.error(), chunk, facts);
  const std::uint64_t length = header->next_command != 0 ? header->next_command : half.left;
  if (length > half.left) return unreadable(half, {.code = ParseErrorCode::malformed, .offset = 20, .field = "NextCommand"}, chunk, facts);
  if (is_looked_into(*header)) {
    const std::size_t wanted = std::min<std::uint64_t>(length, kMaxSmbMessageBytes);
    if (chunk.bytes.size() < wanted) return wait_for(wanted);
    look_into(half, *header, chunk.bytes.first(wanted), chunk, facts);
  } else {
    const Smb2Words& words = kSmb2Words[static_cast<std::size_t>(header->command)];
    tell(half, static_cast<std::size_t>(header->command),
         ReadInClear{.protocol = kName, .what = header->response ? words.response : words.request}, chunk, facts);
  }
  half.left -= length;
  return {.consumed = length};
}

void SmbSession::look_into(Half& half, const Smb2Header& header, Bytes message, const Chunk& chunk, FactSink& facts) {
  const Smb2Words& words = kSmb2Words[static_cast<std::size_t>(header.command)];
  tell(half, static_cast<std::size_t>(header.command),
       ReadInClear{.protocol = kName, .what = header.response ? words.response : words.request}, chunk, facts);
  if (header.command == Smb2Command::negotiate) return on_negotiated(half, message, chunk, facts);
  if (header.command == Smb2Command::session_setup) return on_session_setup(half, header, message, chunk, facts);
  const auto encrypt_data = parse_smb2_tree_connect_response(message);
  if (header.status != 0 || !encrypt_data || !*encrypt_data) return;
  SmbSessionSeen seen = seen_;
  seen.encrypt_data = true;
  tell_session(seen, chunk, facts);
}

void SmbSession::on_negotiated(Half& half, Bytes message, const Chunk& chunk, FactSink& facts) {
  const auto negotiated = parse_smb2_negotiate_response(message);
  if (!negotiated || negotiated->dialect == kSmb2WildcardDialect) return;
  for (const AuthenticationScheme scheme : gss_mechanisms(negotiated->security_buffer)) {
    std::uint32_t& told = half.offers_told;
    const std::uint32_t bit = 1U << static_cast<unsigned>(scheme);
    if ((told & bit) == 0) facts.report(chunk.fact(AuthenticationOffered{.scheme = scheme}, 0, kSmb2HeaderBytes));
    told |= bit;
  }
  tell_session({.dialect = negotiated->dialect,
                .signing_required = negotiated->signing_required,
                .encryption_capable = negotiated->encryption_capable,
                .encrypt_data = false},
               chunk, facts);
}

void SmbSession::on_session_setup(Half& half, const Smb2Header& header, Bytes message, const Chunk& chunk, FactSink& facts) {
  const auto setup = parse_smb2_session_setup(message, header.response);
  if (header.response) {
    if (header.status != 0 || !setup || !setup->encrypt_data) return;
    SmbSessionSeen seen = seen_;
    seen.encrypt_data = true;
    return tell_session(seen, chunk, facts);
  }
  // A token longer than what is kept of a message is judged by its front.
  const auto scheme = gss_credential(setup ? setup->security_buffer : message.subspan(std::min(message.size(), kSmb2HeaderBytes)));
  if (!scheme) return;
  const std::uint32_t bit = 1U << static_cast<unsigned>(*scheme);
  if ((half.credentials_told & bit) == 0) facts.report(chunk.fact(CredentialSent{.scheme = *scheme}, 0, kSmb2HeaderBytes));
  half.credentials_told |= bit;
}

Progress SmbSession::read_smb1(Half& half, const Chunk& chunk, FactSink& facts) {
  const std::size_t wanted = std::min<std::uint64_t>(half.left, kMaxSmbMessageBytes);
  const std::size_t header_bytes = std::min(wanted, kSmb1HeaderBytes);
  if (chunk.bytes.size() < header_bytes) return wait_for(header_bytes);
  const bool setup =
      header_bytes == kSmb1HeaderBytes && (chunk.bytes[kProtocolIdBytes] == static_cast<std::uint8_t>(Smb1Command::negotiate) ||
                                           chunk.bytes[kProtocolIdBytes] == static_cast<std::uint8_t>(Smb1Command::session_setup_andx));
  const std::size_t needed = setup ? wanted : header_bytes;
  if (chunk.bytes.size() < needed) return wait_for(needed);
  const auto message = parse_smb1_message(chunk.bytes.first(needed));
  if (!message) return unreadable(half, {.code = ParseErrorCode::malformed, .offset = 0, .field = message.error().field}, chunk, facts);
  const auto known = std::ranges::find(kSmb1Words, message->command, &Smb1Words::command);
  const Smb2Words& words = known == kSmb1Words.end() ? kOtherSmb1Words : known->words;
  tell(half, kFirstSmb1Bit + static_cast<std::size_t>(known - kSmb1Words.begin()),
       ReadInClear{.protocol = kName, .what = message->response ? words.response : words.request}, chunk, facts);
  if (message->negotiated) tell_session({.signing_required = message->signing_required}, chunk, facts);
  constexpr std::uint16_t kNtlmResponseBytes = 24;  // [MS-NLMP] section 2.2.2.6; a shorter one is a password as it is
  std::optional<AuthenticationScheme> scheme = gss_credential(message->security_blob);
  if (message->password_bytes > 1)
    scheme = message->password_bytes >= kNtlmResponseBytes ? AuthenticationScheme::ntlm : AuthenticationScheme::other;
  if (scheme) {
    const std::uint32_t bit = 1U << static_cast<unsigned>(*scheme);
    if ((half.credentials_told & bit) == 0) facts.report(chunk.fact(CredentialSent{.scheme = *scheme}, 0, kSmb1HeaderBytes));
    half.credentials_told |= bit;
  }
  return {.consumed = std::exchange(half.left, 0)};
}

void SmbSession::tell(Half& half, std::size_t bit, FactBody fact, const Chunk& chunk, FactSink& facts) const {
  const std::uint64_t mask = std::uint64_t{1} << bit;
  if ((half.told & mask) != 0) return;
  half.told |= mask;
  const std::size_t length = std::min<std::size_t>(chunk.bytes.size(), kProtocolIdBytes);
  facts.report(chunk.fact(std::move(fact), 0, length));
}

void SmbSession::tell_session(const SmbSessionSeen& seen, const Chunk& chunk, FactSink& facts) {
  const bool same = seen.dialect == seen_.dialect && seen.signing_required == seen_.signing_required &&
                    seen.encryption_capable == seen_.encryption_capable && seen.encrypt_data == seen_.encrypt_data;
  if ((num_negotiations_ != 0 && same) || num_negotiations_ == kMaxSmbNegotiations) return;
  ++num_negotiations_;
  seen_ = seen;
  facts.report(chunk.fact(seen, 0, kSmb1HeaderBytes));
}

Progress SmbSession::unreadable(Half& half, const ParseError& error, const Chunk& chunk, FactSink& facts) const {
  if (!half.unreadable_told) facts.report(chunk.fact(unreadable_fact(error), 0, std::min<std::size_t>(chunk.bytes.size(), 1)));
  half.unreadable_told = true;
  if (half.left != 0) return {.consumed = std::exchange(half.left, 0)};  // the frame's length is still good
  return side_done(chunk);
}

}  // namespace sealtrace
