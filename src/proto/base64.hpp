// Base64 as signalling writes keys and tokens (RFC 4648 section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/secret_octets.hpp"

namespace sealtrace {

/// Base64Front is how far a text was decoded.
struct Base64Front {
  std::size_t num_characters = 0;
  std::size_t num_octets = 0;
};

/// decode_base64_front decodes the front of `text` into `octets`: up to their end, or up to a character of another alphabet.
Base64Front decode_base64_front(std::string_view text, std::span<std::uint8_t> octets);

/// decode_base64 reads text with or without its padding; nullopt when it has other characters, or stands for more than `max_bytes`.
std::optional<SecretOctets> decode_base64(std::string_view text, std::size_t max_bytes);

}  // namespace sealtrace
