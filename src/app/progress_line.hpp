// ProgressLine: one line on a terminal while files are read.
#pragma once

#include <chrono>
#include <cstdint>

#include "capture/packet_source.hpp"

namespace sealtrace {

/// ProgressLine draws how far a source is, at most ten times a second, on standard error; it draws nothing unless that is a terminal
/// and `enabled`. The line is wiped by the destructor.
class ProgressLine {
 public:
  explicit ProgressLine(bool enabled);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();
  void update(const PacketSource& source);

 private:
  bool enabled_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace sealtrace
