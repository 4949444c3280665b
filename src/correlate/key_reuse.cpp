#include "correlate/key_reuse.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <span>

#include <boost/unordered/unordered_flat_map.hpp>

namespace sealtrace {
namespace {

/// kHandedOn is how soon a back-to-back agent passes a description on.
constexpr std::chrono::seconds kHandedOn{10};

/// Use is one stream's use of a key.
struct Use {
  std::size_t agreement = 0;
  std::size_t party = 0;
  const Described* described = nullptr;
  Endpoint receives_at;
};

/// FirstAndLast are uses of one key.
struct FirstAndLast {
  std::size_t first = 0;
  std::size_t last = 0;
};

bool conflict(const CallJoins& joined, const MediaAgreement& one, const Use& use_of_one, const MediaAgreement& two, const Use& use_of_two) {
  if (use_of_one.described == use_of_two.described) return one.line != two.line;
  if (one.call == two.call && one.hop == two.hop) {
    if (one.offer == two.offer && one.line == two.line) return use_of_one.party != use_of_two.party;
    return false;  // a later offer that keeps the key goes on with the stream
  }
  if (stream_of(joined, one.call) == stream_of(joined, two.call)) return false;  // the same call on another hop
  const Timestamp at_one = use_of_one.described->seen.where.time;
  const Timestamp at_two = use_of_two.described->seen.where.time;
  const auto apart = at_one < at_two ? at_two - at_one : at_one - at_two;
  return use_of_one.receives_at != use_of_two.receives_at || apart > kHandedOn;
}

}  // namespace

std::vector<std::array<bool, 2>> find_reused_keys(const std::vector<MediaAgreement>& agreements, const CallJoins& joined) {
  std::vector<std::array<bool, 2>> reused(agreements.size());
  std::vector<Use> uses;
  boost::unordered_flat_map<std::span<const std::uint8_t>, FirstAndLast, SecretHash, SameSecret> by_key;
  for (std::size_t i = 0; i < agreements.size(); ++i) {
    const MediaAgreement& made = agreements[i];
    for (std::size_t party = 0; party < 2; ++party) {
      const SdpCrypto* crypto = party == 0 ? made.offerer_crypto : made.answerer_crypto;
      if (crypto == nullptr) continue;
      const Endpoint& at = party == 0 ? made.offered().endpoint : made.answered()->endpoint;
      const Use use{.agreement = i, .party = party, .described = party == 0 ? made.offer : made.answer, .receives_at = at};
      for (const SrtpMasterKey& key : crypto->keys) {
        const auto [place, fresh] = by_key.try_emplace(key.key_and_salt.octets());
        FirstAndLast& known = place->second;
        if (fresh) known.first = uses.size();
        // Comparing with the first and the last is enough to find a reuse, and a key that thousands share costs no more.
        const std::array<std::size_t, 2> compared{known.first, known.last};
        for (const std::size_t index : std::span{compared}.first(fresh ? 0 : 2)) {
          const Use& earlier = uses[index];
          if (!conflict(joined, agreements[earlier.agreement], earlier, made, use)) continue;
          reused[i][party] = true;
          reused[earlier.agreement][earlier.party] = true;
        }
        known.last = uses.size();
        uses.push_back(use);
      }
    }
  }
  return reused;
}

}  // namespace sealtrace
