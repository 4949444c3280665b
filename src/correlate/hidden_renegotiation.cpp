#include "correlate/hidden_renegotiation.hpp"

#include <algorithm>
#include <array>

#include "correlate/signature_size.hpp"

namespace sealtrace {
namespace {

constexpr std::uint32_t kFinishedBytes = 16;           // header and verify_data (RFC 5246 section 7.4.9)
constexpr std::uint32_t kEmptyCertificateBytes = 7;    // header and an empty list
constexpr std::uint32_t kSmallCertificateBytes = 300;  // no Certificate message with a certificate was smaller
constexpr std::uint32_t kMostAdded = 24;               // explicit nonce and tag of AES-GCM
constexpr std::uint32_t kLeastAdded = 16;              // tag of ChaCha20-Poly1305

/// key_exchange_sized says that a ClientKeyExchange message is as long as one of the usual groups and moduli make it, so that nothing
/// else shares its record: header, and a point of a curve behind one octet, or a number behind two (RFC 8422 section 5.7).
bool key_exchange_sized(std::uint32_t bytes) {
  constexpr auto kSizes = std::to_array<std::uint32_t>(
      {4 + 1 + 32, 4 + 1 + 56, 4 + 1 + 65, 4 + 1 + 97, 4 + 1 + 133, 4 + 2 + 128, 4 + 2 + 256, 4 + 2 + 384, 4 + 2 + 512});
  return std::ranges::find(kSizes, bytes) != kSizes.end();
}

}  // namespace

ClientAuthStatus infer_renegotiation(const RenegotiationFlight& client, const RenegotiationFlight& server) {
  using enum ClientAuthStatus;
  const bool completed = client.num_switches == 1 && server.num_switches == 1 && client.records.size() == client.before_switch + 1 &&
                         server.records.size() == server.before_switch + 1;
  if (!completed || client.before_switch < 2) return none;
  const std::uint32_t finished = client.records.back();
  if (finished < kFinishedBytes + kLeastAdded || finished > kFinishedBytes + kMostAdded || server.records.back() != finished) return none;
  const std::uint32_t added = finished - kFinishedBytes;
  const auto message = [&](std::size_t at) { return client.records[at] > added ? client.records[at] - added : 0; };
  // The first record is the ClientHello; what follows is the flight behind the server's.
  switch (client.before_switch) {
    case 2: return key_exchange_sized(message(1)) ? one_way : none;
    case 3: return message(1) == kEmptyCertificateBytes && key_exchange_sized(message(2)) ? declined : none;
    case 4:
      return key_exchange_sized(message(2)) && message(1) >= kSmallCertificateBytes && !signature_key(message(3)).empty() ? mutual : none;
    default: return none;
  }
}

}  // namespace sealtrace
