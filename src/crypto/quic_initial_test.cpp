#include "crypto/quic_initial.hpp"

#include <gtest/gtest.h>

#include "crypto/digest.hpp"
#include "crypto/quic_initial_seal.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

constexpr std::uint32_t kVersion1 = 1, kVersion2 = 0x6b3343cf;

// The Destination Connection ID of RFC 9001 appendix A and RFC 9369 appendix A.
const std::vector<std::uint8_t> kId = annotated_hex("8394c8f03e515708");

struct KeyCase {
  const char* name;
  std::uint32_t version;
  Side sender;
  const char* key;
  const char* iv;
  const char* header_key;
};

TEST(QuicInitialKeys, FollowFromTheConnectionId) {
  constexpr KeyCase kCases[] = {
      {"RFC 9001 A.1, client", kVersion1, Side::initiator, "1F369613DD76D5467730EFCBE3B1A22D", "FA044B2F42A3FD3B46FB255C",
       "9F50449E04A0E810283A1E9933ADEDD2"},
      {"RFC 9001 A.1, server", kVersion1, Side::responder, "CF3A5331653C364C88F0F379B6067E37", "0AC1493CA1905853B0BBA03E",
       "C206B8D9B9F0F37644430B490EEAA314"},
      {"RFC 9369 A.1, client", kVersion2, Side::initiator, "8B1A0BC121284290A29E0971B5CD045D", "91F73E2351D8FA91660E909F",
       "45B95E15235D6F45A6B19CBCB0294BA9"},
      {"RFC 9369 A.1, server", kVersion2, Side::responder, "82DB637861D55E1D011F19EA71D5D2A7", "DD13C276499C0249D3310652",
       "EDF6D05C83121201B436E16877593C3A"},
  };
  for (const KeyCase& each : kCases) {
    SCOPED_TRACE(each.name);
    const QuicPacketProtection keys = QuicInitialKeys{each.version, kId}.of(each.sender);
    EXPECT_EQ(upper_hex(keys.key), each.key);
    EXPECT_EQ(upper_hex(keys.iv), each.iv);
    EXPECT_EQ(upper_hex(keys.header_key), each.header_key);
  }
}

// RFC 9001 appendix A.3.
const std::vector<std::uint8_t> kServerInitial = annotated_hex(R"(
    cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a
    5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3
    dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84
    022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc4
    2158407dd074ee)");
constexpr std::size_t kServerPacketNumberOffset = 18;

TEST(QuicInitialKeys, OpenTheStandardsServerInitial) {
  const QuicInitialKeys keys{kVersion1, kId};
  const auto opened = keys.open(Side::responder, kServerInitial, kServerPacketNumberOffset, 0);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->packet_number, 1U);
  EXPECT_EQ(upper_hex(opened->payload),
            "02000000000600405A020000560303EEFCE7F7B37BA1D1632E96677825DDF73988CFC79825DF566DC5430B9A045A1200130100002E00330024001D0020"
            "9D3C940D89690B84D08A60993C144ECA684D1081287C834D5311BCF32BB9DA1A002B00020304");
}

TEST(QuicInitialKeys, OpenNothingElse) {
  const QuicInitialKeys keys{kVersion1, kId};
  EXPECT_FALSE(keys.open(Side::initiator, kServerInitial, kServerPacketNumberOffset, 0)) << "the other side's keys";
  EXPECT_FALSE((QuicInitialKeys{kVersion2, kId}.open(Side::responder, kServerInitial, kServerPacketNumberOffset, 0)))
      << "another version's";
  for (std::size_t length = 0; length < kServerInitial.size(); ++length) {
    EXPECT_FALSE(keys.open(Side::responder, Bytes{kServerInitial}.first(length), kServerPacketNumberOffset, 0)) << "cut to " << length;
  }
  for (std::size_t at = 0; at < kServerInitial.size(); ++at) {
    auto changed = kServerInitial;
    changed[at] ^= 0x01;
    EXPECT_FALSE(keys.open(Side::responder, changed, kServerPacketNumberOffset, 0)) << "octet " << at << " changed";
  }
}

TEST(QuicInitialKeys, TakeThePacketNumberNearestToTheLargest) {
  const QuicInitialKeys keys{kVersion1, kId};
  const std::vector<std::uint8_t> header = annotated_hex("C0 00000001 08 8394c8f03e515708 00 00");
  struct Case {
    std::uint64_t largest;
    std::uint8_t sent;
    std::uint64_t whole;
  };
  for (const Case& each : {Case{0, 1, 1}, Case{200, 250, 250}, Case{100, 99, 99}}) {
    const std::string sealed =
        testing::seal_quic_initial(keys.of(Side::initiator), std::string{as_text(Bytes{header})}, each.sent, "frames");
    const auto opened = keys.open(Side::initiator, as_bytes(sealed), sealed.size() - 16 - 6 - 1, each.largest);
    ASSERT_TRUE(opened) << each.sent;
    EXPECT_EQ(opened->packet_number, each.whole);
  }
}

TEST(QuicInitialKeys, AreKnownForTheVersionsInUse) {
  for (const std::uint32_t version : {0x1U, 0x6b3343cfU, 0xff00001dU, 0xff000022U, 0xff000017U, 0xff00001cU, 0xfaceb002U}) {
    EXPECT_TRUE(has_quic_initial_keys(version)) << version;
  }
  for (const std::uint32_t version : {0x0U, 0x2U, 0xff000016U, 0xff000023U, 0x0a1a2a3aU, 0x51303433U}) {
    EXPECT_FALSE(has_quic_initial_keys(version)) << version;
  }
}

}  // namespace
}  // namespace sealtrace
