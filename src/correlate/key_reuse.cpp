#include "correlate/key_reuse.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>

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
  std::map<std::span<const std::uint8_t>, std::vector<Use>, BySecret> uses;
  for (std::size_t i = 0; i < agreements.size(); ++i) {
    const MediaAgreement& made = agreements[i];
    for (std::size_t party = 0; party < 2; ++party) {
      const SdpCrypto* crypto = party == 0 ? made.offerer_crypto : made.answerer_crypto;
      if (crypto == nullptr) continue;
      const Endpoint& at = party == 0 ? made.offered().endpoint : made.answered()->endpoint;
      const Use use{.agreement = i, .party = party, .described = party == 0 ? made.offer : made.answer, .receives_at = at};
      for (const SrtpMasterKey& key : crypto->keys) {
        std::vector<Use>& known = uses[key.key_and_salt.octets()];
        // Comparing with the first and the last is enough to find a reuse, and a key that thousands share costs no more.
        for (const Use* earlier : {known.empty() ? nullptr : &known.front(), known.size() < 2 ? nullptr : &known.back()}) {
          if (earlier == nullptr || !conflict(joined, agreements[earlier->agreement], *earlier, made, use)) continue;
          reused[i][party] = true;
          reused[earlier->agreement][earlier->party] = true;
        }
        known.push_back(use);
      }
    }
  }
  return reused;
}

}  // namespace sealtrace
