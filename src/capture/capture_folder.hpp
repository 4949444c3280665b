// The captures of a folder, in the order in which they were taken.
#pragma once

#include <string>
#include <vector>

namespace sealtrace {

/// CapturePath is one file to read, or with an `error` one that is known to be unreadable and why.
struct CapturePath {
  std::string path;
  std::string error;
};

/// captures_of_folder lists the regular files in `folder` (not in folders below it) that look like captures, by the time of their
/// first frame, then by name; those without frames come last. Other files are left out, but a file that cannot be opened is
/// listed with its error: it may have been a capture. A folder without any capture is itself listed with an error.
std::vector<CapturePath> captures_of_folder(const std::string& folder);

}  // namespace sealtrace
