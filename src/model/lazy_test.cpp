#include "model/lazy.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sealtrace {
namespace {

TEST(Lazy, MakesItsValueOnceAndOnlyWhenItIsAskedFor) {
  int num_made = 0;
  const Lazy<std::string> text{[&] {
    ++num_made;
    return std::string{"made"};
  }};
  EXPECT_EQ(num_made, 0);
  EXPECT_EQ(*text, "made");
  EXPECT_EQ(*text, "made");
  EXPECT_EQ(num_made, 1);
}

}  // namespace
}  // namespace sealtrace
