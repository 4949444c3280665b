#include "app/secrets_source.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "model/secret_octets.hpp"

namespace sealtrace {
namespace {

/// kPieceBytes is how much of a key log is in memory at once.
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

}  // namespace

KeyLogFiles::KeyLogFiles(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) files_.push_back({.path = path});
}

std::vector<std::string> KeyLogFiles::unread() const {
  std::vector<std::string> paths;
  for (const File& file : files_) {
    if (!file.found) paths.push_back(file.path);
  }
  return paths;
}

void KeyLogFiles::poll(KeyRing& keys) {
  for (File& file : files_) {
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(file.path, error);
    if (error) continue;
    file.found = true;
    if (size == file.read_bytes) continue;
    if (size < file.read_bytes) file.read_bytes = 0;
    const bool at_rest = size == std::exchange(file.size, size);  // then the last line is whole, though nothing ends it
    std::ifstream stream{file.path, std::ios::binary};
    stream.seekg(static_cast<std::streamoff>(file.read_bytes));
    std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(size - file.read_bytes, kPieceBytes)), '\0');
    while (file.read_bytes < size && stream.read(piece.data(), static_cast<std::streamsize>(piece.size()))) {
      const std::string_view text = piece;
      const bool reaches_end = file.read_bytes + text.size() == size;
      std::size_t whole = text.rfind('\n') + 1;             // 0 when there is none
      if (whole == 0 && !reaches_end) whole = text.size();  // no line is that long
      if (at_rest && reaches_end) whole = text.size();
      if (whole == 0) break;
      keys.add(text.substr(0, whole));
      file.read_bytes += whole;
      piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(size - file.read_bytes, kPieceBytes)));
      stream.seekg(static_cast<std::streamoff>(file.read_bytes));
    }
    wipe(piece);
  }
}

SecretsSource::SecretsSource(std::unique_ptr<PacketSource> source, KeyRing* keys, KeyLogFiles& key_logs)
    : source_{std::move(source)}, keys_{keys}, key_logs_{key_logs} {
  if (keys_ != nullptr) key_logs_.poll(*keys_);
}

bool SecretsSource::next(PacketBatch& batch) {
  const bool more = source_->next(batch);
  if (keys_ == nullptr) return more;
  key_logs_.poll(*keys_);
  for (const std::span<const std::string> carried = source_->key_log(); num_taken_ < carried.size(); ++num_taken_) {
    const std::uint64_t before = keys_->num_secrets();
    keys_->add(carried[num_taken_]);
    if (frames_handed_out_) num_late_secrets_ += keys_->num_secrets() - before;
  }
  frames_handed_out_ |= !batch.packets.empty();
  return more;
}

bool can_be_read_again(const std::vector<std::string>& inputs) {
  return std::ranges::all_of(inputs, [](const std::string& path) {
    std::error_code ignored;
    return path != "-" && (std::filesystem::is_regular_file(path, ignored) || std::filesystem::is_directory(path, ignored));
  });
}

}  // namespace sealtrace
