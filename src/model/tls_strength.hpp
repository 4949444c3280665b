// What a finished negotiation says of its strength, read off the numbers that the peers agreed on.
#pragma once

#include <optional>

#include "model/flow_profile.hpp"
#include "model/tls_numbers.hpp"

namespace sealtrace {

/// forward_secret says whether a recorded session stays closed when a long-lived key leaks later; nothing for a suite nobody assigned.
/// A TLS 1.3 session that was resumed without a new key share (RFC 8446 section 4.2.9, psk_ke) depends on the old secret alone.
std::optional<bool> forward_secret(const TlsProfile& tls);

/// is_post_quantum reads a group's assigned name: ML-KEM, or Kyber before it, alone or beside a curve.
bool is_post_quantum(NamedGroup group);

/// is_small_curve: of fewer than 224 bits (RFC 4492 section 5.1.1 lists them).
bool is_small_curve(NamedGroup group);

/// signs_with_sha1: MD5 or SHA-1 (RFC 5246 section 7.4.1.4.1; RFC 9155 section 2 deprecates both).
bool signs_with_sha1(SignatureScheme scheme);

/// chosen_below_offer says that the server's random claims a better version than it chose (RFC 8446 section 4.1.3), and the client had
/// offered one.
bool chosen_below_offer(const TlsProfile& tls);

}  // namespace sealtrace
