#include "dissectors/tls/tls_probe.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;
using enum Recognition;

Recognition probe(Bytes octets, bool at_start = true, Transport transport = Transport::tcp) {
  return probe_tls({.bytes = octets, .transport = transport, .at_start = at_start, .source_port = 0, .destination_port = 0});
}

struct ProbeCase {
  std::string_view name;
  std::string_view octets;
  Recognition at_start;
  Recognition later;
};

TEST(TlsProbe, KnowsHellosEverywhereAndRecordsAtTheStart) {
  const ProbeCase cases[] = {
      {"nothing yet", "", need_more, need_more},
      {"a ClientHello", "16 03 01 02 00 01 00 01 FC 03 03", yes, yes},
      {"a ServerHello", "16 03 03 00 4A 02 00 00 46 03 03", yes, yes},
      {"a ServerHello of draft 18", "16 03 01 00 52 02 00 00 4E 7F 12", yes, yes},
      {"a ClientHello cut in its header", "16 03 01 02", need_more, need_more},
      {"a ClientHello in records of one octet", "16 03 01 00 01 01", yes, no},
      {"a handshake record that begins like a hello of no version", "16 03 01 02 00 01 00 01 FC 04 03", need_more, no},
      {"a handshake record that begins like a hello of four octets", "16 03 01 00 08 01 00 00 04 03 03", need_more, no},
      {"a hello of SSL 2.0", "80 1C 01 00 02 00 03 00 00 00 10", yes, yes},
      {"a compatible hello", "80 2E 01 03 01 00 15 00 00 00 10", yes, yes},
      {"a compatible hello whose lengths do not add up", "80 2E 01 03 01 00 15 00 00 00 11", no, no},
      {"a SERVER-HELLO of SSL 2.0", "80 14 04 00 01 00 02 00 02 00 03 00 04", yes, yes},
      {"a whole record of data", "17 03 03 00 10 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F", yes, no},
      {"a long record of data", "17 03 03 40 00 00 01", yes, no},
      {"two headers in their places", "14 03 03 00 01 01 16 03 03 00 28", yes, no},
      {"a second header of another version", "14 03 03 00 01 01 16 03 01 00 28", no, no},
      {"a record that goes on", "15 03 03 00 1A 00 01", need_more, no},
      {"an empty record", "17 03 03 00 00", no, no},
      {"a version nobody has", "17 03 09 00 10", no, no},
      {"a request", "47 45 54 20 2F 20", no, no},
      {"SMB in NetBIOS", "00 00 00 85 FF 53 4D 42", no, no},
      {"TPKT", "03 00 00 13 0E E0", no, no},
      {"TURN over TCP", "02 00 00 14 00 03", no, no},
  };
  for (const ProbeCase& c : cases) {
    const Octets octets = annotated_hex(c.octets);
    EXPECT_EQ(probe(octets), c.at_start) << c.name;
    EXPECT_EQ(probe(octets, false), c.later) << c.name << ", later";
    EXPECT_EQ(probe(octets, true, Transport::udp), no) << c.name << ", in a datagram";
  }
}

TEST(TlsProbe, AShorterBeginningIsNeverRefused) {
  const ProbeCase cases[] = {
      {"ClientHello", "16 03 01 02 00 01 00 01 FC 03 03", yes, yes},
      {"SSL 2.0", "80 1C 01 00 02 00 03 00 00 00 10", yes, yes},
      {"two headers", "14 03 03 00 01 01 16 03 03 00 28", yes, no},
  };
  for (const ProbeCase& c : cases) {
    const Octets octets = annotated_hex(c.octets);
    for (std::size_t length = 0; length < octets.size(); ++length)
      EXPECT_EQ(probe(Bytes{octets}.first(length)), need_more) << c.name << length;
  }
}

TEST(TlsProbe, DoesNotTakeChanceForTls) {
  // A header passes by chance in about 2^-24 of all cases, and the long record of data is the only form that one header is enough for.
  std::mt19937_64 engine{11};
  Octets octets(1400);
  std::size_t num_taken = 0;
  constexpr int kRounds = 200'000;
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < 24; ++i) octets[i] = static_cast<std::uint8_t>(engine());
    if (probe(octets) == yes || probe(octets, false) == yes) ++num_taken;
  }
  EXPECT_LE(num_taken, 1U);
}

}  // namespace
}  // namespace sealtrace
