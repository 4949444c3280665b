#include "app/listing_words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "model/ascii.hpp"

namespace sealtrace {
namespace {

/// Digits reads numbers off a text; `ok` falls when there is none.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_{text} {}
  int number(std::size_t max_digits) {
    int value = 0;
    std::size_t length = 0;
    while (length < max_digits && length < text_.size() && text_[length] >= '0' && text_[length] <= '9')
      value = value * 10 + (text_[length++] - '0');
    ok_ = ok_ && length > 0;
    text_.remove_prefix(length);
    return value;
  }
  bool skip(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] std::string_view rest() const { return text_; }
  [[nodiscard]] bool ok() const { return ok_; }
  void fail() { ok_ = false; }

 private:
  std::string_view text_;
  bool ok_ = true;
};

/// clock_of reads "10:30:05 PM" or "22:30:05.123+02:00"; without a zone it is UTC.
std::chrono::nanoseconds clock_of(Digits& text) {
  using namespace std::chrono;
  int hour = text.number(2);
  const int minute = text.skip(":") ? text.number(2) : 0;
  const int second = text.skip(":") ? text.number(2) : 0;
  if (text.skip(".")) text.number(9);
  while (text.skip(" ")) {
  }
  const std::string_view rest = text.rest();
  if (rest.starts_with("PM") || rest.starts_with("pm")) hour = hour % 12 + 12;
  if (rest.starts_with("AM") || rest.starts_with("am")) hour = hour % 12;
  minutes zone{0};
  if (rest.starts_with('+') || rest.starts_with('-')) {
    const bool east = text.skip("+");
    if (!east) text.skip("-");
    const int hours_off = text.number(2);
    text.skip(":");
    zone = minutes{(east ? 1 : -1) * (hours_off * 60 + text.number(2))};
  }
  return hours{hour} + minutes{minute} + seconds{second} - zone;
}

/// Date is what stands in a date, in its order.
struct Date {
  int first = 0;
  int second = 0;
  int third = 0;
  char separator = '\0';
};

std::optional<Date> read_date(Digits& digits) {
  Date date;
  date.first = digits.number(4);
  date.separator = digits.rest().empty() ? '\0' : digits.rest().front();
  if (!digits.skip("-/.")) return std::nullopt;
  date.second = digits.number(2);
  if (!digits.skip("-/.")) return std::nullopt;
  date.third = digits.number(4);
  return digits.ok() ? std::optional{date} : std::nullopt;
}

constexpr int kMaxDay = 31;
constexpr int kMaxMonth = 12;

std::optional<Timestamp> instant_of(int year_number, int month_number, int day_number, std::chrono::nanoseconds clock) {
  using namespace std::chrono;
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)}, day{static_cast<unsigned>(day_number)}};
  if (!date.ok() || year_number < 1900 || year_number > 2200) return std::nullopt;
  return Timestamp{sys_days{date}} + clock;
}

/// without_wide_blanks: Windows writes U+00A0 or U+202F before AM and PM, and U+200E around dates.
std::string without_wide_blanks(std::string_view text) {
  std::string plain{text};
  const auto replace = [&](std::string_view what, std::string_view with) {
    for (std::size_t at = plain.find(what); at != std::string::npos; at = plain.find(what, at)) plain.replace(at, what.size(), with);
  };
  replace("\xE2\x80\xAF", " ");
  replace("\xC2\xA0", " ");
  replace("\xE2\x80\x8E", "");
  return plain;
}

}  // namespace

std::string hex_of(std::string_view text) {
  std::string hex;
  for (const char c : text) {
    if (c >= 'a' && c <= 'f') hex.push_back(static_cast<char>(c - 'a' + 'A'));
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')) hex.push_back(c);
  }
  return hex;
}

std::vector<std::string> common_name_of(std::string_view subject) {
  for (std::size_t at = 0; at < subject.size();) {
    const std::size_t end = std::min(subject.find(',', at), subject.size());
    const std::string_view part = trimmed(subject.substr(at, end - at));
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && lower(trimmed(part.substr(0, equals))) == "cn")
      return {std::string{trimmed(part.substr(equals + 1))}};
    at = end + 1;
  }
  return {};
}

std::optional<Timestamp> time_of(std::string_view text, DateOrder order) {
  using namespace std::chrono;
  if (const std::size_t at = text.find("Date("); at != std::string_view::npos) {
    std::int64_t number = 0;
    const std::string_view digits = text.substr(at + 5);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc{}) return std::nullopt;
    constexpr std::int64_t kFarthest = 9'000'000'000'000;  // milliseconds a Timestamp holds, about
    return Timestamp{milliseconds{std::clamp(number, -kFarthest, kFarthest)}};
  }
  const std::string plain = without_wide_blanks(text);
  Digits digits{plain};
  const std::optional<Date> date = read_date(digits);
  if (!date) return std::nullopt;
  nanoseconds clock{0};
  if (digits.skip("T ")) clock = clock_of(digits);
  if (!digits.ok()) return std::nullopt;
  if (date->first > kMaxDay) return instant_of(date->first, date->second, date->third, clock);
  if (date->separator == '.') order = DateOrder::day_first;
  if (date->first > kMaxMonth) order = DateOrder::day_first;
  if (date->second > kMaxMonth) order = DateOrder::month_first;
  if (date->first == date->second) order = DateOrder::day_first;
  if (order == DateOrder::unknown) return std::nullopt;  // day and month, or month and day: nobody knows
  return order == DateOrder::day_first ? instant_of(date->third, date->second, date->first, clock)
                                       : instant_of(date->third, date->first, date->second, clock);
}

DateOrder date_order_of(std::span<const std::string> dates) {
  bool day_first = false;
  bool month_first = false;
  for (const std::string& text : dates) {
    const std::string plain = without_wide_blanks(text);
    Digits digits{plain};
    const std::optional<Date> date = read_date(digits);
    if (!date || date->first > kMaxDay || date->separator == '.') continue;
    day_first = day_first || date->first > kMaxMonth;
    month_first = month_first || date->second > kMaxMonth;
  }
  if (day_first == month_first) return DateOrder::unknown;
  return day_first ? DateOrder::day_first : DateOrder::month_first;
}

std::optional<Timestamp> openssl_time_of(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::ranges::find(kMonths, text.substr(0, 3));
  if (found == kMonths.end() || text.size() < 4) return std::nullopt;
  Digits digits{text.substr(3)};
  while (digits.skip(" ")) {
  }
  const int day_number = digits.number(2);
  if (!digits.skip(" ")) return std::nullopt;
  const std::chrono::nanoseconds clock = clock_of(digits);
  const int year_number = digits.number(4);
  if (!digits.ok()) return std::nullopt;
  return instant_of(year_number, static_cast<int>(found - kMonths.begin()) + 1, day_number, clock);
}

std::string name_key(std::string_view name) {
  std::vector<std::string> parts;
  std::string part;
  bool quoted = false;
  const auto end_part = [&] {
    if (!part.empty()) parts.push_back(std::move(part));
    part.clear();
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '\\' && i + 1 < name.size()) {
      part += lower(name.substr(++i, 1));
    } else if (!quoted && (c == ',' || c == '+' || c == ';')) {
      end_part();
    } else if (c != ' ') {  // " = " and ", " are matters of taste
      part += lower(name.substr(i, 1));
    }
  }
  end_part();
  std::ranges::sort(parts);
  std::string key;
  for (const std::string& each : parts) key += each + "\n";
  return key;
}

}  // namespace sealtrace
