#include "model/fact.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace sealtrace {
namespace {

TEST(FactBody, IsFoundByItsKindWhetherBoxedOrNot) {
  const FactBody small{StreamGap{.missing_bytes = 7}};
  ASSERT_NE(fact_if<StreamGap>(&small), nullptr);
  EXPECT_EQ(fact_if<StreamGap>(&small)->missing_bytes, 7U);
  EXPECT_EQ(fact_if<TlsAlert>(&small), nullptr);
  EXPECT_EQ(box_of(small), nullptr);
  EXPECT_FALSE(is_application_fact(small));

  FactBody large{DnsAnswer{.names = {"www.contoso.com", "front.contoso.com"}, .address = {}, .port = 443}};
  ASSERT_NE(fact_if<DnsAnswer>(&large), nullptr);
  EXPECT_EQ(fact_if<DnsAnswer>(&large)->port, 443);
  EXPECT_EQ(box_of(large), fact_if<DnsAnswer>(&large));
  EXPECT_TRUE(is_application_fact(large));
  fact_if<DnsAnswer>(&large)->port = 80;
  EXPECT_EQ(fact_if<DnsAnswer>(&std::as_const(large))->port, 80);
}

TEST(FactBody, TheFirstAndTheLastOfEachListAreToldApart) {
  EXPECT_FALSE(is_application_fact(FactBody{ProtocolRecognised{.protocol = "tls"}}));
  EXPECT_FALSE(is_application_fact(FactBody{SrtpKeyExported{}}));
  EXPECT_TRUE(is_application_fact(FactBody{ReadInClear{.protocol = "sip", .what = "INVITE request"}}));
  EXPECT_TRUE(is_application_fact(FactBody{SessionDescribed{}}));
}

TEST(StaticText, IsTheWholeLiteral) {
  constexpr StaticText kWord{"INVITE request"};
  EXPECT_EQ(std::string_view{kWord}, "INVITE request");
  EXPECT_FALSE(kWord.empty());
  EXPECT_TRUE(StaticText{}.empty());
}

TEST(DnsNames, KeepTheOwnerApartFromTheTarget) {
  DnsNames names{"www.contoso.com", "front.contoso.com"};
  EXPECT_EQ(names.owner(), "www.contoso.com");
  EXPECT_EQ(names.target(), "front.contoso.com");
  EXPECT_EQ(DnsNames("a.example", {}).target(), "");
  EXPECT_EQ(DnsNames({}, "b.example").target(), "b.example");
  const DnsNames moved = std::move(names);
  EXPECT_EQ(moved.target(), "front.contoso.com");
  EXPECT_EQ(names.owner().size() + names.target().size(), names.text().size());  // NOLINT(bugprone-use-after-move): it can be asked
}

TEST(DnsNames, AnOwnerLongerThanAnyNameIsCut) {
  const DnsNames names{std::string(300, 'a'), "b.example"};
  EXPECT_EQ(names.owner().size(), 255U);
  EXPECT_EQ(names.target(), "b.example");
}

}  // namespace
}  // namespace sealtrace
