#include "dissectors/http/http_form.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "model/ascii.hpp"
#include "wire/hex_digit.hpp"

namespace sealtrace {
namespace {

constexpr std::array<std::string_view, 7> kPasswordWords{"password", "passwd", "passphrase", "passcode", "passwort", "pwd", "kennwort"};
constexpr std::array<std::string_view, 8> kSettings{"0", "1", "on", "off", "true", "false", "yes", "no"};
constexpr std::size_t kMaxNameBytes = 64;

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// unescaped gives a name with its brackets and dots as they are: forms of frameworks have "user[password]", sent as "user%5Bpassword%5D".
std::string unescaped(std::string_view name) {
  std::string plain;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool escape = name[at] == '%' && at + 2 < name.size() && hex_digit(name[at + 1]) >= 0 && hex_digit(name[at + 2]) >= 0;
    plain += escape ? static_cast<char>(hex_digit(name[at + 1]) << 4 | hex_digit(name[at + 2])) : name[at];
    if (escape) at += 2;
  }
  return plain;
}

/// last_word gives the last word of a name: "j_password", "userPassword" and "user[password]" all end in one.
std::string_view last_word(std::string_view name) {
  while (!name.empty() && !is_letter(name.back())) name.remove_suffix(1);
  std::size_t begin = name.size();
  while (begin > 0 && is_letter(name[begin - 1])) {
    --begin;
    const bool joint = is_capital(name[begin]) && begin > 0 && is_letter(name[begin - 1]) && !is_capital(name[begin - 1]);
    if (joint) break;
  }
  return name.substr(begin);
}

bool names_password(std::string_view name) {
  const std::string plain = unescaped(name.substr(0, kMaxNameBytes));
  const std::string_view word = last_word(plain);
  // Tickets and cards are passes too: "boardingPass" is none, "j_pass" is one.
  const auto begin = static_cast<std::size_t>(word.data() - plain.data());
  if (same_word("pass", word)) return begin == 0 || !is_letter(plain[begin - 1]);
  return std::ranges::any_of(kPasswordWords, [&](std::string_view known) { return same_word(known, word); });
}

bool is_setting(std::string_view value) {
  return value.empty() || std::ranges::any_of(kSettings, [&](std::string_view known) { return same_word(known, value); });
}

/// find_field finds the first field whose name is one of `names` and whose value can be what they stand for.
template <typename Names>
std::optional<HttpFormField> find_field(std::string_view form, const Names& names) {
  form = form.substr(0, kMaxHttpFormBytes);
  std::size_t at = 0;
  while (at < form.size()) {
    const std::size_t end = std::min(form.find('&', at), form.size());
    const std::string_view pair = form.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && !is_setting(pair.substr(equals + 1)) && names(pair.substr(0, equals)))
      return HttpFormField{.offset = at, .length = equals};
    at = end + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<HttpFormField> find_password_field(std::string_view form) { return find_field(form, names_password); }

std::optional<HttpFormField> find_token_field(std::string_view form) {
  return find_field(form, [](std::string_view name) { return name == "access_token"; });
}

}  // namespace sealtrace
