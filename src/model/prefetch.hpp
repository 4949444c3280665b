// prefetch: octets that will be read soon are asked for now.
#pragma once

#include <cstddef>

namespace sealtrace {

/// prefetch brings the lines of `num_bytes` octets from `begin` on into the cache. `begin` may be null: nothing then. To g++ a prefetch has
/// no effect: it drops calls of a function that does nothing else, unless the function is inlined or in another file.
[[gnu::always_inline]] inline void prefetch(const void* begin, std::size_t num_bytes) {
  constexpr std::size_t kLineBytes = 64;
  if (begin == nullptr) return;
  for (std::size_t at = 0; at < num_bytes; at += kLineBytes) __builtin_prefetch(static_cast<const char*>(begin) + at);
}

}  // namespace sealtrace
