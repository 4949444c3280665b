// A connection says the same however its stream is cut; the probe keeps its word at the start of a stream; no head that is cut is whole.
// Input: see testing::fuzzed_script.
#include "dissect/scripted_fuzz.hpp"
#include "dissectors/postgresql/postgresql_session.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 13;
  auto script = testing::fuzzed_script({data, std::min(size, kMaxInput)});
  for (const auto& run : script) {
    const Bytes octets = as_bytes(run.said.octets);
    for (std::size_t length = 0; length < std::min(octets.size(), kPostgresqlOpeningBytes); ++length) {
      if (parse_postgresql_opening(octets.first(length))) std::abort();
      if (length < kPostgresqlHeadBytes && parse_postgresql_head(octets.first(length), true)) std::abort();
    }
    testing::keeps_its_word(kPostgresqlDissector, octets, 5432, true);
  }
  testing::hear(testing::checked<kPostgresqlDissector>, script, [] { return std::size_t{1} << 20; });
  // Behind a loss the session looks for messages that fill a segment: there the pieces are part of what is said.
  for (auto& run : script) run.gap = false;
  testing::says_the_same_however_cut(testing::checked<kPostgresqlDissector>, script);
  return 0;
}
