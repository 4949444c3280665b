// Bytes: how every parser of sealtrace names what it reads.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sealtrace {

/// Bytes is a borrowed, read-only run of octets. Whoever keeps them copies them.
using Bytes = std::span<const std::uint8_t>;

/// as_text views `bytes` as text without copying. No character set is implied: what a peer sent is not trusted to be UTF-8.
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// as_bytes views `text` as octets without copying.
inline Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

}  // namespace sealtrace
