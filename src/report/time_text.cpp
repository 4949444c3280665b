#include "report/time_text.hpp"

#include <chrono>
#include <cstdint>

namespace sealtrace {

namespace {

/// put_digits writes `number` right-aligned with leading zeros over `num_digits` characters from `at`.
void put_digits(TimeBuffer& text, std::size_t at, std::size_t num_digits, std::uint64_t number) {
  for (std::size_t i = num_digits; i-- > 0; number /= 10) text[at + i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string_view rfc3339_into(TimeBuffer& buffer, Timestamp time) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const std::int64_t count = time.time_since_epoch().count();  // by hand: the first day begins before the first time there is
  const bool rounds_down = count % kDay < 0;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{count / kDay - (rounds_down ? 1 : 0)}}};
  const auto of_day = static_cast<std::uint64_t>(count % kDay + (rounds_down ? kDay : 0));
  const std::uint64_t nanoseconds = of_day % 1'000'000'000;
  const std::uint64_t seconds = of_day / 1'000'000'000;
  constexpr std::string_view kShape = "0000-00-00T00:00:00.000000000Z";
  kShape.copy(buffer.data(), kShape.size());
  put_digits(buffer, 0, 4, static_cast<std::uint64_t>(static_cast<int>(date.year())));  // 64-bit nanoseconds end in the years 1677 and 2262
  put_digits(buffer, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(buffer, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(buffer, 11, 2, seconds / 3600);
  put_digits(buffer, 14, 2, seconds / 60 % 60);
  put_digits(buffer, 17, 2, seconds % 60);
  put_digits(buffer, 20, 9, nanoseconds);
  if (nanoseconds % 1000 != 0) return {buffer.data(), kShape.size()};
  buffer[26] = 'Z';
  return {buffer.data(), 27};
}

std::string rfc3339(Timestamp time) {
  TimeBuffer buffer;
  return std::string{rfc3339_into(buffer, time)};
}

std::string clock_text(Timestamp time) {
  std::string text = rfc3339(time).substr(0, 19);
  text[10] = ' ';
  return text;
}

std::string day_text(Timestamp time) { return rfc3339(time).substr(0, 10); }

}  // namespace sealtrace
