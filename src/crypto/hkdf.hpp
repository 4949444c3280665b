// HKDF with SHA-256 (RFC 5869), and TLS 1.3's labels (RFC 8446 section 7.1).
#pragma once

#include <span>
#include <string_view>

#include "crypto/digest.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// hkdf_extract makes a pseudorandom key of `input` (RFC 5869 section 2.2).
Sha256 hkdf_extract(Bytes salt, Bytes input);
/// hkdf_expand_label fills `out`, at most 255 octets, with HKDF-Expand-Label(secret, label, "", out.size()); "tls13 " is put before
/// the label.
void hkdf_expand_label(Bytes secret, std::string_view label, std::span<std::uint8_t> out);

}  // namespace sealtrace
