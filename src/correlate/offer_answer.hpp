// Offer and answer: what two sides agreed for each m= line of a call (RFC 3264), hop by hop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/application_profile.hpp"
#include "model/ids.hpp"
#include "model/ip_address.hpp"

namespace sealtrace {

/// Described is a description with the hop that carried it. `readable`: anybody on the path of that hop could read it.
struct Described {
  SeenDescription seen;
  FlowId flow{};
  std::array<Endpoint, 2> hop;  ///< who sent it, and to whom
  bool readable = false;
};

/// MediaAgreement is one m= line of an offer and, where it was seen, of its answer. It holds from `from` until another takes its place.
/// Borrows the descriptions.
struct MediaAgreement {
  const Described* offer = nullptr;
  const Described* answer = nullptr;  ///< null: not seen
  std::size_t line = 0;
  std::uint32_t call = 0;  ///< from 1
  std::uint32_t hop = 0;   ///< of all calls, from 0
  Timestamp from{};
  Timestamp until = Timestamp::max();
  Agreement agreement{};
  MediaKeying keying{};
  const SdpCrypto* offerer_crypto = nullptr;  ///< of the line that the answer took; null: none
  const SdpCrypto* answerer_crypto = nullptr;
  bool fell_back = false;

  [[nodiscard]] const MediaDescription& offered() const { return offer->seen.session.media[line]; }
  /// answered gives the answer's line; null without an answer.
  [[nodiscard]] const MediaDescription* answered() const { return answer == nullptr ? nullptr : &answer->seen.session.media[line]; }
};

/// pair_descriptions pairs what `descriptions`, sorted by time, say. Retransmitted and repeated ones change nothing. A description in a
/// response whose request had none that was seen is an offer (RFC 3261 section 13.2.1), and only its ACK or PRACK answers it.
std::vector<MediaAgreement> pair_descriptions(const std::vector<Described>& descriptions);

}  // namespace sealtrace
