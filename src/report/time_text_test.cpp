#include "report/time_text.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace sealtrace {

namespace {

struct TimeCase {
  std::string_view name;
  std::int64_t nanoseconds;  ///< since 1970
  std::string_view text;
};

class Rfc3339 : public testing::TestWithParam<TimeCase> {};

TEST_P(Rfc3339, gives_this_text) { EXPECT_EQ(rfc3339(Timestamp{std::chrono::nanoseconds{GetParam().nanoseconds}}), GetParam().text); }

constexpr TimeCase kCases[] = {
    {"the_epoch", 0, "1970-01-01T00:00:00.000000Z"},
    {"microseconds_have_six_digits", 1'767'603'600'000'001'000, "2026-01-05T09:00:00.000001Z"},
    {"nanoseconds_have_nine_digits", 1'767'603'600'000'001'001, "2026-01-05T09:00:00.000001001Z"},
    {"a_leap_day", 1'709'164'800'000'000'000, "2024-02-29T00:00:00.000000Z"},
    {"the_end_of_a_year", 1'767'225'599'999'999'999, "2025-12-31T23:59:59.999999999Z"},
    {"just_before_the_epoch", -1, "1969-12-31T23:59:59.999999999Z"},
    {"the_last_time_there_is", 9'223'372'036'854'775'807, "2262-04-11T23:47:16.854775807Z"},
    {"the_first_time_there_is", std::int64_t{-9'223'372'036'854'775'807} - 1, "1677-09-21T00:12:43.145224192Z"},
};
INSTANTIATE_TEST_SUITE_P(TimeText, Rfc3339, testing::ValuesIn(kCases), [](const auto& test) { return std::string{test.param.name}; });

TEST(TimeText, cuts_clock_and_day_without_rounding) {
  const Timestamp time{std::chrono::nanoseconds{1'767'603'659'999'999'999}};
  EXPECT_EQ(clock_text(time), "2026-01-05 09:00:59");
  EXPECT_EQ(day_text(time), "2026-01-05");
}

}  // namespace

}  // namespace sealtrace
