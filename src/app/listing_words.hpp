// Words of lists that administrators export from Windows: hex, names, dates in the form of somebody's country.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/ids.hpp"

namespace sealtrace {

inline constexpr std::size_t kMaxListedCertificates = 200'000;  ///< of one list

/// hex_of gives the hex digits of a text, upper-case, whatever stands between them.
std::string hex_of(std::string_view text);

/// common_name_of takes the CN of a subject as Windows or OpenSSL prints it: "CN=fe01.contoso.com, O=Contoso", "O = Contoso, CN = x".
std::vector<std::string> common_name_of(std::string_view subject);

/// DateOrder is what of a date with slashes comes first.
enum class DateOrder : std::uint8_t { unknown, day_first, month_first };

/// time_of reads ISO 8601, .NET's /Date(milliseconds)/, dates with dots (day first), and dates with slashes where day and month cannot be
/// confused or `order` says which is which. Without a zone it is UTC: who wrote local time is off by up to fourteen hours.
std::optional<Timestamp> time_of(std::string_view text, DateOrder order = DateOrder::unknown);

/// date_order_of reads the order off the dates of one list: one with a day above 12 tells it for all. Unknown when none does, or two
/// differ.
DateOrder date_order_of(std::span<const std::string> dates);

/// openssl_time_of reads "Jan  2 03:04:05 2026 GMT", as OpenSSL prints times.
std::optional<Timestamp> openssl_time_of(std::string_view text);

/// name_key brings a distinguished name into a form in which those of Windows, OpenSSL and RFC 2253 are equal, whatever their order of
/// attributes: good enough beside an equal serial number.
std::string name_key(std::string_view name);

}  // namespace sealtrace
