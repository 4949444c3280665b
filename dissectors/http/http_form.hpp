// Forms, posted or behind the question mark of a target: whether a field is named as passwords or tokens are, and has a value (WHATWG URL,
// application/x-www-form-urlencoded).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "wire/bytes.hpp"

namespace sealtrace {

/// kMaxHttpFormBytes of a form are looked at: those of sign-in pages have some hundreds.
inline constexpr std::size_t kMaxHttpFormBytes = 4096;

/// HttpFormField is where a field's name stands in a form.
struct HttpFormField {
  std::size_t offset = 0;
  std::size_t length = 0;
};

/// find_password_field finds the first field whose name ends in a word for a password ("pass" only as a word of its own) and whose value
/// can be one: not empty, and no word for yes or no, as the fields of settings have them. Neither name nor value is kept.
std::optional<HttpFormField> find_password_field(std::string_view form);

/// find_token_field finds the first "access_token" (RFC 6750 sections 2.2 and 2.3) that has a value.
std::optional<HttpFormField> find_token_field(std::string_view form);

}  // namespace sealtrace
