#include "decode/fragment_table.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

#include "decode/test_frames.hpp"

namespace sealtrace::decode {
namespace {

using std::chrono::seconds;

/// Piece is octets [begin, end) of the datagram; `changed` flips one octet of it, to make copies that conflict.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool changed = false;
  seconds time{0};
};

/// kDatagram is a UDP datagram of 64 octets, 40000 > 5061, its payload 0, 1, 2...
const Octets kDatagram = [] {
  Octets payload(56);
  std::iota(payload.begin(), payload.end(), std::uint8_t{0});
  return udp(5061, payload);
}();
constexpr std::string_view kFlow4 = "192.0.2.1:40000 > 192.0.2.2:5061 udp";
constexpr std::string_view kFlow6 = "2001:db8::11:40000 > 2001:db8::12:5061 udp";

Octets octets_of(const Piece& piece) {
  Octets octets{kDatagram.begin() + static_cast<std::ptrdiff_t>(piece.begin), kDatagram.begin() + static_cast<std::ptrdiff_t>(piece.end)};
  if (piece.changed) octets.back() ^= 0xFF;
  return octets;
}
Octets fragment4(const Piece& piece, std::uint16_t identification = 1) {
  const std::size_t more = piece.end < kDatagram.size() ? 0x2000 : 0;
  return ethernet(0x0800, ipv4(17, octets_of(piece), static_cast<std::uint16_t>(more | piece.begin / 8), identification));
}
Octets fragment6(const Piece& piece) {
  const std::size_t more = piece.end < kDatagram.size() ? 1 : 0;
  return ethernet(0x86DD, ipv6(44, join({{17, 0}, be16(piece.begin | more), annotated_hex("00000001"), octets_of(piece)})));
}

struct FragmentCase {
  std::string_view name;
  std::vector<Piece> pieces;
  std::size_t whole_after = 0;  ///< the piece that makes the datagram whole, from 1; 0: none does
  std::uint64_t overlapping = 0;
  std::uint64_t incomplete = 0;
};

const std::vector<FragmentCase>& fragment_cases() {
  static const std::vector<FragmentCase> cases{
      {"InOrder", {{0, 24}, {24, 48}, {48, 64}}, 3},
      {"Backwards", {{48, 64}, {24, 48}, {0, 24}}, 3},
      {"TheMiddleLast", {{0, 24}, {48, 64}, {24, 48}}, 3},
      {"InEights", {{0, 8}, {16, 24}, {32, 40}, {48, 56}, {56, 64}, {40, 48}, {24, 32}, {8, 16}}, 8},
      {"EachTwice", {{0, 24}, {0, 24}, {24, 64}, {24, 64}}, 3},
      {"TheCopyAfterTheWhole", {{0, 24}, {24, 64}, {0, 24}, {24, 64}}, 2},
      {"AnOverlapThatRepeats", {{0, 24}, {16, 48}, {40, 64}}, 3, 2},
      {"AFragmentThatCoversAll", {{8, 16}, {32, 40}, {0, 48}, {48, 64}}, 4, 1},
      {"AnOverlapThatDiffersMakesItVoid", {{24, 48}, {16, 32, true}, {0, 24}, {48, 64}}, 0, 1, 1},
      {"ACopyThatDiffersMakesItVoid", {{0, 24}, {0, 24, true}, {24, 64}, {0, 24}}, 0, 1, 1},
      {"AHoleIsWaitedForInVain", {{0, 24}, {32, 64}}, 0, 0, 1},
      {"TheRestAfterThirtySecondsIsTooLate", {{0, 24, false, seconds{0}}, {24, 64, false, seconds{31}}}, 0, 0, 2},
      {"TheRestWithinThirtySecondsIsNot", {{0, 24, false, seconds{0}}, {24, 64, false, seconds{30}}}, 2},
      {"TimeMayGoBackwards", {{0, 24, false, seconds{100}}, {24, 64, false, seconds{1}}}, 2},
      {"AfterASecondTheIdentificationMayComeAgain", {{0, 24}, {24, 64}, {0, 24, false, seconds{2}}, {24, 64, false, seconds{2}}}, 2},
  };
  return cases;
}

TEST(Fragments, MakeADatagramOrNoneInEveryOrder) {
  for (const bool is_ipv6 : {false, true}) {
    for (const FragmentCase& fragments : fragment_cases()) {
      SCOPED_TRACE(std::string{fragments.name} + (is_ipv6 ? " over IPv6" : " over IPv4"));
      Decoder decoder;
      std::size_t whole_after = 0;
      for (std::size_t i = 0; i < fragments.pieces.size(); ++i) {
        const Piece& piece = fragments.pieces[i];
        const Octets frame = is_ipv6 ? fragment6(piece) : fragment4(piece);
        const Decoded found = decode(decoder, frame, LinkLayer::ethernet, 0, Timestamp{piece.time});
        if (found.result != DecodeResult::segment) {
          EXPECT_EQ(found.result, DecodeResult::fragment);
          continue;
        }
        if (whole_after == 0) whole_after = i + 1;
        EXPECT_EQ(found.flow, is_ipv6 ? kFlow6 : kFlow4);
        EXPECT_EQ(found.payload, Octets(kDatagram.begin() + 8, kDatagram.end()));
        EXPECT_TRUE(found.segment.reassembled);
        EXPECT_EQ(found.segment.payload_offset, 0U);
        EXPECT_EQ(found.segment.payload_wire_bytes, 56U);
        EXPECT_EQ(found.segment.ip_bytes, kDatagram.size() + (is_ipv6 ? 40 : 20));
      }
      decoder.finish();
      EXPECT_EQ(whole_after, fragments.whole_after);
      EXPECT_EQ(decoder.counters().fragments_overlapping, fragments.overlapping);
      EXPECT_EQ(decoder.counters().datagrams_incomplete, fragments.incomplete);
    }
  }
}

TEST(Fragments, TheDuplicateKeyDoesNotDependOnTheirOrder) {
  Decoder forwards;
  decode(forwards, fragment4({0, 24}));
  const std::uint64_t key = decode(forwards, fragment4({24, 64})).segment.duplicate_key;
  Decoder backwards;
  decode(backwards, fragment4({24, 64}));
  EXPECT_EQ(decode(backwards, fragment4({0, 24})).segment.duplicate_key, key);
}

TEST(Fragments, OfDifferentDatagramsDoNotMix) {
  Decoder decoder;
  decode(decoder, fragment4({0, 24}, 1));
  EXPECT_EQ(decode(decoder, fragment4({24, 64}, 2)).result, DecodeResult::fragment);
  const Octets tagged = fragment4({24, 64}, 1);
  EXPECT_EQ(decode(decoder, join({kMacs, annotated_hex("8100 0064"), Octets{tagged.begin() + 12, tagged.end()}})).result,
            DecodeResult::fragment);
  EXPECT_EQ(decode(decoder, tagged).result, DecodeResult::segment);
}

TEST(Fragments, AreReassembledInsideAndOutsideATunnel) {
  const Octets first = fragment4({0, 24});
  const Octets second = fragment4({24, 64});
  const auto wrapped = [](const Octets& inner) { return ipv4(17, udp(4789, join({annotated_hex("08000000 00000100"), inner}))); };
  Decoder decoder;
  decode(decoder, ethernet(0x0800, wrapped(first)));
  // The second travels in a tunnel packet that is in fragments itself.
  const Octets outer = wrapped(second);
  const Octets body{outer.begin() + 20, outer.end()};
  decode(decoder, ethernet(0x0800, ipv4(17, {body.begin(), body.begin() + 48}, 0x2000)));
  const Decoded found = decode(decoder, ethernet(0x0800, ipv4(17, {body.begin() + 48, body.end()}, 6)));
  EXPECT_EQ(found.flow, kFlow4);
  EXPECT_EQ(found.payload, Octets(kDatagram.begin() + 8, kDatagram.end()));
  EXPECT_EQ(found.segment.encapsulation.num_tunnels, 1);
}

TEST(Fragments, ThatNoHostAcceptsAreMalformed) {
  const std::vector<std::pair<std::string_view, Octets>> cases{
      {"PingOfDeath", ipv4(17, Octets(64), 0x1FFF)},
      {"NoMultipleOfEight", ipv4(17, Octets(20), 0x2000)},
      {"Empty", ipv4(17, {}, 0x2000)},
  };
  for (const auto& [name, packet] : cases) {
    SCOPED_TRACE(name);
    Decoder decoder;
    EXPECT_EQ(decode(decoder, ethernet(0x0800, packet)).result, DecodeResult::malformed);
    EXPECT_EQ(decoder.counters().fragments_dropped, 1U);
  }
}

TEST(Fragments, ADatagramOfTheGreatestLengthIsWhole) {
  Octets datagram = udp(5061, Octets(65535 - 20 - 8));
  Decoder decoder;
  for (std::size_t at = 0; at < datagram.size(); at += 1480) {
    const std::size_t end = std::min(at + 1480, datagram.size());
    const Octets octets{datagram.begin() + static_cast<std::ptrdiff_t>(at), datagram.begin() + static_cast<std::ptrdiff_t>(end)};
    const Decoded found =
        decode(decoder, ethernet(0x0800, ipv4(17, octets, static_cast<std::uint16_t>((end < datagram.size() ? 0x2000 : 0) | at / 8))));
    EXPECT_EQ(found.result, end < datagram.size() ? DecodeResult::fragment : DecodeResult::segment);
    if (end == datagram.size()) {
      EXPECT_EQ(found.segment.ip_bytes, 65535U);
    }
  }
}

TEST(Fragments, TeardropIsVoid) {
  Decoder decoder;
  decode(decoder, ethernet(0x0800, ipv4(17, Octets(40, 1), 0x2000)));
  EXPECT_EQ(decode(decoder, ethernet(0x0800, ipv4(17, Octets(4, 2), 3))).result, DecodeResult::fragment);  // ends inside the first
  EXPECT_EQ(decoder.counters().fragments_overlapping, 1U);
  EXPECT_EQ(decoder.counters().datagrams_incomplete, 1U);
  EXPECT_EQ(decoder.counters().fragments_dropped, 2U);
}

TEST(Fragments, AFragmentThatTheSnaplenCutIsTruncated) {
  Octets frame = fragment4({0, 24});
  const std::size_t wire_bytes = frame.size();
  frame.pop_back();
  Decoder decoder;
  EXPECT_EQ(decode(decoder, frame, LinkLayer::ethernet, wire_bytes).result, DecodeResult::truncated);
  EXPECT_EQ(decode(decoder, fragment4({24, 64})).result, DecodeResult::fragment);
}

TEST(Fragments, TheOldestDatagramsMakeRoom) {
  Decoder decoder{{.max_headers = 24, .fragments = {.max_datagrams = 2}}};
  decode(decoder, fragment4({0, 24}, 1));
  decode(decoder, fragment4({0, 24}, 2));
  decode(decoder, fragment4({0, 24}, 3));
  EXPECT_EQ(decoder.counters().datagrams_incomplete, 1U);
  EXPECT_EQ(decode(decoder, fragment4({24, 64}, 2)).result, DecodeResult::segment);
  EXPECT_EQ(decode(decoder, fragment4({24, 64}, 3)).result, DecodeResult::segment);
  EXPECT_EQ(decode(decoder, fragment4({24, 64}, 1)).result, DecodeResult::fragment);
}

TEST(Fragments, OctetsKeptHaveALimit) {
  Decoder decoder{{.max_headers = 24, .fragments = {.max_bytes = 100000}}};
  for (std::uint16_t i = 0; i < 100; ++i) decode(decoder, ethernet(0x0800, ipv4(17, Octets(8), 0x2000 | 1000, i)));  // 8008 octets each
  EXPECT_GE(decoder.counters().datagrams_incomplete, 100U - 100000 / 8008 - 1);
  decoder.finish();
  EXPECT_EQ(decoder.counters().datagrams_incomplete, 100U);
  EXPECT_EQ(decoder.counters().fragments_dropped, 100U);
}

TEST(Fragments, TimesAtBothEndsOfTheClockAreCompared) {
  Decoder decoder;
  decode(decoder, fragment4({0, 24}), LinkLayer::ethernet, 0, Timestamp::min());
  EXPECT_EQ(decode(decoder, fragment4({24, 64}), LinkLayer::ethernet, 0, Timestamp::max()).result, DecodeResult::fragment);
  EXPECT_EQ(decoder.counters().datagrams_incomplete, 1U);
}

}  // namespace
}  // namespace sealtrace::decode
