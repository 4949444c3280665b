#include "crypto/key_log.hpp"

#include <algorithm>
#include <utility>

#include "wire/hex_digit.hpp"
#include "wire/keyed_hash.hpp"

namespace sealtrace {
namespace {

struct KnownLabel {
  std::string_view name;
  TlsSecretLabel label{};
};

/// kLabels: draft-ietf-tls-keylogfile section 2.
constexpr std::array<KnownLabel, kNumTlsSecretLabels> kLabels{{
    {"CLIENT_RANDOM", TlsSecretLabel::client_random},
    {"CLIENT_EARLY_TRAFFIC_SECRET", TlsSecretLabel::client_early_traffic},
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", TlsSecretLabel::client_handshake_traffic},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", TlsSecretLabel::server_handshake_traffic},
    {"CLIENT_TRAFFIC_SECRET_0", TlsSecretLabel::client_traffic_0},
    {"SERVER_TRAFFIC_SECRET_0", TlsSecretLabel::server_traffic_0},
    {"EARLY_EXPORTER_SECRET", TlsSecretLabel::early_exporter},
    {"EXPORTER_SECRET", TlsSecretLabel::exporter},
}};

constexpr std::size_t kMaxSecretBytes = 64;

/// word_of takes the octets before the next space off `line`.
std::string_view word_of(std::string_view& line) {
  const std::size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

/// read_hex fills `octets` from twice as many digits; false for anything else.
bool read_hex(std::string_view digits, std::span<std::uint8_t> octets) {
  if (digits.size() != 2 * octets.size()) return false;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const int high = hex_digit(digits[2 * i]);
    const int low = hex_digit(digits[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    octets[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

/// has_length_of is true for lengths that a secret of this kind can have: a master secret (RFC 5246 section 8.1), else a hash's output.
bool has_length_of(TlsSecretLabel label, std::size_t bytes) {
  return label == TlsSecretLabel::client_random ? bytes == 48 : bytes == 32 || bytes == 48 || bytes == kMaxSecretBytes;
}

}  // namespace

std::size_t KeyRing::HashOfRandom::operator()(const Random& random) const {
  return static_cast<std::size_t>(keyed_hash(random, 0x9E3779B97F4A7C15));
}

KeyLogLines KeyRing::add(std::string_view key_log) {
  KeyLogLines lines;
  const std::lock_guard lock{mutex_};
  while (!key_log.empty()) {
    const std::size_t end = key_log.find('\n');
    std::string_view line = key_log.substr(0, end);
    key_log.remove_prefix(end == std::string_view::npos ? key_log.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    add_line(line, lines);
  }
  lines_.secrets += lines.secrets;
  lines_.ignored += lines.ignored;
  lines_.over_budget += lines.over_budget;
  num_entries_.store(entries_.size(), std::memory_order_release);
  return lines;
}

void KeyRing::add_line(std::string_view line, KeyLogLines& lines) {
  Random random{};
  std::array<std::uint8_t, kMaxSecretBytes> octets{};
  const bool can_be = line.size() <= kMaxKeyLogLineBytes;
  const auto known = std::ranges::find(kLabels, word_of(line), &KnownLabel::name);
  const std::string_view random_digits = word_of(line);
  const std::span<std::uint8_t> secret = std::span{octets}.first(std::min(line.size() / 2, octets.size()));
  if (!can_be || known == kLabels.end() || !read_hex(random_digits, random) || !has_length_of(known->label, secret.size()) ||
      !read_hex(line, secret)) {
    ++lines.ignored;
  } else if (!entries_.contains(random) && entries_.size() == kMaxKeyRingEntries) {
    ++lines.over_budget;
  } else {
    SecretOctets& kept = entries_[random].secrets.by_label[static_cast<std::size_t>(known->label)];
    if (kept.empty()) {
      kept = SecretOctets{secret};
      ++num_secrets_;
    }
    ++lines.secrets;
  }
  wipe(octets);
}

std::optional<TlsSecrets> KeyRing::find(Bytes client_random) const {
  if (empty() || client_random.size() != kRandomBytes) return std::nullopt;
  Random random{};
  std::ranges::copy(client_random, random.begin());
  const std::lock_guard lock{mutex_};
  const auto found = entries_.find(random);
  if (found == entries_.end()) return std::nullopt;
  found->second.used = true;
  return found->second.secrets;
}

std::uint64_t KeyRing::num_secrets() const {
  const std::lock_guard lock{mutex_};
  return num_secrets_;
}

std::uint64_t KeyRing::num_used() const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::uint64_t>(std::ranges::count_if(entries_, [](const auto& entry) { return entry.second.used; }));
}

KeyLogLines KeyRing::lines() const {
  const std::lock_guard lock{mutex_};
  return lines_;
}

}  // namespace sealtrace
