// What the table tests of stream dissectors share: a script, and the words that are heard in whatever pieces it comes. Only tests include
// it.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "dissect/scripted_flow.hpp"
#include "wire/annotated_hex.hpp"

namespace sealtrace::testing {

using Words = std::vector<std::string>;

/// octets reads hex with notes (annotated_hex).
inline std::string octets(std::string_view hex) {
  const std::vector<std::uint8_t> bytes = annotated_hex(hex);
  return std::string{as_text(bytes)};
}

/// SpokenCase is a script, what ScriptedFlow says of it, and whether the session hands over.
struct SpokenCase {
  std::string_view name;
  std::vector<Said> script;
  Words words;
  bool handed_over = false;
};
inline void PrintTo(const SpokenCase& spoken, std::ostream* out) { *out << spoken.name; }
inline std::string name_of(const ::testing::TestParamInfo<SpokenCase>& tested) { return std::string{tested.param.name}; }

/// expect_heard plays a case whole and in small pieces.
inline void expect_heard(const Dissector& dissector, const SpokenCase& spoken) {
  for (const std::size_t piece_bytes : {0xFFFFFFFFU, 1U, 2U, 3U, 7U}) {
    ScriptedFlow flow{dissector};
    flow.stream(spoken.script, piece_bytes);
    EXPECT_EQ(flow.words, spoken.words) << piece_bytes;
    EXPECT_EQ(flow.handed_over, spoken.handed_over) << piece_bytes;
  }
}

}  // namespace sealtrace::testing
