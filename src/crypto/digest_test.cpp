#include "crypto/digest.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace sealtrace {
namespace {

// FIPS 180-2 appendix B.1.
constexpr std::string_view kAbc = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";

TEST(Sha256, GivesTheStandardsExample) {
  EXPECT_EQ(upper_hex(sha256(as_bytes("abc"))), kAbc);
  EXPECT_EQ(upper_hex(sha256(as_bytes("abc"))), kAbc) << "the context is used again";
  EXPECT_EQ(upper_hex(sha256({})), "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
}

TEST(Sha256, WorksOnEveryThread) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([] { EXPECT_EQ(upper_hex(sha256(as_bytes("abc"))), kAbc); });
  for (std::thread& thread : threads) thread.join();
}

TEST(Sha256Stream, AddsUpPieces) {
  Sha256Stream stream;
  stream.update(as_bytes("a"));
  stream.update({});
  stream.update(as_bytes("bc"));
  EXPECT_EQ(stream.finish(), kAbc);
}

}  // namespace
}  // namespace sealtrace
