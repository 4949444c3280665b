// Times of OpenSSL's objects.
#pragma once

#include <openssl/asn1.h>

#include <optional>

#include "model/ids.hpp"

namespace sealtrace {

/// instant_of gives an ASN1_TIME or ASN1_GENERALIZEDTIME, which may be null. What a Timestamp cannot hold (before 1678, after 2261: RFC
/// 5280's 99991231235959Z "has no well-defined expiration") becomes the nearest second it can.
std::optional<Timestamp> instant_of(const ASN1_TIME* time);

}  // namespace sealtrace
