// What the readers of certificates in words share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "app/inventory_listing.hpp"

namespace sealtrace {

inline constexpr std::size_t kThumbprintDigits = 40;         ///< of SHA-1
inline constexpr std::size_t kMaxNamesOfCertificate = 1000;  ///< subject alternative names kept
inline constexpr std::size_t kMaxLineBytes = 16384;          ///< what is longer is no line of these programs

/// Lines hands out the lines of a text, with their numbers.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_{text} {}
  bool next(std::string_view& line) {
    if (text_.empty()) return false;
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    line = text_.substr(0, std::min(end, kMaxLineBytes));
    if (line.ends_with('\r')) line.remove_suffix(1);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    ++number_;
    return true;
  }
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  std::string_view text_;
  std::size_t number_ = 0;
};

/// is_openssl_text tells the words of `openssl x509 -text`, whatever stands around them; read_openssl_text reads them.
bool is_openssl_text(std::string_view text);
CertificateListing read_openssl_text(std::string_view text, std::string_view name);

}  // namespace sealtrace
