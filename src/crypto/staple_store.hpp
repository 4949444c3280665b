// StapleStore: each distinct OCSP response that handshakes carry once, named by a small number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "model/fact.hpp"
#include "model/ids.hpp"
#include "wire/bytes.hpp"
#include "wire/octet_list.hpp"

namespace sealtrace {

/// kMaxStapleStoreBytes bounds the responses kept, in octets: thirty thousand of two KiB. One that found no room is known to have been
/// sent.
inline constexpr std::size_t kMaxStapleStoreBytes = std::size_t{64} << 20;

/// StapleStore interns responses as a CertificateStore does certificates, and may be used from any thread.
class StapleStore {
 public:
  explicit StapleStore(std::uint64_t hash_key) : octets_{hash_key, kMaxStapleStoreBytes} {}

  /// intern names `response`; nullopt when no more can be named.
  std::optional<StapleId> intern(Bytes response) {
    const CertificateId id = octets_.intern(response);
    return id == kNoCertificate ? std::nullopt : std::optional{StapleId{value(id)}};
  }
  /// octets lives as long as the store; empty when the budget had no room for it.
  [[nodiscard]] Bytes octets(StapleId staple) const { return octets_.der(CertificateId{value(staple)}); }
  [[nodiscard]] std::uint64_t num_dropped() const { return octets_.num_dropped(); }

 private:
  CertificateStore octets_;
};

/// keep_staples interns what one message carries, by the order of the chain; an empty response, or one beyond kMaxStaplesOfMessage, is left
/// out. Without a store nothing is kept.
inline constexpr std::uint8_t kMaxStaplesOfMessage = 16;
std::vector<Staple> keep_staples(StapleStore* store, const BlockList<3>& responses);

}  // namespace sealtrace
