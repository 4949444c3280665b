// stable_hash: what the ids of findings are made of; the same in every run and on every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace sealtrace {

/// stable_hash is FNV-1a, 32 bits folded from 64.
constexpr std::uint32_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3;
  return static_cast<std::uint32_t>(hash ^ hash >> 32);
}

}  // namespace sealtrace
