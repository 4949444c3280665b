// make_captures: large captures for benchmarks, the same for the same templates, scale and seed.
//
//   make_captures TEMPLATES OUT KIND SCALE [SEED]
//
//   mix         an enterprise with telephony: by bytes 60 % RTP and SRTP, 25 % bulk TLS, 10 % HTTP, 5 % SIP, DNS, STUN, DTLS, short TLS
//   handshakes  short TLS connections with certificates in the clear, 4,000 new ones a second, 200,000 at scale 1
//   bulk        1 GiB of application data in eight TLS connections
//   idle-udp    a million flows of one datagram each that no protocol is recognised in
//   idle-tcp    a million TCP connections that open and say nothing
//   media-N     50,000 streams of SRTP at once, two for each call, N packets of each. A stream like these is told after 10 to 17
//               packets: N is 1 (as good as nothing was looked at), 9 (all undecided), 20 (all decided) or 148
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "traffic.hpp"

namespace bench {
namespace {

constexpr std::uint32_t kNumLeaves = 20000;  // distinct leaf certificates a template gives

struct Wanted {
  std::vector<const Template*> tls, with_certificate, dtls;
  double scale = 1;
  std::uint64_t seed = 1;

  [[nodiscard]] std::uint32_t count(double at_scale_1) const { return std::max(1U, static_cast<std::uint32_t>(at_scale_1 * scale)); }
};

void make_handshakes(Schedule& schedule, const Wanted& wanted) {
  constexpr std::uint64_t kMicrosecondsApart = 250;
  Random random{wanted.seed};
  for (std::uint32_t n = 0; n < wanted.count(200000); ++n) {
    const std::uint64_t time_us = n * kMicrosecondsApart;
    schedule.write_before(time_us);
    const Template& conversation = *wanted.with_certificate[random.below(static_cast<std::uint32_t>(wanted.with_certificate.size()))];
    replay(schedule, time_us, conversation, n, kNumLeaves, true, random).close();
  }
}

void make_bulk(Schedule& schedule, const Wanted& wanted) {
  constexpr std::uint64_t kPortion = 64 * 16384;
  Random random{wanted.seed};
  std::vector<Connection> connections;
  for (std::uint32_t n = 0; n < 8; ++n) {
    connections.push_back(replay(schedule, n * 1000, *wanted.tls[n % wanted.tls.size()], n, kNumLeaves, false, random));
  }
  for (std::uint64_t left = wanted.count(1U << 30); left > kPortion; left -= kPortion) {
    const auto behind = std::ranges::min_element(connections, {}, &Connection::time_us);
    schedule.write_before(behind->time_us());
    bulk(*behind, kPortion, random);
  }
  for (Connection& connection : connections) connection.close();
}

void make_idle_udp(Schedule& schedule, const Wanted& wanted) {
  Random random{wanted.seed};
  for (std::uint32_t n = 0; n < wanted.count(1000000); ++n) {
    std::uint8_t payload[64];
    random.fill(payload);
    payload[0] = 0x3F;  // the first octet of nothing that is known
    schedule.write_before(n * 5);
    schedule.udp(n * 5, {0x0A000000 + n / 4, static_cast<std::uint16_t>(20000 + n % 4)}, server_of(n, 30000), payload);
  }
}

void make_idle_tcp(Schedule& schedule, const Wanted& wanted) {
  Random random{wanted.seed};
  for (std::uint32_t n = 0; n < wanted.count(1000000); ++n) {
    schedule.write_before(n * 5);
    Connection{schedule, n * 5, {0x0A000000 + n / 4, static_cast<std::uint16_t>(20000 + n % 4)}, server_of(n, 443), random};
  }
}

/// Stream is one direction of a call's media.
struct Stream {
  Endpoint from, to;
  bool secret = false;
  std::uint64_t next_us = 0;
  int left = 0;
  std::uint32_t ssrc = 0, timestamp = 0;
  std::uint16_t sequence = 0;
};

/// Media makes the packets of all streams, 50 a second each.
class Media {
 public:
  static constexpr std::uint64_t kPacketMicroseconds = 20000;

  Media(int packets_of_a_stream, Random& random) : packets_of_a_stream_{packets_of_a_stream} {
    for (auto& payload : clear_) {  // quiet speech in G.711: few values, close to silence
      constexpr std::uint8_t kNearSilence[] = {0xFF, 0xFE, 0x7E, 0x7F, 0xFD, 0x7D, 0xEF, 0x6F};
      for (std::uint8_t& sample : payload) sample = kNearSilence[random.below(8)];
    }
    for (auto& payload : secret_) random.fill(payload);
  }

  void add(const Call& call, Random& random) {
    for (const int side : {0, 1}) {
      streams_.push_back({.from = call.phones[side],
                          .to = call.phones[1 - side],
                          .secret = call.kind != CallKind::rtp,
                          .next_us = call.media_start_us() + random.below(kPacketMicroseconds),
                          .left = packets_of_a_stream_,
                          .ssrc = static_cast<std::uint32_t>(random.next()),
                          .timestamp = static_cast<std::uint32_t>(random.next()),
                          .sequence = static_cast<std::uint16_t>(random.next())});
    }
  }

  /// write_all writes every stream to its end, in order of time.
  void write_all(Schedule& schedule) {
    for (std::uint64_t time_us = kPacketMicroseconds; write_until(schedule, time_us); time_us += kPacketMicroseconds) {
      schedule.write_before(time_us);
    }
  }

 private:
  /// write_until schedules what is due before `time_us`; false when no stream goes on.
  bool write_until(Schedule& schedule, std::uint64_t time_us) {
    bool more = false;
    for (Stream& stream : streams_) {
      while (stream.left > 0 && stream.next_us < time_us) packet(schedule, stream);
      more = more || stream.left > 0;
    }
    return more;
  }

  void packet(Schedule& schedule, Stream& stream) {
    ++stream.sequence;
    stream.timestamp += 160;
    std::uint8_t rtp[12 + 170] = {0x80, 0x00};
    const auto put = [&](std::size_t at, std::uint32_t value, std::size_t bytes) {
      for (std::size_t i = 0; i < bytes; ++i) rtp[at + i] = static_cast<std::uint8_t>(value >> (bytes - 1 - i) * 8);
    };
    put(2, stream.sequence, 2);
    put(4, stream.timestamp, 4);
    put(8, stream.ssrc, 4);
    const std::size_t pick = turn_++;
    const Octets payload = stream.secret ? Octets{secret_[pick % std::size(secret_)]} : Octets{clear_[pick % std::size(clear_)]};
    std::ranges::copy(payload, rtp + 12);
    schedule.udp(stream.next_us, stream.from, stream.to, Octets{rtp}.first(12 + payload.size()));
    stream.next_us += kPacketMicroseconds;
    --stream.left;
  }

  std::uint8_t clear_[256][160];
  std::uint8_t secret_[4096][170];  // AES_CM_128_HMAC_SHA1_80 adds a tag of ten octets
  std::vector<Stream> streams_;
  std::size_t turn_ = 0;
  int packets_of_a_stream_;
};

CallKind kind_of(std::uint32_t n) {  // of twenty calls: 8 clear, 5 with keys in SDP, 5 with DTLS, 2 signalled over TLS
  const std::uint32_t twentieth = n % 20;
  return twentieth < 8 ? CallKind::rtp : twentieth < 13 ? CallKind::sdes : twentieth < 18 ? CallKind::dtls_srtp : CallKind::sip_over_tls;
}

void make_mix(Schedule& schedule, const Wanted& wanted) {
  constexpr int kPackets = 140;  // of a stream
  constexpr std::uint64_t kMediaMicroseconds = kPackets * Media::kPacketMicroseconds;
  constexpr std::uint32_t kCallSpread = 1000000, kEnd = kCallSpread + 200000 + kMediaMicroseconds;
  Random random{wanted.seed};
  Media media{kPackets, random};
  const std::uint32_t num_calls = wanted.count(10000);
  for (std::uint32_t n = 0; n < num_calls; ++n) {
    const Call call{.phones = {{0x0A800002 + n, static_cast<std::uint16_t>(16384 + n * 4 % 16000)},
                               {0x0A810000 + n, static_cast<std::uint16_t>(32768 + n * 4 % 16000)}},
                    .kind = kind_of(n),
                    .start_us = std::uint64_t{n} * kCallSpread / num_calls,
                    .media_us = kMediaMicroseconds};
    call.signal(schedule, n, wanted.tls, wanted.dtls, random);
    media.add(call, random);
  }
  for (std::uint32_t n = 0; n < wanted.count(30000); ++n) dns(schedule, random.below(kEnd), n, random);
  const auto any_tls = [&]() -> const Template& { return *wanted.tls[random.below(static_cast<std::uint32_t>(wanted.tls.size()))]; };
  for (std::uint32_t n = 0; n < wanted.count(2500); ++n) {
    replay(schedule, random.below(kEnd - 500000), any_tls(), 600000 + n, kNumLeaves, true, random).close();
  }
  std::uint32_t n = 0;
  for (std::uint64_t sent = 0; sent < wanted.count(250e6); ++n) {
    const std::uint32_t bytes = random.between(200000, 1500000);
    Connection connection = replay(schedule, random.below(kEnd - 600000), any_tls(), 800000 + n, kNumLeaves, false, random);
    bulk(connection, bytes, random);
    connection.close();
    sent += bytes;
  }
  n = 0;
  for (std::uint64_t sent = 0; sent < wanted.count(98e6); ++n) sent += pages(schedule, random.below(kEnd - 900000), n, random);
  media.write_all(schedule);
}

template <int kPackets>
void make_media(Schedule& schedule, const Wanted& wanted) {
  Random random{wanted.seed};
  Media media{kPackets, random};
  for (std::uint32_t n = 0; n < wanted.count(25000); ++n) {
    media.add({.phones = {{0x0A800002 + n, static_cast<std::uint16_t>(16384 + n * 4 % 16000)},
                          {0x0A810000 + n, static_cast<std::uint16_t>(32768 + n * 4 % 16000)}},
               .kind = CallKind::sdes},
              random);
  }
  media.write_all(schedule);
}

struct Kind {
  std::string_view name;
  void (*make)(Schedule&, const Wanted&);
};
constexpr Kind kKinds[] = {{"mix", make_mix},           {"handshakes", make_handshakes}, {"bulk", make_bulk},
                           {"idle-udp", make_idle_udp}, {"idle-tcp", make_idle_tcp},     {"media-1", make_media<1>},
                           {"media-9", make_media<9>},  {"media-20", make_media<20>},    {"media-148", make_media<148>}};

int run(int argc, char** argv) {
  const auto kind = argc < 5 ? std::end(kKinds) : std::ranges::find(kKinds, argv[3], &Kind::name);
  if (kind == std::end(kKinds)) {
    std::fputs("usage: make_captures TEMPLATES OUT KIND SCALE [SEED]; KIND is one of", stderr);
    for (const Kind& known : kKinds) std::fprintf(stderr, " %s", known.name.data());
    std::fputs("\n", stderr);
    return 2;
  }
  const std::vector<Template> templates = read_templates(argv[1]);
  Wanted wanted;
  wanted.scale = std::atof(argv[4]);
  if (argc > 5) wanted.seed = std::strtoull(argv[5], nullptr, 10);
  for (const Template& conversation : templates) {
    (conversation.protocol == 17 ? wanted.dtls : wanted.tls).push_back(&conversation);
    if (conversation.clear_certificate) wanted.with_certificate.push_back(&conversation);
  }
  if (wanted.with_certificate.empty() || wanted.dtls.empty()) {
    std::fputs("make_captures: the templates lack a TLS handshake with a certificate, or DTLS\n", stderr);
    return 1;
  }
  Schedule schedule{argv[2]};
  kind->make(schedule, wanted);
  schedule.write_before(~std::uint64_t{0});
  std::printf("%llu packets, %llu bytes\n", static_cast<unsigned long long>(schedule.packets()),
              static_cast<unsigned long long>(schedule.bytes()));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::run(argc, argv); }
