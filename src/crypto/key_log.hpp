// KeyRing: the TLS secrets that an audit was given, by the random of the ClientHello they belong to.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "model/secret_octets.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// kMaxKeyRingEntries bounds the ClientHellos whose secrets are kept, half a KiB each.
inline constexpr std::size_t kMaxKeyRingEntries = std::size_t{1} << 20;
/// kMaxKeyLogLineBytes is the longest line that can be one of a key log: the longest label, a random, a secret of 64 octets.
inline constexpr std::size_t kMaxKeyLogLineBytes = 256;

/// TlsSecretLabel is what a line of a key log holds (draft-ietf-tls-keylogfile section 2).
enum class TlsSecretLabel : std::uint8_t {
  client_random,  ///< the master secret of TLS 1.2 and below
  client_early_traffic,
  client_handshake_traffic,
  server_handshake_traffic,
  client_traffic_0,
  server_traffic_0,
  early_exporter,
  exporter,
};
inline constexpr std::size_t kNumTlsSecretLabels = 8;

/// TlsSecrets are the secrets of one connection; empty where the log had none.
struct TlsSecrets {
  std::array<SecretOctets, kNumTlsSecretLabels> by_label;

  [[nodiscard]] const SecretOctets& operator[](TlsSecretLabel label) const { return by_label[static_cast<std::size_t>(label)]; }
};

/// KeyLogLines counts what adding text found. `ignored` lines are no line of a key log, or of a label that is not known.
struct KeyLogLines {
  std::uint64_t secrets = 0;
  std::uint64_t ignored = 0;
  std::uint64_t over_budget = 0;

  bool operator==(const KeyLogLines&) const = default;
};

/// KeyRing may grow while sessions look secrets up; all functions may be called from any thread.
class KeyRing {
 public:
  KeyRing() = default;
  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;

  /// add reads whole lines of a key log: `LABEL SP client_random SP secret`, in hexadecimal, ended by LF or CRLF. Empty lines and comments
  /// (#) are not counted. Of two secrets with the same name the first is kept.
  KeyLogLines add(std::string_view key_log);

  /// await_more says, before the first session, that secrets may come after the messages that they belong to: a key log is followed.
  void await_more() { more_may_come_ = true; }
  [[nodiscard]] bool more_may_come() const { return more_may_come_; }

  /// empty costs one load: who has no secrets pays no more.
  [[nodiscard]] bool empty() const { return num_entries_.load(std::memory_order_acquire) == 0; }
  /// find gives a copy of what is known of the ClientHello with this random (that of the first one, also after a HelloRetryRequest), and
  /// counts it as used.
  [[nodiscard]] std::optional<TlsSecrets> find(Bytes client_random) const;

  /// may_open says that secrets of the ClientHello with this random are there, which counts them as used, or may come yet.
  [[nodiscard]] bool may_open(Bytes client_random) const { return more_may_come_ || find(client_random).has_value(); }

  [[nodiscard]] std::uint64_t size() const { return num_entries_.load(std::memory_order_acquire); }
  /// num_secrets counts the different ones that are kept.
  [[nodiscard]] std::uint64_t num_secrets() const;
  [[nodiscard]] std::uint64_t num_used() const;
  [[nodiscard]] KeyLogLines lines() const;

 private:
  static constexpr std::size_t kRandomBytes = 32;
  using Random = std::array<std::uint8_t, kRandomBytes>;
  struct HashOfRandom {
    std::size_t operator()(const Random& random) const;
  };
  struct Entry {
    TlsSecrets secrets;
    mutable bool used = false;
  };

  /// add_line is false for a line that holds no secret.
  void add_line(std::string_view line, KeyLogLines& lines);

  mutable std::mutex mutex_;
  std::unordered_map<Random, Entry, HashOfRandom> entries_;
  std::atomic<std::uint64_t> num_entries_{0};
  bool more_may_come_ = false;
  KeyLogLines lines_;
  std::uint64_t num_secrets_ = 0;
};

}  // namespace sealtrace
