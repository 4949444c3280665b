// A session hears the same facts however its stream is cut and whatever is lost, points only at octets it was given, and a probe that
// refused the beginning of a stream never takes more of it. Input: see turns_of.
#include "dissectors/http/http_probe.hpp"
#include "dissectors/http/http_session.hpp"
#include "dissectors/http/http_stream_script.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 13;
  const Bytes input{data, std::min(size, kMaxInput)};
  testing::check_splits(kHttpDissector, input, 0);
  for (const testing::Turn& turn : testing::turns_of(input)) testing::check_probe(probe_http, turn.octets);
  return 0;
}
