#include "correlate/history.hpp"

#include <gtest/gtest.h>

#include "correlate/fact_script.hpp"

namespace sealtrace {
namespace {

using testing::facts_of;

std::string history_of(std::string_view script) {
  TlsHistory history;
  for (const Fact& fact : facts_of(script)) history.add(fact);
  return history.take();
}

TEST(TlsHistory, ReadsAsDocumented) {
  const struct {
    std::string_view name, script, letters;
  } kCases[] = {
      {"a mutual TLS 1.2 handshake is the contract's example", ">hello <hello <cert <kx <req <done >cert >kx >verify >ccs >fin <ccs <fin",
       "CsxkrnXKVcFcf"},
      {"a resumption with a renewed ticket", ">hello <hello <ticket <ccs <fin >ccs >fin", "CstcfcF"},
      {"a DTLS cookie exchange", ">hello <cookie >hello <hello", "CyCs"},
      {"a TLS 1.3 hello retry", ">hello <retry <ccs >ccs >hello <hello <data >data", "CjccCsdD"},
      {"data of one side is one letter until the other speaks", ">data >data <data <data >data", "DdD"},
      {"records of a renegotiation are one letter until the other speaks", ">enc >enc <enc <enc >enc", "EeE"},
      {"alerts", "<fatal >alert", "lL"},
      {"damage", ">gap <unreadable >mid", "GqM"},
      {"what is no message has no letter", ">budget", ""},
  };
  for (const auto& row : kCases) EXPECT_EQ(history_of(row.script), row.letters) << row.name;
}

TEST(TlsHistory, IsBounded) {
  TlsHistory history;
  const std::vector<Fact> facts = facts_of("<fatal");
  for (std::size_t i = 0; i < kMaxHistoryLetters; ++i) history.add(facts.front());
  EXPECT_FALSE(history.cut());
  history.add(facts.front());
  EXPECT_TRUE(history.cut());
  EXPECT_EQ(history.take().size(), kMaxHistoryLetters);
}

}  // namespace
}  // namespace sealtrace
