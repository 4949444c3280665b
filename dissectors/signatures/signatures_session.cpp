#include "dissectors/signatures/signatures_session.hpp"

#include <algorithm>
#include <utility>

#include "dissectors/signatures/dcerpc_stream.hpp"
#include "dissectors/signatures/rdp_stream.hpp"
#include "dissectors/signatures/ssh_stream.hpp"
#include "dissectors/signatures/text_stream.hpp"

namespace sealtrace {
namespace {

/// Found is the first row that octets fit, or that could still fit (need_more).
struct Found {
  std::size_t row = 0;
  Sight sight;
};

bool hinted(const Signature& signature, std::uint16_t source_port, std::uint16_t destination_port) {
  return signature.has_port(source_port) || signature.has_port(destination_port);
}

/// find_stream asks the rows of streams in order. One that needs more holds up those behind it, so that it does not matter how the octets
/// come.
Found find_stream(Bytes bytes, bool at_start, std::uint16_t source_port, std::uint16_t destination_port) {
  const std::span<const Signature> table = signature_table();
  for (std::size_t row = 0; row < table.size(); ++row) {
    const Signature& signature = table[row];
    if (signature.transport != Transport::tcp || (!at_start && !signature.joins_mid_stream)) continue;
    Memory memory;
    const Sight sight = signature.matches({.bytes = bytes, .hinted = hinted(signature, source_port, destination_port)}, memory);
    if (sight.certainty == Certainty::sure || sight.certainty == Certainty::need_more) return {.row = row, .sight = sight};
  }
  return {};
}

Recognition probe(const ProbeInput& input) {
  if (input.bytes.empty()) return Recognition::need_more;
  if (input.transport == Transport::tcp) {
    const Found found = find_stream(input.bytes, input.at_start, input.source_port, input.destination_port);
    if (found.sight.certainty == Certainty::sure) return Recognition::yes;
    return found.sight.certainty == Certainty::need_more ? Recognition::need_more : Recognition::no;
  }
  const bool any = std::ranges::any_of(signature_table(), [&](const Signature& signature) {
    if (signature.transport != Transport::udp) return false;
    Memory memory;
    const Look look{.bytes = input.bytes, .hinted = hinted(signature, input.source_port, input.destination_port)};
    return signature.matches(look, memory).certainty != Certainty::none;
  });
  return any ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<SignatureSession>(); }

std::unique_ptr<Session> follower_of(const Signature& signature) {
  switch (signature.follow) {
    case Follow::nothing: return nullptr;
    case Follow::ssh: return std::make_unique<SshStream>();
    case Follow::rdp: return std::make_unique<RdpStream>();
    case Follow::dcerpc: return std::make_unique<DcerpcStream>();
    case Follow::text: break;
  }
  constexpr std::array kTextNames{std::string_view{"smtp"}, std::string_view{"ftp"}, std::string_view{"imap"}, std::string_view{"pop3"}};
  const auto at = std::ranges::find(kTextNames, std::string_view{signature.name}) - kTextNames.begin();
  return std::make_unique<TextStream>(TextProtocol{static_cast<std::uint8_t>(at)});
}

}  // namespace

const Dissector kSignaturesDissector{.name = "signatures", .probe = probe, .open = open, .tentative = true};

Progress SignatureSession::on_stream(const Chunk& chunk, FactSink& facts) {
  if (follower_) return follower_->on_stream(chunk, facts);
  if (decided_) return side_done(chunk);
  const Found found = find_stream(chunk.bytes, true, chunk.source_port, chunk.destination_port);
  if (found.sight.certainty == Certainty::need_more) return wait_for(chunk.bytes.size() + 1);
  decided_ = true;
  if (found.sight.certainty != Certainty::sure) return side_done(chunk);
  tell(found.row, found.sight, chunk, 1, facts);
  return follower_ ? follower_->on_stream(chunk, facts) : side_done(chunk);
}

void SignatureSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) {
  if (follower_) follower_->on_gap(sender, missing_bytes, skipped, facts);
}

void SignatureSession::on_end(FactSink& facts) {
  if (follower_) follower_->on_end(facts);
}

Datagram SignatureSession::on_datagram(const Chunk& chunk, FactSink& facts) {
  const std::span<const Signature> table = signature_table();
  for (std::size_t row = 0; row < table.size(); ++row) {
    const Signature& signature = table[row];
    if (signature.transport != Transport::udp) continue;
    const Look look{.bytes = chunk.bytes, .hinted = hinted(signature, chunk.source_port, chunk.destination_port), .sender = chunk.sender};
    Memory fresh;
    const auto remembered = std::ranges::find(memories_, row, &Remembered::row);
    Memory& memory = remembered == memories_.end() ? fresh : remembered->memory;
    const Sight sight = signature.matches(look, memory);
    if (sight.certainty == Certainty::maybe) ++memory.num_maybe;
    if (sight.certainty == Certainty::sure) {
      memory.sure = true;
      facts.claim(std::exchange(memory.num_maybe, 0));
    }
    if (remembered == memories_.end() && memory.used) memories_.push_back({.row = row, .memory = memory});
    if (sight.certainty != Certainty::sure) continue;
    tell(row, sight, chunk, chunk.bytes.size(), facts);
    return Datagram::taken;
  }
  return Datagram::not_mine;
}

void SignatureSession::tell(std::size_t row, const Sight& sight, const Chunk& chunk, std::size_t length, FactSink& facts) {
  const Signature& signature = signature_table()[row];
  const std::uint64_t bit = std::uint64_t{1} << row;
  if ((recognised_ & bit) == 0) facts.report(chunk.fact(ProtocolRecognised{.protocol = signature.name}, 0, length));
  recognised_ |= bit;
  follower_ = follower_of(signature);
  if (follower_) return;  // it says what there is to say
  const StaticText words = sight.words.empty() ? signature.words : sight.words;
  if (sight.standing.value_or(signature.standing) == Standing::protects) {
    once_.report(words, OtherProtection{.protocol = signature.name, .how = words}, chunk, 0, length, facts);
  } else {
    once_.clear(signature.name, words, chunk, length, facts);
  }
  if (sight.credential) once_.credential(*sight.credential, chunk, length, facts);
}

}  // namespace sealtrace
