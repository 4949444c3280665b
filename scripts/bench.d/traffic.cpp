#include "traffic.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <tuple>

namespace bench {
namespace {

constexpr std::size_t kSegmentBytes = 1460;
constexpr std::size_t kRecordBytes = 5 + (1 << 14) + 24;

Octets octets(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

void put_number(std::string& out, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> i * 8);
}

std::string random_octets(std::size_t size, Random& random) {
  std::vector<std::uint8_t> filled(size);
  random.fill(filled);
  return {filled.begin(), filled.end()};
}

std::string dotted(std::uint32_t address) {
  std::string text;
  for (const int shift : {24, 16, 8, 0}) text += std::to_string(address >> shift & 0xFF) + (shift != 0 ? "." : "");
  return text;
}

std::string base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i + 2 < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | static_cast<std::uint8_t>(text[i + k]);
    for (const int shift : {18, 12, 6, 0}) out += kDigits[bits >> shift & 0x3F];
  }
  return out;
}

}  // namespace

Endpoint client_of(std::uint32_t n) { return {0x0A000100 + n / 5 % 60000, static_cast<std::uint16_t>(1025 + n * 7919ULL % 64000)}; }
Endpoint server_of(std::uint32_t n, std::uint16_t port) { return {0xC6120001 + n % 4093, port}; }

Connection::Connection(Schedule& schedule, std::uint64_t time_us, Endpoint client, Endpoint server, Random& random)
    : schedule_{schedule},
      time_us_{time_us},
      round_trip_us_{random.between(400, 60000)},
      ends_{client, server},
      sequence_{static_cast<std::uint32_t>(random.next()), static_cast<std::uint32_t>(random.next())} {
  put(0, kSyn, {});
  time_us_ += round_trip_us_;
  put(1, kSyn | kAck, {});
  time_us_ += 20;
  put(0, kAck, {});
}

void Connection::put(int side, std::uint8_t flags, Octets payload) {
  const std::uint32_t acknowledgment = flags == kSyn ? 0 : sequence_[1 - side];
  schedule_.tcp(time_us_, ends_[side], ends_[1 - side], {sequence_[side], acknowledgment, flags, (flags & kSyn) != 0}, payload);
  sequence_[side] += static_cast<std::uint32_t>(payload.size()) + ((flags & (kSyn | kFin)) != 0);
}

void Connection::send(int side, Octets payload) {
  time_us_ += side == last_sender_ ? 12 : round_trip_us_;
  last_sender_ = side;
  put(side, kPsh | kAck, payload);
}

void Connection::resend(int side, Octets payload) {
  time_us_ += 500;
  sequence_[side] -= static_cast<std::uint32_t>(payload.size());
  put(side, kPsh | kAck, payload);
}

void Connection::acknowledge(int side) {
  time_us_ += 5;
  put(side, kAck, {});
}

void Connection::close() {
  for (const int side : {0, 1}) {
    time_us_ += round_trip_us_ / 2;
    put(side, kFin | kAck, {});
  }
  time_us_ += round_trip_us_ / 2;
  put(0, kAck, {});
}

Connection replay(Schedule& schedule, std::uint64_t time_us, const Template& conversation, std::uint32_t n, std::uint32_t num_leaves,
                  bool disorder, Random& random) {
  std::vector<std::uint8_t> streams[2]{conversation.streams[0], conversation.streams[1]};
  const std::uint64_t replica = random.next();
  for (const Run& run : conversation.runs) {
    Random group{run.group == 0 ? 1 + replica % num_leaves : replica ^ run.group};
    group.fill(std::span{streams[run.side]}.subspan(run.offset, run.length));
  }
  Connection connection{schedule, time_us, client_of(n), server_of(n, conversation.port), random};
  const std::uint32_t chance = disorder ? random.below(200) : 200;  // 0 repeats a segment, 1 swaps two
  std::size_t at[2] = {0, 0}, index = 0;
  for (const Piece& piece : conversation.pieces) {
    const Octets payload = Octets{streams[piece.side]}.subspan(at[piece.side], piece.length);
    at[piece.side] += piece.length;
    const bool same_sender = connection.last_sender() == piece.side;
    connection.send(piece.side, payload);
    if (index == 2 && chance == 0) connection.resend(piece.side, payload);
    if (index == 3 && chance == 1 && same_sender) schedule.swap_last();
    ++index;
  }
  connection.acknowledge(1 - connection.last_sender());
  return connection;
}

void bulk(Connection& connection, std::uint64_t bytes, Random& random) {
  static const std::vector<std::uint8_t> kRecords = [] {
    std::vector<std::uint8_t> records(64 * kRecordBytes);
    Random pattern{7};
    pattern.fill(records);
    constexpr std::array<std::uint8_t, 5> kHeader{23, 3, 3, static_cast<std::uint8_t>((kRecordBytes - 5) >> 8),
                                                  static_cast<std::uint8_t>((kRecordBytes - 5) & 0xFF)};
    for (std::size_t at = 0; at < records.size(); at += kRecordBytes) {
      std::ranges::copy(kHeader, records.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return records;
  }();
  const std::uint64_t whole = std::max<std::uint64_t>(1, bytes / kRecordBytes) * kRecordBytes;  // the stream ends with a record
  std::size_t at = 0;
  for (std::uint64_t sent = 0, segments = 0; sent < whole; ++segments) {
    const std::size_t size = std::min({kSegmentBytes, static_cast<std::size_t>(whole - sent), kRecords.size() - at});
    connection.send(1, Octets{kRecords}.subspan(at, size));
    connection.wait(100 + random.below(40));
    if (segments % 2 == 1) connection.acknowledge(0);
    sent += size;
    at = (at + size) % kRecords.size();
  }
}

std::uint64_t pages(Schedule& schedule, std::uint64_t time_us, std::uint32_t n, Random& random) {
  static const std::string kText = [] {
    std::string text;
    for (int line = 0; text.size() < 30000; ++line)
      text += "<li>Entry " + std::to_string(line) + " of a page that anyone on the way can read</li>\n";
    return text;
  }();
  Connection connection{schedule, time_us, client_of(n * 13 + 7), server_of(n % 250, 80), random};
  std::uint64_t bytes = 0;
  for (int request = 0; request < 6; ++request) {
    const std::string get = "GET /list/" + std::to_string(n) + "/" + std::to_string(request) + " HTTP/1.1\r\nHost: www" +
                            std::to_string(n % 250) +
                            ".example.test\r\nUser-Agent: bench\r\nAccept: text/html\r\nConnection: keep-alive\r\n\r\n";
    connection.send(0, octets(get));
    const std::size_t size = random.between(1000, 30000);
    const std::string page = "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/html\r\nContent-Length: " + std::to_string(size) +
                             "\r\n\r\n" + kText.substr(0, size);
    for (std::size_t at = 0, segment = 0; at < page.size(); at += kSegmentBytes, ++segment) {
      connection.send(1, octets(std::string_view{page}.substr(at, kSegmentBytes)));
      if (segment % 2 == 1) connection.acknowledge(0);
    }
    connection.acknowledge(0);
    bytes += get.size() + page.size();
  }
  connection.close();
  return bytes;
}

void dns(Schedule& schedule, std::uint64_t time_us, std::uint32_t n, Random& random) {
  std::string name;
  for (const std::string& label :
       {"host" + std::to_string(n % 3000), "site" + std::to_string(n % 40), std::string{"example"}, std::string{"test"}}) {
    name += static_cast<char>(label.size()) + label;
  }
  name += std::string(1, '\0') + std::string("\0\1\0\1", 4);
  const std::uint64_t id = random.below(0x10000);
  const auto header = [&](std::uint64_t flags, std::uint64_t answers) {
    std::string octets_of_header;
    for (const std::uint64_t field : {id, flags, std::uint64_t{1}, answers, std::uint64_t{0}, std::uint64_t{0}})
      put_number(octets_of_header, field, 2);
    return octets_of_header;
  };
  std::string response = header(0x8180, 2) + name;
  for (int answer = 0; answer < 2; ++answer) {
    response += std::string("\xC0\x0C\0\1\0\1\0\0\1\x2C\0\4", 12);
    put_number(response, server_of(random.below(4093), 0).address, 4);
  }
  const Endpoint client{client_of(random.below(100000)).address, static_cast<std::uint16_t>(random.between(1025, 61025))};
  const Endpoint server = server_of(4092, 53);
  schedule.udp(time_us, client, server, octets(header(0x0100, 0) + name));
  schedule.udp(time_us + random.between(500, 20000), server, client, octets(response));
}

namespace {

std::string session_description(Endpoint phone, const std::string& key) {
  const std::string address = dotted(phone.address), port = std::to_string(phone.port);
  std::string sdp =
      "v=0\r\no=- " + port + " 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\nm=audio " + port +
      (key.empty() ? " RTP/AVP" : " RTP/SAVP") +
      " 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
  if (!key.empty()) sdp += "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key + "\r\n";
  return sdp;
}

/// sip writes the seven messages of a call: offer and answer before the media, BYE after it.
void sip(Schedule& schedule, const Call& call, std::uint32_t n, Random& random) {
  const bool keys = call.kind == CallKind::sdes;
  const std::string caller = dotted(call.phones[0].address), callee = "sip:" + std::to_string(2000 + n) + "@pbx.example.test";
  const std::string branch = std::to_string(random.next()), call_id = std::to_string(random.next()) + "@" + caller;
  const auto message = [&](const std::string& first_line, const std::string& sequence, bool tagged, const std::string& body) {
    return first_line + "\r\nVia: SIP/2.0/UDP " + caller + ":5060;branch=z9hG4bK" + branch +
           ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:" + std::to_string(4000 + n) + "@pbx.example.test>;tag=a" + std::to_string(n) +
           "\r\nTo: <" + callee + ">" + (tagged ? ";tag=b" + std::to_string(n) : "") + "\r\nCall-ID: " + call_id + "\r\nCSeq: " + sequence +
           "\r\n" + (body.empty() ? "" : "Contact: <sip:" + caller + ":5060>\r\nUser-Agent: bench\r\nContent-Type: application/sdp\r\n") +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  const auto description = [&](int phone) {
    return session_description(call.phones[phone], keys ? base64(random_octets(30, random)) : std::string{});
  };
  const std::uint64_t end = call.media_start_us() + call.media_us;
  const std::string request = " " + callee + " SIP/2.0";
  const std::tuple<std::uint64_t, int, std::string> messages[] = {
      {call.start_us, 0, message("INVITE" + request, "1 INVITE", false, description(0))},
      {call.start_us + 40000, 1, message("SIP/2.0 100 Trying", "1 INVITE", false, "")},
      {call.start_us + 80000, 1, message("SIP/2.0 180 Ringing", "1 INVITE", true, "")},
      {call.start_us + 120000, 1, message("SIP/2.0 200 OK", "1 INVITE", true, description(1))},
      {call.start_us + 160000, 0, message("ACK" + request, "1 ACK", true, "")},
      {end, 0, message("BYE" + request, "2 BYE", true, "")},
      {end + 1000, 1, message("SIP/2.0 200 OK", "2 BYE", true, "")}};
  for (const auto& [time_us, side, text] : messages) {
    schedule.udp(time_us, {call.phones[side].address, 5060}, {call.phones[1 - side].address, 5060}, octets(text));
  }
}

/// stun writes a Binding request and its success response, with the attributes of ICE.
void stun(Schedule& schedule, const Call& call, std::uint64_t time_us, Random& random) {
  const std::string transaction = random_octets(12, random);
  const auto message = [&](std::uint64_t type, const std::string& attributes) {
    std::string text;
    put_number(text, type, 2);
    put_number(text, attributes.size(), 2);
    put_number(text, 0x2112A442, 4);
    return text + transaction + attributes;
  };
  const std::string integrity = std::string("\0\x08\0\x14", 4) + random_octets(20, random);
  const std::string request = std::string(
                                  "\0\x06\0\x08"
                                  "abcd:efg"
                                  "\0\x24\0\x04\x6E\x7F\x1E\xFF"
                                  "\x80\x29\0\x08",
                                  24) +
                              random_octets(8, random);
  const std::string response = std::string("\0\x20\0\x08\0\x01", 6) + random_octets(6, random);
  schedule.udp(time_us, call.phones[0], call.phones[1], octets(message(0x0001, request + integrity)));
  schedule.udp(time_us + 9000, call.phones[1], call.phones[0], octets(message(0x0101, response + integrity)));
}

/// sender_report is an RTCP compound packet of one side; `secret` makes it SRTCP of the same form.
std::string sender_report(bool secret, Random& random) {
  std::string packet = std::string("\x80\xC8\0\x06", 4) + random_octets(24, random) + std::string("\x81\xCA\0\x04", 4);
  packet += random_octets(4, random) + std::string(
                                           "\x01\x08"
                                           "user0000"
                                           "\0\0",
                                           12);
  if (!secret) return packet;
  return packet.substr(0, 8) + random_octets(packet.size() - 8, random) + std::string("\x80\0\0\x01", 4) + random_octets(10, random);
}

}  // namespace

void Call::signal(Schedule& schedule, std::uint32_t n, const std::vector<const Template*>& tls, const std::vector<const Template*>& dtls,
                  Random& random) const {
  switch (kind) {
    case CallKind::rtp:
    case CallKind::sdes: sip(schedule, *this, n, random); break;
    case CallKind::dtls_srtp: {
      stun(schedule, *this, start_us, random);
      stun(schedule, *this, start_us + 30000, random);
      const Template& conversation = *dtls[n % dtls.size()];
      std::size_t at[2] = {0, 0};
      std::uint64_t time_us = start_us + 80000;
      for (const Piece& piece : conversation.pieces) {
        schedule.udp(time_us, phones[piece.side], phones[1 - piece.side],
                     Octets{conversation.streams[piece.side]}.subspan(at[piece.side], piece.length));
        at[piece.side] += piece.length;
        time_us += 2000;
      }
      break;
    }
    case CallKind::sip_over_tls: replay(schedule, start_us, *tls[n % tls.size()], 500000 + n, 20000, false, random).close(); break;
  }
  for (const int side : {0, 1}) {
    const auto control = [&](int i) { return Endpoint{phones[i].address, static_cast<std::uint16_t>(phones[i].port + 1)}; };
    schedule.udp(media_start_us() + random.below(static_cast<std::uint32_t>(media_us)), control(side), control(1 - side),
                 octets(sender_report(kind != CallKind::rtp, random)));
  }
}

}  // namespace bench
