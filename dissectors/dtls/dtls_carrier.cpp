#include "dissectors/dtls/dtls_carrier.hpp"

#include <algorithm>
#include <array>

#include "dissectors/dtls/dtls_parse.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kCapwapPreambleBytes = 4;

bool has_capwap_preamble(Bytes datagram) {  // RFC 5415 section 4.2: version 0, type 1, reserved
  static constexpr std::array<std::uint8_t, kCapwapPreambleBytes> kPreamble{0x01, 0x00, 0x00, 0x00};
  return datagram.size() > kPreamble.size() && std::ranges::equal(datagram.first(kPreamble.size()), kPreamble);
}

}  // namespace

std::optional<DtlsPayload> DtlsCarrier::take(Form form, DtlsPayload payload) {
  if (form_ == Form::unknown && looks_like_dtls(payload.bytes)) form_ = form;
  if (form_ != form || payload.bytes.empty()) return std::nullopt;
  return payload;
}

std::optional<DtlsPayload> DtlsCarrier::unwrap(Bytes datagram) {
  if (datagram.empty()) return std::nullopt;
  if (datagram[0] >= 20 && datagram[0] <= 63) return take(Form::bare, {.offset = 0, .bytes = datagram});  // RFC 7983
  if (form_ == Form::bare || !has_capwap_preamble(datagram)) return std::nullopt;
  return take(Form::capwap, {.offset = kCapwapPreambleBytes, .bytes = datagram.subspan(kCapwapPreambleBytes)});
}

}  // namespace sealtrace
