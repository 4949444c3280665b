// Digests that identifiers of other tools are defined by. They protect nothing here.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sealtrace {

/// md5_hex and sha256_hex spell the digest in lower-case hex, as JA3 (MD5) and JA4 (SHA-256) want it.
std::string md5_hex(std::string_view text);
std::string sha256_hex(std::string_view text);

/// sha1 is what Community ID is made of.
std::array<std::uint8_t, 20> sha1(std::span<const std::uint8_t> octets);

}  // namespace sealtrace
