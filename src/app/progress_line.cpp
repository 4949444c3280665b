#include "app/progress_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace sealtrace {

ProgressLine::ProgressLine(bool enabled) : enabled_{enabled && ::isatty(STDERR_FILENO) == 1} {}

ProgressLine::~ProgressLine() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressLine::update(const PacketSource& source) {
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds{100};
  drawn_ = true;
  constexpr double kMebibyte = 1 << 20;
  const SourceProgress progress = source.progress();
  const double read = static_cast<double>(progress.read_bytes);
  if (progress.total_bytes && *progress.total_bytes != 0) {
    const double total = static_cast<double>(*progress.total_bytes);
    fmt::print(stderr, "\r\x1b[Kreading: {:.0f} of {:.0f} MiB, {:.0f} %", read / kMebibyte, total / kMebibyte, 100 * read / total);
  } else {
    fmt::print(stderr, "\r\x1b[Kreading: {:.0f} MiB", read / kMebibyte);
  }
  std::fflush(stderr);
}

}  // namespace sealtrace
