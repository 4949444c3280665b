// What must hold for every reader, whatever it is given: the oracle of the fuzz targets.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "capture/capture_octets.hpp"

namespace sealtrace {

inline void require(bool condition) {
  if (!condition) std::abort();
}

/// check_reader reads `file` in blocks of different sizes. Frames are runs of the file's octets in file order, numbers ascend, what
/// is told of the file agrees with its frames, and how much is read at a time changes nothing.
inline void check_reader(Bytes file) {
  const ReadOutcome whole = read_all(file, std::size_t{4} << 10);
  auto from = file.begin();
  std::uint64_t last_number = 0;
  std::uint64_t bytes = 0;
  for (const OwnedFrame& frame : whole.frames) {
    require(value(frame.frame) > last_number);
    last_number = value(frame.frame);
    require(frame.wire_bytes >= frame.data.size());
    bytes += frame.data.size();
    const auto found = std::search(from, file.end(), frame.data.begin(), frame.data.end());
    require(found != file.end() || frame.data.empty());
    if (!frame.data.empty()) from = found + static_cast<std::ptrdiff_t>(frame.data.size());
  }
  require(whole.summary.frames >= last_number);
  require(whole.summary.bytes == bytes);
  require(whole.summary.complete == whole.summary.error.empty());
  require(!whole.summary.unreadable || whole.frames.empty());

  for (const std::size_t block_bytes : {std::size_t{1}, std::size_t{50}}) {
    const ReadOutcome pieces = read_all(file, block_bytes, 1 + file.size() % 7);
    require(pieces.frames == whole.frames);
    require(pieces.summary.frames == whole.summary.frames);
    require(pieces.summary.complete == whole.summary.complete);
    require(pieces.summary.unreadable == whole.summary.unreadable);
    require(pieces.summary.error == whole.summary.error);
    require(pieces.summary.damage == whole.summary.damage);
    require(pieces.key_log.items() == whole.key_log.items());
  }
}

/// check_reader_of gives `input` the magic number of a format, unless it begins as a capture anyway.
inline void check_reader_of(Bytes magic, Bytes input) {
  Octets file{input.begin(), input.end()};
  if (detect_format(file) == CaptureFormat::none && file.size() >= magic.size()) std::ranges::copy(magic, file.begin());
  if (detect_format(file) != CaptureFormat::none) check_reader(file);
}

}  // namespace sealtrace
