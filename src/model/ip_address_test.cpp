#include "model/ip_address.hpp"

#include <gtest/gtest.h>

namespace sealtrace {
namespace {

TEST(IpAddress, WritesWhatItReads) {
  for (const char* text : {"10.0.1.20", "0.0.0.0", "fd00::1", "2001:db8::8:800:200c:417a", "::"}) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
  }
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "10.0.1", "10.0.1.256", "fe01.contoso.com", "10.0.1.20/8", "fd00:::1"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(Cidr, ContainsByPrefix) {
  const auto internal = Cidr::parse("10.20.0.0/14");
  ASSERT_TRUE(internal);
  EXPECT_TRUE(internal->contains(*IpAddress::parse("10.23.255.1")));
  EXPECT_FALSE(internal->contains(*IpAddress::parse("10.24.0.1")));
  EXPECT_FALSE(internal->contains(*IpAddress::parse("fd00::1")));
  EXPECT_EQ(internal->to_string(), "10.20.0.0/14");
  EXPECT_TRUE(Cidr::parse("fd00::/8")->contains(*IpAddress::parse("fdff::1")));
  EXPECT_TRUE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("198.51.100.9")));
  EXPECT_FALSE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("2001:db8::1")));
}

TEST(Cidr, RefusesHostBitsAndBadPrefixes) {
  for (const char* text : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "fd00::/129", "fd00::1/64"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

}  // namespace
}  // namespace sealtrace
