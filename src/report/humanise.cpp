#include "report/humanise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sealtrace {

std::string with_separators(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural) {
  if (number == 1) return fmt::format("1 {}", noun);
  return plural.empty() ? fmt::format("{} {}s", with_separators(number), noun) : fmt::format("{} {}", with_separators(number), plural);
}

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return counted(bytes, "byte");
  constexpr std::array<std::string_view, 6> kUnits{"kB", "MB", "GB", "TB", "PB", "EB"};
  auto amount = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (amount >= 999.95 && unit + 1 < kUnits.size()) {
    amount /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

std::string human_duration(std::chrono::nanoseconds span) {
  using namespace std::chrono;
  if (span <= nanoseconds{0}) return "0 s";
  if (span < 10s) return fmt::format("{:.3f} s", duration<double>(span).count());
  const auto total = duration_cast<seconds>(span).count();
  if (total < 60) return fmt::format("{} s", total);
  if (total < 3600) return fmt::format("{} min {:02} s", total / 60, total % 60);
  if (total < 86400) return fmt::format("{} h {:02} min", total / 3600, total / 60 % 60);
  return fmt::format("{} d {} h", total / 86400, total / 3600 % 24);
}

std::string as_words(std::string_view code) {
  std::string words{code};
  std::ranges::replace(words, '_', ' ');
  return words;
}

}  // namespace sealtrace
