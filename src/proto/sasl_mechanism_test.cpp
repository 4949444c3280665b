#include "proto/sasl_mechanism.hpp"

#include <gtest/gtest.h>

namespace sealtrace {
namespace {

TEST(SaslMechanism, NamesItsScheme) {
  using enum AuthenticationScheme;
  EXPECT_EQ(sasl_scheme("PLAIN"), sasl_plain);
  EXPECT_EQ(sasl_scheme("plain"), sasl_plain);
  EXPECT_EQ(sasl_scheme("SCRAM-SHA-256-PLUS"), sasl_scram);
  EXPECT_EQ(sasl_scheme("SCRAM"), other);
  EXPECT_EQ(sasl_scheme("GSS-SPNEGO"), negotiate);
  EXPECT_EQ(sasl_scheme("PLAIN2"), other);
  EXPECT_EQ(sasl_scheme(""), other);
}

TEST(SaslMechanism, OfSomeTheServerSpeaksFirst) {
  EXPECT_TRUE(sasl_server_begins(AuthenticationScheme::sasl_digest_md5));
  EXPECT_FALSE(sasl_server_begins(AuthenticationScheme::sasl_plain));
}

}  // namespace
}  // namespace sealtrace
