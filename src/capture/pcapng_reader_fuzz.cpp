#include <array>

#include "capture/fuzz_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array<std::uint8_t, 4> kMagic{0x0A, 0x0D, 0x0D, 0x0A};
  sealtrace::check_reader_of(kMagic, {data, size});
  return 0;
}
