// open_files: several files and folders as one audit.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>
#include <utility>

#include "capture/capture_folder.hpp"
#include "capture/frame_filter.hpp"
#include "capture/open_capture.hpp"
#include "capture/packet_source.hpp"

namespace sealtrace {
namespace {

class FileSource final : public PacketSource {
 public:
  explicit FileSource(const FileSourceOptions& options) : filter_{options.filter}, new_digest_{options.new_digest} {
    for (const std::string& path : options.paths) {
      std::error_code ignored;  // what is no folder, for whatever reason, is told when it is opened
      if (path != "-" && std::filesystem::is_directory(path, ignored)) {
        for (CapturePath& found : captures_of_folder(path)) paths_.push_back(std::move(found));
      } else {
        paths_.push_back({.path = path, .error = {}});
      }
    }
    std::uint64_t total_bytes = 0;
    for (const CapturePath& path : paths_) {
      if (!path.error.empty()) continue;
      const std::optional<std::uint64_t> size = path.path == "-" ? std::nullopt : file_size(path.path);
      // A missing file adds nothing; a pipe has no known end.
      std::error_code missing;
      if (!size && (path.path == "-" || std::filesystem::exists(path.path, missing))) endless_ = true;
      total_bytes += size.value_or(0);
    }
    if (!endless_) total_bytes_ = total_bytes;
  }

  bool next(PacketBatch& batch) override {
    for (;;) {
      if (!current_ && !open_next()) return false;
      CaptureSummary& summary = captures_.back();
      if (current_->reader->next(batch, summary)) {
        apply_filter(batch, summary);
        latest_ = std::max(latest_, batch.now);
        batch.now = latest_;
        return true;
      }
      if (!summary.unreadable) summary.sha256 = current_->file->finish_hash();
      closed_bytes_ += current_->file->read_bytes();
      current_.reset();
    }
  }

  [[nodiscard]] const std::vector<CaptureSummary>& captures() const override { return captures_; }
  [[nodiscard]] std::span<const std::string> key_log() const override { return key_log_.items(); }
  [[nodiscard]] SourceProgress progress() const override {
    return {.read_bytes = closed_bytes_ + (current_ ? current_->file->read_bytes() : 0), .total_bytes = total_bytes_};
  }

 private:
  /// open_next opens the next path that can be read, and leaves an unreadable entry for each one that cannot.
  bool open_next() {
    while (next_path_ < paths_.size()) {
      const CapturePath& path = paths_[next_path_++];
      CaptureSummary& summary = captures_.emplace_back();
      summary.name = path.path;
      const CaptureId capture{static_cast<std::uint32_t>(captures_.size() - 1)};
      std::expected<OpenCapture, std::string> opened =
          path.error.empty() ? OpenCapture::open(path.path, capture, key_log_, new_digest_) : std::unexpected(path.error);
      if (opened) {
        summary.compression = to_string(opened->compression);
        current_ = std::move(*opened);
        return true;
      }
      summary.unreadable = true;
      summary.complete = false;
      summary.error = fmt::format("{}: {}", path.path, opened.error());
    }
    return false;
  }

  void apply_filter(PacketBatch& batch, CaptureSummary& summary) {
    if (filter_.passes_all()) return;
    std::uint64_t num_not_for_link_type = 0;
    summary.frames_filtered += std::erase_if(batch.packets, [&](const PacketView& packet) {
      const FrameFilter::Answer answer = filter_.ask(packet);
      if (answer == FrameFilter::Answer::not_for_link_type) ++num_not_for_link_type;
      return answer != FrameFilter::Answer::pass;
    });
    if (num_not_for_link_type > 0) summary.damage["filter_not_for_link_type"] += num_not_for_link_type;
  }

  FrameFilter filter_;
  std::function<std::unique_ptr<StreamDigest>()> new_digest_;
  std::vector<CapturePath> paths_;
  std::size_t next_path_ = 0;
  std::optional<OpenCapture> current_;
  std::vector<CaptureSummary> captures_;
  KeyLog key_log_;
  Timestamp latest_{};
  std::uint64_t closed_bytes_ = 0;
  std::optional<std::uint64_t> total_bytes_;
  bool endless_ = false;
};

}  // namespace

std::unique_ptr<PacketSource> open_files(const FileSourceOptions& options) { return std::make_unique<FileSource>(options); }

}  // namespace sealtrace
