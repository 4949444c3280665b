// The record layer and the handshake fragments of DTLS 1.0 to 1.3 (RFC 4347, RFC 6347, RFC 9147).
#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/tls_handshake.hpp"
#include "proto/tls_record.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

inline constexpr ContentType kTls12Cid{25};  ///< RFC 9146: a connection id follows the sequence number, the true type is encrypted
inline constexpr ContentType kAck{26};       ///< RFC 9147 section 7

inline constexpr std::size_t kDtlsRecordHeaderBytes = 13;
inline constexpr std::size_t kDtlsHandshakeHeaderBytes = 12;

/// is_dtls_version is true for the versions that records and hellos of DTLS carry; 0x0100 is old OpenSSL's DTLS 1.0.
constexpr bool is_dtls_version(std::uint16_t wire) { return wire == 0xFEFF || wire == 0xFEFD || wire == 0xFEFC || wire == 0x0100; }

/// DtlsRecordHeader is what stands before a fragment (RFC 6347 section 4.1).
struct DtlsRecordHeader {
  ContentType type{};
  std::uint16_t legacy_record_version = 0;
  std::uint16_t epoch = 0;
  std::uint64_t sequence_number = 0;
  std::uint16_t length = 0;  ///< of the fragment, in octets; 0 for tls12_cid, whose header has a connection id of unknown length
};

/// DtlsRecord is one record of a datagram: its header, its fragment as far as it was captured, and where that lies in the datagram.
struct DtlsRecord {
  DtlsRecordHeader header;
  Bytes fragment;
  std::size_t fragment_offset = 0;

  [[nodiscard]] bool whole() const { return fragment.size() == header.length; }
};

/// parse_dtls_record_header needs 13 octets, 11 for tls12_cid (need_more below that). Fails as malformed for a type or version that
/// is not DTLS's and a length above kMaxCiphertextBytes.
Parsed<DtlsRecordHeader> parse_dtls_record_header(Bytes bytes);

/// UnifiedHeader is the header of an encrypted record of DTLS 1.3 (RFC 9147 section 4). `header_bytes` is 0 when a connection
/// id of unknown length is in it; `length` is 0 when the record ends with its datagram.
struct UnifiedHeader {
  std::uint8_t epoch_bits = 0;  ///< the low two bits of the epoch
  std::size_t header_bytes = 0;
  std::uint16_t length = 0;
};

/// is_unified is true for a first octet of the form 001CSLEE.
constexpr bool is_unified(std::uint8_t first_octet) { return first_octet >> 5 == 1; }
/// parse_unified_header needs two to five octets (need_more below that).
Parsed<UnifiedHeader> parse_unified_header(Bytes bytes);

/// DtlsHandshakeHeader stands before every fragment of a handshake message (RFC 6347 section 4.2.2).
struct DtlsHandshakeHeader {
  HandshakeType msg_type{};
  std::uint32_t length = 0;  ///< of the whole message's body, in octets
  std::uint16_t message_seq = 0;
  std::uint32_t fragment_offset = 0;
  std::uint32_t fragment_length = 0;
};

/// parse_dtls_handshake_header needs 12 octets (need_more below that). Fails as malformed when the fragment leaves its message.
Parsed<DtlsHandshakeHeader> parse_dtls_handshake_header(Bytes bytes);

/// looks_like_dtls says whether a datagram is DTLS by its content: records that fill it exactly, those in the clear with a
/// content that fits; or a hello, and then the snaplen may have cut it.
bool looks_like_dtls(Bytes datagram);

}  // namespace sealtrace
