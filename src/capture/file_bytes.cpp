#include "capture/file_bytes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace sealtrace {
namespace {

std::string system_words() { return std::generic_category().message(errno); }

}  // namespace

std::expected<std::unique_ptr<FileBytes>, std::string> FileBytes::open(const std::string& path) {
  const bool standard_input = path == "-";
  const int descriptor = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return std::unexpected(system_words());
  struct stat status{};
  const bool regular = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && !standard_input;
  // The kernel reads ahead twice as far; that it refuses to matters to nobody.
  if (regular) (void)::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<FileBytes>{new FileBytes{descriptor, !standard_input, regular}};
}

FileBytes::~FileBytes() {
  if (owned_) ::close(descriptor_);
}

std::size_t FileBytes::read(std::span<std::uint8_t> into) {
  if (!error_.empty()) return 0;
  ssize_t count = 0;
  do count = ::read(descriptor_, into.data(), into.size());
  while (count < 0 && errno == EINTR);
  if (count < 0) {
    error_ = system_words();
    return 0;
  }
  const std::size_t read_count = static_cast<std::size_t>(count);
  read_bytes_ += read_count;
  if (digest_) digest_->update(into.first(read_count));
  return read_count;
}

std::string FileBytes::finish_hash() {
  if (!digest_) return {};
  std::vector<std::uint8_t> rest(std::size_t{256} << 10);
  while (read(rest) > 0) {
  }
  const std::unique_ptr<StreamDigest> digest = std::exchange(digest_, nullptr);
  return error_.empty() ? digest->finish() : std::string{};
}

std::optional<std::uint64_t> file_size(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace sealtrace
