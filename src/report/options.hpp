// ReportOptions: what a report needs beside the result model.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace sealtrace {

/// Sink takes a report piece by piece, in order. Pieces are at most a few hundred KiB and are not kept by the report.
using Sink = std::function<void(std::string_view)>;

/// Hashers are the digests that identifiers of other tools are defined by; the report has no cryptography of its own, and
/// nothing here protects anything. Each may be called once per flow. What needs a hasher that is not set is left out.
struct Hashers {
  std::function<std::string(std::string_view)> md5_hex{};                             ///< lower-case hex, for JA3 and JA3S
  std::function<std::string(std::string_view)> sha256_hex{};                          ///< lower-case hex, for JA4 and JA4S
  std::function<std::array<std::uint8_t, 20>(std::span<const std::uint8_t>)> sha1{};  ///< for Community ID
};

/// kMinWidth and kMaxWidth bound the text report, in columns: below, its tables do not fit; above, its lines are hard to follow.
inline constexpr std::size_t kMinWidth = 80;
inline constexpr std::size_t kMaxWidth = 140;

/// ReportOptions say how to print. The defaults give the same octets on every machine.
struct ReportOptions {
  Hashers hashers{};
  std::size_t width = 100;  ///< columns of the text report, brought into kMinWidth to kMaxWidth
  bool color = false;       ///< ANSI colours in the text report; every meaning also stands in words
  bool unicode = true;      ///< false: the text report is pure ASCII
  bool sign_off = false;    ///< the text report ends in lines for names and signatures
};

}  // namespace sealtrace
