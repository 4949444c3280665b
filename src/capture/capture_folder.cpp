#include "capture/capture_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <tuple>

#include "capture/open_capture.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kProbeBlockBytes = std::size_t{16} << 10;  // enough for the first frame of nearly every capture

struct Found {
  CapturePath capture;
  Timestamp first_time = Timestamp::max();
};

/// first_time_of reads `reader` up to its first frame.
Timestamp first_time_of(CaptureReader& reader) {
  PacketBatch batch;
  CaptureSummary summary;
  return reader.next(batch, summary) ? batch.packets.front().time : Timestamp::max();
}

/// look_at gives what `path` is worth to the folder: nothing when it is no capture.
std::optional<Found> look_at(const std::string& path) {
  // Opened by itself first, so that "may not be read" and "is no capture" stay apart.
  if (const auto file = FileBytes::open(path); !file) {
    return Found{.capture = {.path = path, .error = fmt::format("cannot be opened: {}", file.error())}};
  }
  KeyLog unused;
  const std::expected<OpenCapture, std::string> opened = OpenCapture::open(path, CaptureId{}, unused, {}, kProbeBlockBytes);
  if (!opened) return std::nullopt;
  return Found{.capture = {.path = path, .error = {}}, .first_time = first_time_of(*opened->reader)};
}

}  // namespace

std::vector<CapturePath> captures_of_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<Found> found;
  std::size_t num_files = 0;
  for (fs::directory_iterator entry{folder, error}, end; !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    if (!entry->is_regular_file(unknown)) continue;
    ++num_files;
    if (std::optional<Found> file = look_at(entry->path().string())) found.push_back(std::move(*file));
  }
  if (error) return {{.path = folder, .error = fmt::format("cannot be listed: {}", error.message())}};
  if (found.empty()) {
    return {
        {.path = folder, .error = fmt::format("is a folder without a capture ({} files looked at, folders below it are not)", num_files)}};
  }
  std::ranges::sort(found, {}, [](const Found& file) { return std::tie(file.first_time, file.capture.path); });
  std::vector<CapturePath> captures;
  for (Found& file : found) captures.push_back(std::move(file.capture));
  return captures;
}

}  // namespace sealtrace
