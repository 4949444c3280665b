#include "dissectors/rtp/codec_catalogue.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dissectors/rtp/media_detector.hpp"
#include "dissectors/rtp/media_octets.hpp"

namespace sealtrace {
namespace {

using namespace sealtrace::testing;

/// A codec without header: its frames are noise here, so only the catalogue holds the verdict back.
struct Headerless {
  std::string_view name;
  Stream stream;
  std::size_t length;
  bool waits;
};

class HeaderlessCodecs : public ::testing::TestWithParam<Headerless> {};
TEST_P(HeaderlessCodecs, WaitForManyPackets) {
  Noise noise{15};
  MediaDetector detector{bits(40)};
  MediaCall call = MediaCall::open;
  std::size_t count = 0;
  while (call == MediaCall::open && count < 100)
    call = detector.take(header_of(count++, GetParam().stream), noise.octets(GetParam().length), false);
  EXPECT_EQ(call, MediaCall::encrypted) << GetParam().name;
  EXPECT_EQ(count >= 64, GetParam().waits) << GetParam().name << ' ' << count;
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HeaderlessCodecs,
    ::testing::Values(Headerless{"iLBC of 20 ms", {160, 97}, 38, true}, Headerless{"iLBC of 30 ms, tag of 10", {240, 97}, 60, true},
                      Headerless{"G.722.1 at 24 kbit/s", {320, 97}, 60, true}, Headerless{"G.722.1 with a tag of 4", {320, 97}, 64, true},
                      Headerless{"G.728", {160, 15}, 40, true}, Headerless{"G.726 at 32 kbit/s", {160, 97}, 80, true},
                      Headerless{"EVS at 13.2 kbit/s", {320, 97}, 33, true}, Headerless{"G.722 with a tag", {160, 9}, 170, true},
                      Headerless{"G.711 with a tag", {160, 0}, 170, false},
                      Headerless{"GSM's length without its signature", {160, 3}, 33, false},
                      Headerless{"G.729's length without its parity", {160, 18}, 20, false},
                      Headerless{"no codec's length", {160, 97}, 71, false}));

TEST(CodecCatalogue, SyntaxRefutesOnlyWhatDoesNotFollowIt) {
  Noise noise{16};
  PayloadShapes gsm, g723, other;
  for (int i = 0; i < 12; ++i) {
    gsm.take(Octets{static_cast<std::uint8_t>(0xD0 + i)} + noise.octets(32));
    g723.take(Octets{static_cast<std::uint8_t>(i << 2)} + noise.octets(23));
    other.take(noise.octets(33));
  }
  EXPECT_GT(in_bits(gsm.gsm()), 40);
  EXPECT_LT(in_bits(other.gsm()), -20);
  EXPECT_GT(in_bits(g723.g723(0)), 20);
  EXPECT_LT(in_bits(g723.g723(2)), -20) << "with a tag the lengths would be others";
}

}  // namespace
}  // namespace sealtrace
