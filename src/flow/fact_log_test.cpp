#include "flow/fact_log.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace sealtrace {
namespace {

using namespace std::chrono_literals;

Fact fact(FactBody body, Side sender, std::uint64_t frame) {
  return {.body = std::move(body),
          .sender = sender,
          .time = Timestamp{std::chrono::nanoseconds{frame}},
          .evidence = {.capture = CaptureId{7}, .frame = FrameNumber{frame}, .offset = 66, .length = 5}};
}

FactLog sample() {
  FactLog log;
  log.add(fact(ProtocolRecognised{.protocol = "tls"}, Side::initiator, 1));
  TlsClientHello hello;
  hello.server_name = "a name too long to lie inside of a string object";
  log.add(fact(hello, Side::initiator, 2));
  log.add(
      fact(TlsAlert{.encrypted = true, .level = AlertLevel::fatal, .description = AlertDescription::no_certificate}, Side::responder, 3));
  log.add(fact(TlsCertificateVerify{.signature_scheme = SignatureScheme{0x0804}}, Side::initiator, 4));
  log.add(fact(TlsCertificates{.chain = {CertificateId{3}, CertificateId{9}}, .staples = {}}, Side::responder, 0x1'0000'0005));
  for (std::uint16_t i = 0; i < 40; ++i) log.add(fact(TlsApplicationData{.record_bytes = i}, Side::responder, 100U + i));
  for (const std::string_view what : {"query", "response"}) {
    log.add(fact(Boxed<ApplicationFact>{ReadInClear{.protocol = "dns", .what = what}}, Side::initiator, 200));
  }
  return log;
}

void expect_sample(const std::vector<Fact>& facts) {
  ASSERT_EQ(facts.size(), 47U);
  EXPECT_EQ(std::get<ProtocolRecognised>(facts[0].body).protocol, "tls");
  const TlsClientHello& hello = *std::get<Boxed<TlsClientHello>>(facts[1].body);
  EXPECT_EQ(hello.server_name, "a name too long to lie inside of a string object");
  const TlsAlert& alert = std::get<TlsAlert>(facts[2].body);
  EXPECT_TRUE(alert.encrypted);
  EXPECT_EQ(alert.level, AlertLevel::fatal);
  EXPECT_EQ(alert.description, AlertDescription::no_certificate);
  EXPECT_EQ(facts[2].sender, Side::responder);
  EXPECT_EQ(std::get<TlsCertificateVerify>(facts[3].body).signature_scheme, SignatureScheme{0x0804});
  EXPECT_EQ(facts[3].sender, Side::initiator);
  EXPECT_EQ(std::get<TlsCertificates>(facts[4].body).chain, (std::vector{CertificateId{3}, CertificateId{9}}));
  const Evidence expected{.capture = CaptureId{7}, .frame = FrameNumber{0x1'0000'0005}, .offset = 66, .length = 5};
  EXPECT_EQ(facts[4].evidence, expected);
  EXPECT_EQ(facts[4].time, Timestamp{std::chrono::nanoseconds{0x1'0000'0005}});
  for (std::uint16_t i = 0; i < 40; ++i) EXPECT_EQ(std::get<TlsApplicationData>(facts[5U + i].body).record_bytes, i);
  const auto what_of = [&](std::size_t i) { return std::get<ReadInClear>(*std::get<Boxed<ApplicationFact>>(facts[i].body)).what; };
  EXPECT_EQ(what_of(45), "query");
  EXPECT_EQ(what_of(46), "response");
}

TEST(FactLog, GivesBackWhatWasAddedInOrder) {
  FactLog log = sample();
  EXPECT_EQ(log.size(), 47U);
  expect_sample(log.take());
  EXPECT_EQ(log.size(), 0U);
}

TEST(FactLog, ACopyLeavesTheLogAsItIs) {
  FactLog log = sample();
  expect_sample(log.copy());
  expect_sample(log.take());
}

}  // namespace
}  // namespace sealtrace
