// Fuzz target of MIKEY. Oracle: a cut message says nothing that the whole does not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "proto/mikey.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealtrace;
  const Bytes message{data, size};
  const auto whole = parse_mikey(message);
  const auto cut = parse_mikey(message.first(size / 2));
  if (!cut) return 0;
  if (!whole || whole->method != cut->method) std::abort();
  if (cut->key_in_clear && !whole->key_in_clear) std::abort();
  if (cut->unencrypted_srtp && !whole->unencrypted_srtp) std::abort();
  return 0;
}
