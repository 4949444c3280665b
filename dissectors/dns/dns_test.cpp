// Octets marked with a file are of the captures of public projects; the others are made by hand from RFC 1035.
#include <gtest/gtest.h>

#include "dissect/spoken.hpp"
#include "dissectors/dns/dns_session.hpp"

namespace sealtrace {
namespace {

using testing::from_client;
using testing::from_server;
using testing::octets;
using testing::ScriptedFlow;
using testing::Words;

std::string framed(const std::string& message) {
  return std::string{static_cast<char>(message.size() >> 8), static_cast<char>(message.size())} + message;
}

// a query for the AAAA record of www.isc.org
const std::string kQuery = octets("fee3 0100 0001 0000 0000 0000  03 777777 03 697363 03 6f7267 00  001c 0001");
// its answer, as a server of 2005 gave it (a capture of public DNS samples)
const std::string kAnswer = octets(R"(
fee3 8180 0001 0001 0000 0000                    # ID, flags, counts
03 777777 03 697363 03 6f7267 00  001c 0001      # www.isc.org AAAA IN
c00c 001c 0001 00000258 0010 200104f8000000020000000000000 00d)");
const std::string kServices = octets(R"(
0001 8400 0000 0004 0000 0000
04 5f736970 04 5f746c73 07 6578616d706c65 03 636f6d 00   # _sip._tls.example.com
  0021 0001 0000003c 000f  0000 0000 13c5 06 61636365 7373 c016   # SRV port 5061, access.example.com
c033 0005 0001 0000003c 0007  04 65646765 c016           # access.example.com CNAME edge.example.com
c048 0001 0001 0000003c 0004  c0000201                   # edge.example.com A 192.0.2.1
01 31 00  000c 0001 0000003c 0002  c048)");  // 1 PTR edge.example.com
// mercury/capture2.pcap
const std::string kLlmnr = octets("bba7 0000 0001 0000 0000 0000  0a 73616d73756e672d7063 00  0001 0001");
const std::string kNbns = octets(R"(
8007 0110 0001 0000 0000 0000
20 464645464446454143414341434143414341434143414341434143414341424c 00 0020 0001)");
const std::string kMdns = octets("0000 0000 0001 0000 0000 0000  05 5f68747470 04 5f746370 05 6c6f63616c 00  000c 8001");

ProbeInput input(const std::string& bytes, Transport transport, std::uint16_t port, bool at_start = true) {
  return {.bytes = as_bytes(bytes), .transport = transport, .at_start = at_start, .source_port = 50000, .destination_port = port};
}
Recognition dns_at(const std::string& bytes, std::uint16_t port = 53) { return kDnsDissector.probe(input(bytes, Transport::udp, port)); }

TEST(DnsProbe, EachOfTheFourIsTakenByOne) {
  struct Case {
    const std::string& bytes;
    std::uint16_t port;
    std::string_view name;
  };
  for (const Case& c : {Case{kQuery, 53, "dns"}, Case{kQuery, 40000, "dns"}, Case{kAnswer, 53, "dns"}, Case{kServices, 53, "dns"},
                        Case{kLlmnr, 5355, "llmnr"}, Case{kNbns, 137, "nbns"}, Case{kNbns, 40000, "nbns"}, Case{kMdns, 5353, "mdns"}}) {
    for (const Dissector* dissector : {&kDnsDissector, &kMdnsDissector, &kLlmnrDissector, &kNbnsDissector}) {
      const Recognition expected = dissector->name == c.name ? Recognition::yes : Recognition::no;
      EXPECT_EQ(dissector->probe(input(c.bytes, Transport::udp, c.port)), expected) << c.name << " asked " << dissector->name;
    }
  }
}

TEST(DnsProbe, RefusesWhatOnlyLooksLikeIt) {
  EXPECT_EQ(dns_at(octets("000100002112a442 000102030405060708090a0b")), Recognition::no) << "STUN";
  EXPECT_EQ(dns_at(octets("8000 0001 00000001 00000001") + std::string(160, 'U')), Recognition::no) << "RTP";
  EXPECT_EQ(dns_at(octets("16fefd0000000000000000 00 40 01 000034")), Recognition::no) << "DTLS";
  EXPECT_EQ(dns_at("INVITE sip:a@b SIP/2.0\r\n\r\n"), Recognition::no);
  EXPECT_EQ(dns_at(std::string(64, '\0')), Recognition::no) << "zeros have no question";
  EXPECT_EQ(dns_at(kQuery + "x"), Recognition::no) << "octets behind the last record";
  EXPECT_EQ(dns_at(octets("fee3 0140 0001 0000 0000 0000  03777777 00 0001 0001")), Recognition::no) << "the reserved bit";
  EXPECT_EQ(dns_at(octets("fee3 0103 0001 0000 0000 0000  03777777 00 0001 0001")), Recognition::no) << "a query with a response code";
  EXPECT_EQ(dns_at(octets("fee3 0100 0001 0000 0000 0000  03777777 00 0001 0007")), Recognition::no) << "a class that is not assigned";
  EXPECT_EQ(dns_at(octets("fee3 0100 0001 0000 0000 0000  03770177 00 0001 0001"), 40000), Recognition::no) << "no host's name";
  EXPECT_EQ(dns_at(kMdns, 40000), Recognition::no) << "a class with a flag";
}

TEST(DnsProbe, RandomOctetsAreNotDns) {
  std::uint64_t state = 88172645463325252ULL;
  std::size_t taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string random(40, '\0');
    for (char& c : random) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      c = static_cast<char>(state);
    }
    taken += dns_at(random) == Recognition::yes ? 1U : 0U;
    taken += kDnsDissector.probe(input(random, Transport::tcp, 53)) == Recognition::yes ? 1U : 0U;
  }
  EXPECT_EQ(taken, 0U);
}

TEST(DnsProbe, AStreamIsTakenOnceAQuestionIsThere) {
  const std::string stream = framed(kQuery);
  for (std::size_t length = 1; length < stream.size(); ++length) {
    EXPECT_EQ(kDnsDissector.probe(input(stream.substr(0, length), Transport::tcp, 53)), Recognition::need_more) << length;
  }
  EXPECT_EQ(kDnsDissector.probe(input(stream, Transport::tcp, 53)), Recognition::yes);
  EXPECT_EQ(kDnsDissector.probe(input(stream, Transport::tcp, 53, false)), Recognition::yes);
  for (const std::string& other : {octets("1603010200010001fc0303"), std::string{"GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
                                   octets("000000e2fe534d4240000000"), octets("1201002f00000100 00001a00 06010020")}) {
    EXPECT_EQ(kDnsDissector.probe(input(other, Transport::tcp, 53)), Recognition::no);
  }
}

TEST(DnsSession, TellsNamesAndAddresses) {
  ScriptedFlow flow{kDnsDissector};
  flow.datagrams({from_client(kQuery), from_server(kAnswer), from_server(kServices), from_server(kAnswer)});
  EXPECT_EQ(flow.words, (Words{"c clear dns query", "s clear dns response", "s dns www.isc.org 2001:4f8:0:2::d 0",
                               "s dns _sip._tls.example.com access.example.com 5061", "s dns access.example.com edge.example.com 0",
                               "s dns edge.example.com 192.0.2.1 0", "s dns 1 edge.example.com 0"}));
  EXPECT_EQ(flow.answers, std::vector<Datagram>(4, Datagram::taken));
}

TEST(DnsSession, OverTcpTheSameInWhateverPieces) {
  const Words expected{"c clear dns query", "s clear dns response", "s dns www.isc.org 2001:4f8:0:2::d 0"};
  for (const std::size_t piece_bytes : {0xFFFFFFFFU, 1U, 2U, 3U, 7U}) {
    ScriptedFlow flow{kDnsDissector};
    flow.stream({from_client(framed(kQuery)), from_server(framed(kAnswer) + framed(kAnswer))}, piece_bytes);
    EXPECT_EQ(flow.words, expected) << piece_bytes;
  }
}

TEST(DnsSession, NetbiosAnswersNameNobody) {
  ScriptedFlow flow{kNbnsDissector};
  flow.datagrams({from_client(kNbns)});
  EXPECT_EQ(flow.words, (Words{"c clear nbns query"}));
}

TEST(DnsSession, ACutDatagramTellsWhatIsThere) {
  for (std::size_t length = 0; length < kServices.size(); ++length) {
    ScriptedFlow flow{kDnsDissector};
    flow.cut = true;
    flow.datagrams({from_server(kServices.substr(0, length))});
    EXPECT_LT(flow.words.size(), 5U) << length;
    for (const std::string& word : flow.words) EXPECT_EQ(word.find("malformed"), std::string::npos) << length;
    ScriptedFlow uncut{kDnsDissector};
    uncut.datagrams({from_server(kServices.substr(0, length))});
    EXPECT_EQ(uncut.answers[0], Datagram::not_mine) << length;
  }
}

TEST(DnsSession, AnswersOfAFlowAreBounded) {
  ScriptedFlow flow{kDnsDissector};
  flow.datagrams({from_client(kQuery)});
  for (int i = 0; i < 100; ++i) {
    std::string answer = kAnswer;
    answer.back() = static_cast<char>(i);
    flow.datagrams({from_server(answer)});
  }
  EXPECT_EQ(flow.words.size(), 2 + kMaxDnsAnswersPerFlow);
  EXPECT_EQ(flow.answers.back(), Datagram::taken) << "another protocol may still come on the same five-tuple";
  EXPECT_EQ(std::get<BudgetExceeded>(flow.facts.back().body).budget, "dns_answers");
}

TEST(DnsSession, ARefusalWithoutQuestionIsAResponse) {
  ScriptedFlow flow{kDnsDissector};
  flow.datagrams({from_client(kQuery), from_server(octets("fee3 8101 0000 0000 0000 0000"))});
  EXPECT_EQ(flow.words, (Words{"c clear dns query", "s clear dns response"}));
}

TEST(DnsSession, AMessageThatBreaksTheRfcEndsAStream) {
  ScriptedFlow flow{kDnsDissector};
  flow.stream({from_server(framed(kAnswer + "x"))});
  EXPECT_EQ(flow.words, (Words{"s malformed RDATA"}));
  EXPECT_TRUE(flow.done[1]);
}

TEST(DnsSession, AGapIsWaitedOut) {
  ScriptedFlow flow{kDnsDissector};
  flow.gap(Side::responder, 100);
  flow.stream({from_server("not a message, but something long enough"), from_server(framed(kAnswer))});
  EXPECT_EQ(flow.words, (Words{"s clear dns response", "s dns www.isc.org 2001:4f8:0:2::d 0"}));
}

TEST(DnsParse, PointersThatLoopAreMalformed) {
  const std::string header = octets("0001 8400 0000 0001 0000 0000");
  for (const std::string& name :
       {octets("c00c"), octets("c00e c00c"), octets("01 61 c00c"), octets("c0ff"), octets("c000"), octets("ffff")}) {
    const std::string message = header + name + octets("0001 0001 0000003c 0004 c0000201");
    const DnsReading reading = read_dns_message(as_bytes(message), ParseErrorCode::malformed, DnsDepth::answers);
    EXPECT_FALSE(reading.whole);
    EXPECT_TRUE(reading.message.answers.empty());
    DnsNameText text;
    EXPECT_FALSE(expand_dns_name(as_bytes(message), kDnsHeaderBytes, text));
  }
}

TEST(DnsParse, NamesAreBounded) {
  std::string message = octets("0001 0100 0001 0000 0000 0000");
  for (int i = 0; i < 6; ++i) message += octets("3f") + std::string(63, 'a');
  message += octets("00 0001 0001");
  EXPECT_EQ(read_dns_message(as_bytes(message), ParseErrorCode::malformed, DnsDepth::walk).error.field, "label");
  // A chain of pointers back, each of which leads to one label and the next pointer.
  std::string chain = octets("0001 0100 0001 0000 0000 0000 01 61 00");
  std::size_t previous = 12;
  for (int i = 0; i < 60; ++i) {
    const std::size_t at = chain.size();
    chain += octets("01 62") + std::string{static_cast<char>(0xC0 | previous >> 8), static_cast<char>(previous)};
    previous = at;
  }
  DnsNameText text;
  EXPECT_FALSE(expand_dns_name(as_bytes(chain), previous, text)) << "more jumps than any name needs";
  EXPECT_TRUE(expand_dns_name(as_bytes(chain), 15 + 4 * 10, text));
}

TEST(DnsParse, ControlOctetsAndDotsInLabelsAreReplaced) {
  const std::string message = octets("0001 0100 0001 0000 0000 0000 04 41 2e 0a 80 00 0001 0001");
  DnsNameText text;
  EXPECT_EQ(*expand_dns_name(as_bytes(message), kDnsHeaderBytes, text), "a???");
}

}  // namespace
}  // namespace sealtrace
