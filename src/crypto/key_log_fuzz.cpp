// Whatever the octets: lines are counted once, and cutting the text between two lines changes nothing.
#include <cstdlib>
#include <string_view>

#include "crypto/key_log.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(Bytes{data, size});
  KeyRing whole;
  const KeyLogLines lines = whole.add(text);
  if (whole.size() > lines.secrets) std::abort();
  KeyRing halves;
  const std::size_t middle = text.find('\n', size / 2);
  const std::size_t cut = middle == std::string_view::npos ? size : middle + 1;
  halves.add(text.substr(0, cut));
  halves.add(text.substr(cut));
  if (halves.lines() != lines || halves.size() != whole.size()) std::abort();
  return 0;
}
