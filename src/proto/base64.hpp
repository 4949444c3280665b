// Base64 as signalling writes keys (RFC 4648 section 4).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "model/secret_octets.hpp"

namespace sealtrace {

/// decode_base64 reads text with or without its padding; nullopt when it has other characters, or stands for more than `max_bytes`.
std::optional<SecretOctets> decode_base64(std::string_view text, std::size_t max_bytes);

}  // namespace sealtrace
