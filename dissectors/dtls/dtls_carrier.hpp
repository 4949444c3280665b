// DtlsCarrier: where DTLS lies in a datagram: alone, or behind CAPWAP's preamble. What TURN relays comes from whoever follows TURN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "wire/bytes.hpp"

namespace sealtrace {

/// DtlsPayload is DTLS in a datagram.
struct DtlsPayload {
  std::size_t offset = 0;
  Bytes bytes;
};

/// DtlsCarrier finds the DTLS of one association.
class DtlsCarrier {
 public:
  /// unwrap gives what may be DTLS of the association followed, or nothing. The first one must look like it.
  std::optional<DtlsPayload> unwrap(Bytes datagram);

 private:
  enum class Form : std::uint8_t { unknown, bare, capwap };
  std::optional<DtlsPayload> take(Form form, DtlsPayload payload);

  Form form_ = Form::unknown;
};

}  // namespace sealtrace
