// A greeting that was read stays the same with octets behind it, and none of its cuts is whole.
#include <algorithm>
#include <cstdlib>

#include "dissectors/_template/specimen_parse.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes stream{data, size};
  const auto greeting = parse_specimen_greeting(stream);
  if (!greeting) return 0;
  const auto alone = parse_specimen_greeting(stream.first(greeting->length));
  if (!alone || !std::ranges::equal(alone->methods, greeting->methods)) std::abort();
  for (std::size_t length = 0; length < greeting->length; ++length) {
    const auto cut = parse_specimen_greeting(stream.first(length));
    if (cut || cut.error().code != ParseErrorCode::need_more) std::abort();
  }
  return 0;
}
