// TlsHistory: a handshake as a short string, one letter per message in the order of the capture (docs/records.md).
#pragma once

#include <cstddef>
#include <string>

#include "model/fact.hpp"

namespace sealtrace {

/// kMaxHistoryLetters bounds the string: three full handshakes with alerts and data fit, and a record stays one screen line.
inline constexpr std::size_t kMaxHistoryLetters = 64;

/// TlsHistory builds the string. Capital letters are the client's; runs of application data or of encrypted handshake
/// records of one side are one letter.
class TlsHistory {
 public:
  void add(const Fact& fact);
  /// cut is true when letters were left out.
  [[nodiscard]] bool cut() const { return cut_; }
  [[nodiscard]] std::string take() { return std::move(letters_); }

 private:
  std::string letters_;
  bool cut_ = false;
};

}  // namespace sealtrace
