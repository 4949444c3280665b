// SecretsSource: frames together with the TLS secrets that belong to them, each before it is needed where that can be.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capture/packet_source.hpp"
#include "crypto/key_log.hpp"

namespace sealtrace {

/// KeyLogFiles reads key logs, and what is added to them later. A line counts once it is whole: ended, or
/// the last one of a file that has stopped growing.
class KeyLogFiles {
 public:
  explicit KeyLogFiles(const std::vector<std::string>& paths);
  /// unread names the files that were never there: in live use one may still come.
  [[nodiscard]] std::vector<std::string> unread() const;
  /// poll adds what is new since the last call to `keys`. A file that became shorter is read from its beginning.
  void poll(KeyRing& keys);

 private:
  struct File {
    std::string path;
    std::uint64_t read_bytes = 0;  ///< in whole lines
    std::uint64_t size = 0;        ///< at the last poll
    bool found = false;
  };
  std::vector<File> files_;
};

/// SecretsSource passes on the batches of another source. Before each, the key logs are polled and the secrets that the capture carried so
/// far go into the key ring. `keys` is null when no secret is to be used.
class SecretsSource final : public PacketSource {
 public:
  SecretsSource(std::unique_ptr<PacketSource> source, KeyRing* keys, KeyLogFiles& key_logs);

  bool next(PacketBatch& batch) override;
  [[nodiscard]] const std::vector<CaptureSummary>& captures() const override { return source_->captures(); }
  [[nodiscard]] SourceProgress progress() const override { return source_->progress(); }
  /// num_late_secrets counts those that the capture carried behind frames which were handed out before.
  [[nodiscard]] std::uint64_t num_late_secrets() const { return num_late_secrets_; }

 private:
  std::unique_ptr<PacketSource> source_;
  KeyRing* keys_;
  KeyLogFiles& key_logs_;
  std::size_t num_taken_ = 0;
  std::uint64_t num_late_secrets_ = 0;
  bool frames_handed_out_ = false;
};

/// can_be_read_again is true when every input is a file or folder, and none a stream.
bool can_be_read_again(const std::vector<std::string>& inputs);

}  // namespace sealtrace
