#include "dissectors/tls/message_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace sealtrace {
namespace {

TEST(MessageBuffer, KeepsWhatWasAppended) {
  MessageBuffer buffer;
  const std::vector<std::uint8_t> octets{1, 2, 3, 4, 5};
  EXPECT_TRUE(buffer.append(Bytes{octets}.first(2), 5));
  EXPECT_TRUE(buffer.append(Bytes{octets}.subspan(2)));
  EXPECT_TRUE(std::ranges::equal(buffer.bytes(), octets));
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
}

TEST(MessageBuffer, TheBudgetIsWhatItWasAfterEveryClear) {
  const std::vector<std::uint8_t> half(kMaxHeldBytes / 2);
  const std::vector<std::uint8_t> more(kMaxHeldBytes / 2 + 1);
  for (int round = 0; round < 3; ++round) {
    MessageBuffer first;
    MessageBuffer second;
    EXPECT_TRUE(first.append(half));
    EXPECT_FALSE(second.append(more));
    EXPECT_TRUE(second.empty());
    first.clear();
    EXPECT_TRUE(second.append(more));
  }
}

TEST(MessageBuffer, APromiseIsNotBelievedBeyondALimit) {
  MessageBuffer held;
  const std::vector<std::uint8_t> header{11, 0xFF, 0xFF, 0xFF};
  EXPECT_TRUE(held.append(header, 16U << 20));
  MessageBuffer other;
  const std::vector<std::uint8_t> nearly_all(kMaxHeldBytes - (std::size_t{64} << 10));
  EXPECT_TRUE(other.append(nearly_all));
}

}  // namespace
}  // namespace sealtrace
