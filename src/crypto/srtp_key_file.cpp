#include "crypto/srtp_key_file.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>

#include "crypto/srtp_key_derivation.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kNumColumns = 4;
constexpr std::size_t kMaxFileBytes = 1U << 20;
constexpr std::size_t kMaxKeyBytes = 64;
constexpr std::size_t kMaxMkiBytes = 128;  // RFC 4568 section 6.1

/// Line reads one line, and knows where it is for what it has to say.
class Line {
 public:
  Line(std::string_view text, std::string_view file, std::size_t number) : text_{text}, file_{file}, number_{number} {}

  [[nodiscard]] GivenSrtpKey key() const {
    const std::array<std::string_view, kNumColumns> columns = split();
    GivenSrtpKey given;
    if (columns[0] != "any") given.capture = columns[0];
    given.ssrc = ssrc(columns[1]);
    given.key.suite = suite(columns[2]);
    const std::size_t end = std::min(columns[3].find('|'), columns[3].size());
    given.key.key_and_salt = decoded(columns[3].substr(0, end));
    if (!has_lengths_of_suite(given.key)) {
      const SrtpSuiteTraits& needs = traits(given.key.suite);
      fail(fmt::format("{} takes a key of {} octets and a salt of {}, together {}; here are {}", needs.name, needs.key_bytes,
                       needs.salt_bytes, needs.key_bytes + needs.salt_bytes, given.key.key_and_salt.size()));
    }
    if (end != columns[3].size()) given.key.mki = parameters(columns[3].substr(end + 1));
    return given;
  }

 private:
  /// quoted repeats a column for an error, unless it may be a key that stands in the wrong one.
  static std::string quoted(std::string_view column) {
    constexpr std::size_t kMaxQuoted = 12;
    return column.size() <= kMaxQuoted ? fmt::format("'{}'", column) : std::string{"what stands there"};
  }

  [[noreturn]] void fail(std::string_view what) const { throw SrtpKeyFileError{fmt::format("{}:{}: {}", file_, number_, what)}; }

  [[nodiscard]] std::array<std::string_view, kNumColumns> split() const {
    std::array<std::string_view, kNumColumns> columns;
    std::string_view rest = text_;
    for (std::size_t i = 0; i < kNumColumns; ++i) {
      const std::size_t end = std::min(rest.find('\t'), rest.size());
      columns[i] = rest.substr(0, end);
      const bool last = i + 1 == kNumColumns;
      if (columns[i].empty() || last != (end == rest.size())) {
        fail("expected four columns parted by tabs: capture, SSRC, suite, key and salt in base64");
      }
      if (!last) rest.remove_prefix(end + 1);
    }
    return columns;
  }

  [[nodiscard]] std::optional<std::uint32_t> ssrc(std::string_view text) const {
    if (text == "any") return std::nullopt;
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    std::string_view digits = text;
    if (hexadecimal) digits.remove_prefix(2);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
      fail(fmt::format("{} is no SSRC: expected a number of 32 bits, decimal or 0x and hexadecimal, or 'any'", quoted(text)));
    }
    return value;
  }

  [[nodiscard]] SrtpSuite suite(std::string_view name) const {
    const auto found = std::ranges::find(kSrtpSuites, name, &SrtpSuiteTraits::name);
    if (found != kSrtpSuites.end()) return SrtpSuite{static_cast<std::uint8_t>(found - kSrtpSuites.begin())};
    std::string names;
    for (const SrtpSuiteTraits& known : kSrtpSuites) names += fmt::format("{}{}", names.empty() ? "" : ", ", known.name);
    fail(fmt::format("{} is no suite; known are {}", quoted(name), names));
  }

  [[nodiscard]] SecretOctets decoded(std::string_view base64) const {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t num_digits = base64.substr(0, base64.find('=')).size();
    const std::size_t num_padding = base64.size() - num_digits;
    const bool fits = num_padding <= 2 && base64.substr(num_digits).find_first_not_of('=') == std::string_view::npos &&
                      base64.substr(0, num_digits).find_first_not_of(kAlphabet) == std::string_view::npos &&
                      (num_padding == 0 || base64.size() % 4 == 0) && num_digits % 4 != 1 && num_digits / 4 * 3 <= kMaxKeyBytes;
    if (!fits) fail("the last column is no key in base64");
    std::vector<std::uint8_t> padded(base64.begin(), base64.end());
    padded.resize((base64.size() + 3) / 4 * 4, '=');
    std::array<std::uint8_t, kMaxKeyBytes + 3> octets{};
    EVP_DecodeBlock(octets.data(), padded.data(), static_cast<int>(padded.size()));
    SecretOctets secret{Bytes{octets}.first(num_digits * 3 / 4)};
    OPENSSL_cleanse(octets.data(), octets.size());
    OPENSSL_cleanse(padded.data(), padded.size());
    return secret;
  }

  /// parameters reads what SDP has behind a key: a lifetime, which is passed over, and the MKI, each of which may be absent.
  [[nodiscard]] SecretOctets parameters(std::string_view text) const {
    const std::size_t bar = std::min(text.find('|'), text.size());
    std::string_view lifetime = text.substr(0, bar);
    if (lifetime.find(':') != std::string_view::npos) return mki(text);
    if (lifetime.starts_with("2^")) lifetime.remove_prefix(2);
    if (lifetime.empty() || lifetime.find_first_not_of("0123456789") != std::string_view::npos) fail_parameters();
    return bar == text.size() ? SecretOctets{} : mki(text.substr(bar + 1));
  }

  [[noreturn]] void fail_parameters() const {
    fail("behind '|' stand a lifetime, as in 2^20, or the master key identifier and its length in octets, as in 1:4");
  }

  [[nodiscard]] SecretOctets mki(std::string_view text) const {
    std::uint64_t number = 0;
    std::size_t num_bytes = 0;
    const char* const text_end = text.data() + text.size();
    const auto [colon, error] = std::from_chars(text.data(), text_end, number);
    bool fits = error == std::errc{} && colon != text_end && *colon == ':';
    if (fits) {
      const auto [end, length_error] = std::from_chars(colon + 1, text_end, num_bytes);
      fits = length_error == std::errc{} && end == text_end && num_bytes >= 1 && num_bytes <= kMaxMkiBytes &&
             (num_bytes >= sizeof number || number >> (8 * num_bytes) == 0);
    }
    if (!fits) fail_parameters();
    std::vector<std::uint8_t> octets(num_bytes);
    for (std::size_t i = 0; i < std::min(num_bytes, sizeof number); ++i)
      octets[num_bytes - 1 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return SecretOctets{octets};
  }

  std::string_view text_;
  std::string_view file_;
  std::size_t number_;
};

}  // namespace

std::vector<GivenSrtpKey> parse_srtp_keys(std::string_view text, std::string_view file) {
  std::vector<GivenSrtpKey> keys;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (keys.size() == kMaxGivenSrtpKeys) throw SrtpKeyFileError{fmt::format("{}:{}: more than {} keys", file, number, kMaxGivenSrtpKeys)};
    keys.push_back(Line{line, file, number}.key());
  }
  return keys;
}

std::vector<GivenSrtpKey> read_srtp_keys(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rb"), std::fclose};
  if (!file) throw SrtpKeyFileError{fmt::format("{}: {}", path, std::strerror(errno))};
  std::setvbuf(file.get(), nullptr, _IONBF, 0);  // a buffer of the library's would stay behind
  std::vector<char> text(kMaxFileBytes + 1);
  struct Wipe {
    std::vector<char>& text;
    ~Wipe() { OPENSSL_cleanse(text.data(), text.size()); }
  } const wipe{text};
  const std::size_t num_read = std::fread(text.data(), 1, text.size(), file.get());
  if (std::ferror(file.get()) != 0) throw SrtpKeyFileError{fmt::format("{}: {}", path, std::strerror(errno))};
  if (num_read > kMaxFileBytes) throw SrtpKeyFileError{fmt::format("{}: larger than a file of keys may be, 1 MiB", path)};
  return parse_srtp_keys({text.data(), num_read}, path);
}

}  // namespace sealtrace
