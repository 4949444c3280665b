// FileBytes: the stored octets of a file, a pipe or standard input, hashed and counted as they pass.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "capture/byte_source.hpp"
#include "wire/stream_digest.hpp"

namespace sealtrace {

class FileBytes final : public ByteSource {
 public:
  /// open opens `path` for reading, "-" being standard input; a pipe without a writer waits for one. The error is the system's words.
  static std::expected<std::unique_ptr<FileBytes>, std::string> open(const std::string& path);
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes() override;

  std::size_t read(std::span<std::uint8_t> into) override;
  [[nodiscard]] std::string_view error() const override { return error_; }
  [[nodiscard]] std::uint64_t read_bytes() const { return read_bytes_; }
  [[nodiscard]] bool regular() const { return regular_; }

  /// hash_with lets `digest` see every octet from now on.
  void hash_with(std::unique_ptr<StreamDigest> digest) { digest_ = std::move(digest); }
  /// finish_hash reads what is left of the file and gives the hash of all of it; empty without a digest or after a read error.
  std::string finish_hash();

 private:
  FileBytes(int descriptor, bool owned, bool regular) : descriptor_{descriptor}, owned_{owned}, regular_{regular} {}

  int descriptor_;
  bool owned_;
  bool regular_;
  std::uint64_t read_bytes_ = 0;
  std::unique_ptr<StreamDigest> digest_;
  std::string error_;
};

/// file_size gives the size of `path` if it is a regular file.
std::optional<std::uint64_t> file_size(const std::string& path);

}  // namespace sealtrace
