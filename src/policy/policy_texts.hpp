// What every demand of a pack carries: where it is written, and the words of a finding.
#pragma once

#include <string>

namespace sealtrace {

/// PolicySource is where a demand is written.
struct PolicySource {
  std::string document;  ///< title
  std::string edition;
  std::string clause;
};

/// PolicyTexts are the words of a finding. `{client}`, `{server}`, `{port}` are replaced. Empty where the row's words hold.
struct PolicyTexts {
  std::string why;
  std::string remedy;
  std::string verify;  ///< a command
};

}  // namespace sealtrace
