#include "app/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "app/command.hpp"

namespace sealtrace {
namespace {

/// TemporaryFile is removed unless it was moved into place.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& beside) : name_{beside.string() + ".XXXXXX"} {
    descriptor_ = ::mkostemp(name_.data(), O_CLOEXEC);
    if (descriptor_ < 0) throw OutputError{fmt::format("{}: {}", beside.string(), std::strerror(errno))};
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(descriptor_, 0666 & ~mask);  // mkostemp makes it private; a report is as readable as any other file
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  /// write keeps the first error for move_to: a sink does not throw through the report that calls it.
  void write(std::string_view piece) {
    while (!piece.empty() && error_ == 0) {
      const ssize_t written = ::write(descriptor_, piece.data(), piece.size());
      if (written >= 0) {
        piece.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
  }
  void move_to(const std::filesystem::path& path) {
    if (error_ != 0) throw OutputError{fmt::format("{}: {}", path.string(), std::strerror(error_))};
    const int closed = ::close(std::exchange(descriptor_, -1));
    if (closed != 0 || ::rename(name_.c_str(), path.c_str()) != 0)
      throw OutputError{fmt::format("{}: {}", path.string(), std::strerror(errno))};
    name_.clear();
  }

 private:
  std::string name_;
  int descriptor_ = -1;
  int error_ = 0;
};

/// is_special is true for pipes and devices: they cannot be replaced, only written to.
bool is_special(const std::filesystem::path& path) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) && !std::filesystem::is_directory(status);
}

}  // namespace

void check_output_file(const std::filesystem::path& path, bool force) {
  std::error_code ignored;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!std::filesystem::is_directory(folder, ignored))
    throw UsageError{fmt::format("{}: there is no folder {}", path.string(), folder.string())};
  if (std::filesystem::is_directory(path, ignored)) throw UsageError{fmt::format("{} is a folder; a report is a file", path.string())};
  if (!force && !is_special(path) && std::filesystem::exists(path, ignored)) {
    throw UsageError{fmt::format("{} exists; --force overwrites it", path.string())};
  }
}

void write_file(const std::filesystem::path& path, const std::function<void(const std::function<void(std::string_view)>& sink)>& write) {
  if (is_special(path)) {
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (file == nullptr) throw OutputError{fmt::format("{}: {}", path.string(), std::strerror(errno))};
    bool written = true;
    write([&](std::string_view piece) { written = written && std::fwrite(piece.data(), 1, piece.size(), file) == piece.size(); });
    if (std::fclose(file) != 0 || !written) throw OutputError{fmt::format("{} could not be written", path.string())};
    return;
  }
  TemporaryFile file{path};
  write([&](std::string_view piece) { file.write(piece); });
  file.move_to(path);
}

void write_standard_output(std::string_view piece) {
  std::fwrite(piece.data(), 1, piece.size(), stdout);  // an error stays with the stream, and run() looks
}

}  // namespace sealtrace
