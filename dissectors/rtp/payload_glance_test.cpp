#include "dissectors/rtp/payload_glance.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string_view>

#include "dissectors/rtp/media_octets.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

Octets octets_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST(PayloadGlance, CiphertextSeldomLooksOdd) {
  constexpr std::size_t kLooks = 4000;
  for (const std::size_t length : {1U, 5U, 10U, 20U, 33U, 64U, 160U, 1100U}) {
    Noise noise{length};
    PayloadGlance glance;
    std::size_t odd = 0;
    for (std::size_t i = 0; i < kLooks; ++i) odd += glance.looks_odd(noise.octets(length)) ? 1U : 0U;
    EXPECT_LE(odd, kLooks / 400) << length;
  }
}

TEST(PayloadGlance, SoundAndTextLookOddAtOnce) {
  EXPECT_TRUE(PayloadGlance{}.looks_odd(sine_in_mu_law(160, 0)));
  EXPECT_TRUE(PayloadGlance{}.looks_odd(octets_of("From: alice@contoso.com, To: bob@contoso.com, all of it to be read")));
  EXPECT_TRUE(PayloadGlance{}.looks_odd(Octets(20, 0xFF)));
}

TEST(PayloadGlance, AnOctetThatStandsStillLooksOddTheThirdTime) {
  Noise noise{1};
  PayloadGlance glance;
  EXPECT_FALSE(glance.looks_odd(Octets{0x78} + noise.octets(40)));
  EXPECT_FALSE(glance.looks_odd(Octets{0x78} + noise.octets(40)));
  EXPECT_TRUE(glance.looks_odd(Octets{0x78} + noise.octets(40)));
}

TEST(PayloadGlance, EveryPartOfAPayloadHasItsTurn) {
  Noise noise{2};
  PayloadGlance glance;
  std::set<std::size_t> offsets;
  for (std::size_t i = 0; i < 10; ++i) {
    glance.looks_odd(noise.octets(300));
    offsets.insert(glance.offset());
  }
  EXPECT_EQ(offsets, (std::set<std::size_t>{0, 64, 128, 192, 236}));
  PayloadGlance behind;
  EXPECT_FALSE(behind.looks_odd(noise.octets(80) + Octets(400, 'a')));
  EXPECT_TRUE(behind.looks_odd(noise.octets(80) + Octets(400, 'a')));
  EXPECT_EQ(behind.offset(), 64U);
}

}  // namespace
}  // namespace sealtrace
