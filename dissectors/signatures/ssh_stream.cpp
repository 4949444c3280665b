#include "dissectors/signatures/ssh_stream.hpp"

#include <algorithm>

#include "dissectors/signatures/once.hpp"
#include "proto/text_head.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kMaxVersionBytes = 1024;     // the line has 255 (RFC 4253 section 4.2); servers may send others before it
constexpr std::uint32_t kMaxPacketBytes = 35'000;  // RFC 4253 section 6.1
constexpr std::uint8_t kKeyExchangeInit = 20;
constexpr std::uint8_t kNewKeys = 21;

/// lists_cipher_none reads SSH_MSG_KEXINIT (RFC 4253 section 7.1) for the name "none" in one of its two lists of ciphers.
bool lists_cipher_none(Bytes payload) {
  ParseScope scope;
  ByteReader reader{payload, scope};
  reader.skip(1, "SSH_MSG_KEXINIT");
  reader.skip(16, "cookie");
  reader.skip(reader.u32("kex_algorithms"), "kex_algorithms");
  reader.skip(reader.u32("server_host_key_algorithms"), "server_host_key_algorithms");
  bool none = false;
  for (int direction = 0; direction < 2; ++direction) {
    std::string_view names = as_text(reader.bytes(reader.u32("encryption_algorithms"), "encryption_algorithms"));
    while (!names.empty()) none = next_word(names, ',') == "none" || none;
  }
  return none;
}

}  // namespace

Progress SshStream::on_stream(const Chunk& chunk, FactSink& facts) {
  Half& half = halves_[index(chunk.sender)];
  if (half.lost) return side_done(chunk);
  if (!half.version_read) {
    const std::size_t end = as_text(chunk.bytes.first(std::min(chunk.bytes.size(), kMaxVersionBytes))).find('\n');
    if (end == std::string_view::npos) return chunk.bytes.size() < kMaxVersionBytes ? wait_for(chunk.bytes.size() + 1) : side_done(chunk);
    const std::string_view line = as_text(chunk.bytes.first(end));
    half.version_read = line.starts_with("SSH-2.0-") || line.starts_with("SSH-1.99-");
    if (line.starts_with("SSH-") && !half.version_read) return side_done(chunk);
    return {.consumed = end + 1};
  }
  ParseScope scope;
  ByteReader packet{chunk.bytes, scope};
  const std::uint32_t length = packet.u32("packet_length");
  const std::size_t padding = packet.u8("padding_length");
  const std::uint8_t type = packet.u8("payload");
  if (!scope.ok()) return wait_for(6);
  if (length < 2 || length > kMaxPacketBytes) return side_done(chunk);
  const std::size_t whole = 4 + std::size_t{length};
  if (type == kKeyExchangeInit) {
    if (chunk.bytes.size() < whole) return wait_for(whole);
    const std::size_t payload_bytes = length > padding + 1 ? length - padding - 1 : 0;
    half.lists_none = lists_cipher_none(chunk.bytes.subspan(5, payload_bytes));
  }
  if (type != kNewKeys) return {.consumed = whole};
  half.new_keys = true;
  const Half& peer = halves_[index(other(chunk.sender))];
  if (peer.new_keys && !(half.lists_none && peer.lists_none))
    facts.report(chunk.fact(OtherProtection{.protocol = "ssh", .how = "SSH transport"}, 0, 6));
  return side_done(chunk);
}

void SshStream::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  halves_[index(sender)].lost = true;  // what follows cannot be told from encrypted packets
  facts.report({.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = true}, .sender = sender, .time = {}, .evidence = {}});
}

}  // namespace sealtrace
