#include "proto/tls_ahead.hpp"

#include <gtest/gtest.h>

#include "wire/annotated_hex.hpp"

namespace sealtrace {
namespace {

TlsAhead ahead(std::string_view hex) { return tls_ahead(annotated_hex(hex)); }

TEST(TlsAhead, TellsARecordFromClearOctets) {
  EXPECT_EQ(ahead(""), TlsAhead::need_more);
  EXPECT_EQ(ahead("16 03 01 00"), TlsAhead::need_more);
  EXPECT_EQ(ahead("16 03 01 00 02"), TlsAhead::first_record);
  EXPECT_EQ(ahead("16 03 01 00 02 01 00"), TlsAhead::first_record);
  EXPECT_EQ(ahead("16 03 01 00 02 01 00 14"), TlsAhead::more_records);
  EXPECT_EQ(ahead("16 04"), TlsAhead::no) << "no version of TLS";
  EXPECT_EQ(ahead("17 03 03 00 02"), TlsAhead::no) << "no handshake begins so";
  EXPECT_EQ(ahead("3C"), TlsAhead::no) << "XML";
  EXPECT_EQ(ahead("30 84"), TlsAhead::no) << "LDAP";
}

}  // namespace
}  // namespace sealtrace
