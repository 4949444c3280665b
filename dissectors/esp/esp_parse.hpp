// The header of ESP (RFC 4303 section 2).
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/byte_reader.hpp"

namespace sealtrace {

/// EspHeader borrows. `payload` begins behind the sequence number: an initialization vector or what a NULL cipher leaves readable, up to
/// the integrity check value.
struct EspHeader {
  std::uint32_t spi = 0;
  std::uint32_t sequence_number = 0;
  Bytes payload;
};

/// kLastReservedSpi: IANA keeps 1 to 255, and 0 never goes out (RFC 4303 section 2.1).
inline constexpr std::uint32_t kLastReservedSpi = 255;

/// parse_esp reads a packet. Malformed: shorter than its header, a reserved SPI.
Parsed<EspHeader> parse_esp(Bytes packet);

}  // namespace sealtrace
