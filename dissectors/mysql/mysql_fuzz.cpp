// A connection says the same however its stream is cut; the probe keeps its word at the start of a stream; no head that is cut is whole.
// Input: see testing::fuzzed_script.
#include "dissect/scripted_fuzz.hpp"
#include "dissectors/mysql/mysql_session.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 13;
  auto script = testing::fuzzed_script({data, std::min(size, kMaxInput)});
  for (const auto& run : script) {
    const Bytes octets = as_bytes(run.said.octets);
    for (std::size_t length = 0; length < std::min(octets.size(), kMysqlSslRequestBytes); ++length) {
      if (parse_mysql_response(octets.first(length))) std::abort();
      if (length < kMysqlHeadBytes && parse_mysql_head(octets.first(length))) std::abort();
    }
    testing::keeps_its_word(kMysqlDissector, octets, 3306, true);
  }
  testing::hear(testing::checked<kMysqlDissector>, script, [] { return std::size_t{1} << 20; });
  // Behind a loss the session looks for a query that fills a segment: there the pieces are part of what is said.
  for (auto& run : script) run.gap = false;
  testing::says_the_same_however_cut(testing::checked<kMysqlDissector>, script);
  return 0;
}
