#include "dissectors/sip/sip_session.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "dissectors/sip/sip_datagram.hpp"
#include "dissectors/sip/sip_start_line.hpp"
#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

std::unique_ptr<Session> open_sip(const Services& services) { return std::make_unique<SipSession>(services); }

/// kMaxKeepAliveBytes of empty lines may come before the first message.
constexpr std::size_t kMaxKeepAliveBytes = 64;

/// begins_frame: FIN, RSV and opcode of a frame that may come first; SIP begins with a letter, a keep-alive with CR or LF.
bool begins_frame(std::uint8_t octet) { return (octet & 0x80U) != 0 || octet <= 0x02; }

/// has_via tells whether one of the whole lines behind the first is a Via field: then the first was no line of some text.
bool has_via(std::string_view text) {
  next_word(text, '\n');
  while (!text.empty()) {
    std::string_view line = next_word(text, '\n');
    const std::string_view name = next_word(line, ':');
    if (same_word(name, "Via") || same_word(name, "v")) return true;
  }
  return false;
}

}  // namespace

Recognition probe_sip(const ProbeInput& input) {
  if (input.bytes.empty()) return Recognition::need_more;
  const bool stream = input.transport == Transport::tcp;
  if (stream && begins_frame(input.bytes.front())) {
    const Recognition frames = probe_sip_websocket(input.bytes, input.at_start);
    return frames == Recognition::need_more && !input.at_start ? Recognition::no : frames;
  }
  std::string_view text = as_text(input.bytes);
  std::size_t begin = 0;
  while (begin < text.size() && (text[begin] == '\r' || text[begin] == '\n')) ++begin;
  if (begin > kMaxKeepAliveBytes) return Recognition::no;
  text.remove_prefix(begin);
  const Recognition start = recognise_sip_start(text);
  if (!stream) return start == Recognition::yes ? start : Recognition::no;
  if (input.at_start) return start;
  return start == Recognition::yes && begin == 0 && has_via(text) ? Recognition::yes : Recognition::no;
}

const Dissector kSipDissector{.name = "sip", .probe = probe_sip, .open = open_sip};

Progress SipSession::on_stream(const Chunk& chunk, FactSink& facts) {
  if (!streams_ && !websockets_) {
    if (begins_frame(chunk.bytes.front())) {
      websockets_ = std::make_unique<Websockets>();
    } else {
      streams_ = std::make_unique<Streams>();
    }
  }
  if (websockets_) return (*websockets_)[index(chunk.sender)].on_stream(chunk, reports_, facts);
  return (*streams_)[index(chunk.sender)].on_stream(chunk, reports_, facts);
}

void SipSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) {
  if (websockets_) return (*websockets_)[index(sender)].on_gap(sender, missing_bytes, skipped, reports_, facts);
  if (streams_) (*streams_)[index(sender)].on_gap(sender, missing_bytes, skipped, reports_, facts);
}

Datagram SipSession::on_datagram(const Chunk& chunk, FactSink& facts) { return read_sip_datagram(chunk, reports_, facts); }

void SipSession::on_end(FactSink& facts) {
  for (const Side side : {Side::initiator, Side::responder}) {
    if (streams_) (*streams_)[index(side)].on_end(reports_, facts);
    if (websockets_) (*websockets_)[index(side)].on_end(reports_, facts);
  }
}

}  // namespace sealtrace
