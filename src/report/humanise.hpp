// Numbers as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sealtrace {

/// with_separators is 1234567 as "1,234,567".
std::string with_separators(std::uint64_t number);

/// counted is "1 flow", "1,200 flows"; the plural is the noun and an s unless given.
std::string counted(std::uint64_t number, std::string_view noun, std::string_view plural = {});

/// human_bytes is "812 bytes", "31.4 MB": powers of 1000.
std::string human_bytes(std::uint64_t bytes);

/// human_duration is "0.532 s", "58 s", "42 min 13 s", "3 h 05 min", "2 d 4 h"; negative spans are "0 s".
std::string human_duration(std::chrono::nanoseconds span);

/// as_words is a stable code as words: "dissector_missing" as "dissector missing".
std::string as_words(std::string_view code);

}  // namespace sealtrace
