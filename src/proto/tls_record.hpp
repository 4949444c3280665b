// The record layer of SSL 3.0 and TLS.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/tls_numbers.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

/// ContentType (IANA "TLS ContentType"); unknown values are kept.
enum class ContentType : std::uint8_t { change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23, heartbeat = 24 };

/// is_assigned is true for the types above, the only ones that occur in streams.
constexpr bool is_assigned(ContentType type) { return type >= ContentType::change_cipher_spec && type <= ContentType::heartbeat; }

inline constexpr std::size_t kRecordHeaderBytes = 5;
/// kMaxCiphertextBytes is 2^14 + 2048, the longest fragment of a record (RFC 5246 section 6.2.3).
inline constexpr std::size_t kMaxCiphertextBytes = (1U << 14) + 2048;

/// RecordHeader is the five octets before a fragment (RFC 8446 section 5.1).
struct RecordHeader {
  ContentType type{};
  std::uint16_t legacy_record_version = 0;
  std::uint16_t length = 0;  ///< of the fragment, in octets
};

/// parse_record_header needs five octets (need_more below that). Fails as malformed for a type that is not assigned, a version
/// that is none of SSL 3.0 to TLS 1.3, and a length above kMaxCiphertextBytes.
Parsed<RecordHeader> parse_record_header(Bytes bytes);

inline constexpr std::size_t kAlertBytes = 2;
/// Alert (RFC 5246 section 7.2): the octets of an alert in the clear.
struct Alert {
  AlertLevel level{};
  AlertDescription description{};
};
Parsed<Alert> parse_alert(Bytes fragment);

}  // namespace sealtrace
