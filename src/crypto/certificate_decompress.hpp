// Certificate messages that travel compressed (RFC 8879).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "wire/bytes.hpp"

namespace sealtrace {

/// kMaxCertificateMessageBytes bounds what a compressed Certificate message may grow to, in octets, as a bound on the work.
inline constexpr std::size_t kMaxCertificateMessageBytes = std::size_t{256} << 10;

/// decompress_certificate undoes `algorithm` (RFC 8879 section 3: 1 zlib, 2 brotli, 3 zstd). Nothing when it is another one, when the
/// octets are not what they say, or when they are not exactly `uncompressed_length` long.
std::optional<std::vector<std::uint8_t>> decompress_certificate(std::uint16_t algorithm, Bytes octets, std::size_t uncompressed_length);

}  // namespace sealtrace
