// Progress: one line on a terminal while files are read.
#pragma once

#include <chrono>
#include <cstdint>

#include "capture/packet_source.hpp"

namespace sealtrace {

/// Progress draws how far a source is, at most ten times a second, on standard error; it draws nothing unless that is a terminal
/// and `enabled`. The line is wiped by the destructor.
class Progress {
 public:
  explicit Progress(bool enabled);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();
  void update(const PacketSource& source);

 private:
  bool enabled_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace sealtrace
