// LegTable: the legs of an audit while its flows are judged, what was seen on each, and what was found there.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "model/audit.hpp"
#include "model/seeded_hash.hpp"
#include "policy/classify.hpp"
#include "policy/reason.hpp"

namespace sealtrace {

inline constexpr std::uint32_t kNoIndex = 0xFFFFFFFF;

/// SeenOnLeg sums up the protection of a leg's flows, so that words are made once a leg.
struct SeenOnLeg {
  std::uint8_t versions = 0;  ///< bit per label of kVersionLabels
  bool dtls : 1 = false;
  bool with_certificate : 1 = false;
  bool without_certificate : 1 = false;
  bool certificate_unknown : 1 = false;
  bool weak_resumption : 1 = false;  ///< resumed without extended master secret from a session that showed a certificate (RFC 7627)
  bool no_handshake : 1 = false;     ///< TLS whose handshake was not seen, or had no end
  bool clear : 1 = false;
  bool login_alone : 1 = false;  ///< TLS that need not reach behind the login
  bool other_protection : 1 = false;
  bool keys_agreed : 1 = false;
  bool media_clear : 1 = false;
  bool media_null : 1 = false;       ///< SRTP that does not encrypt
  bool media_srtp : 1 = false;       ///< proved
  bool media_declared : 1 = false;   ///< SRTP by its signalling
  bool media_encrypted : 1 = false;  ///< looks so
  bool media_open : 1 = false;       ///< RTP of which too little was seen
  bool control_clear : 1 = false;    ///< RTCP in clear
  bool control_secret : 1 = false;   ///< SRTCP
  bool set_up : 1 = false;           ///< STUN, TURN or keys for media, and no media
  bool unknown : 1 = false;          ///< payload that nobody recognised
  bool pseudo : 1 = false;

  auto operator<=>(const SeenOnLeg&) const = default;

  void add(const FlowProfile& flow);
  void add_media(const ApplicationProfile& application);
  [[nodiscard]] std::string in_words() const;
};

/// LegState is what is known of a leg only while it is in the making. There are about as many legs as flows: it is small.
struct LegState {
  std::string_view basis;
  SeenOnLeg seen;
};

/// LegKey is what makes a leg: class, ends (by name), port, transport.
struct LegKey {
  std::uint32_t client = 0;
  std::uint32_t server = 0;
  std::uint32_t rest = 0;  ///< class, transport, port

  bool operator==(const LegKey&) const = default;
};

struct LegKeyHash {
  using is_avalanching = void;
  SeededHash hash;
  std::uint64_t operator()(const LegKey& key) const { return hash(std::uint64_t{key.client} << 32 | key.server, key.rest); }
};

class LegTable {
 public:
  /// LegTable learns which assets are the same end: those of one kind and name. It makes its legs in `legs`, with room for as many as there
  /// are flows: few have more than one, and room that is not used costs no memory.
  LegTable(const std::vector<Asset>& assets, std::vector<Leg>& legs, std::size_t num_flows);

  /// find_or_add gives the index of the leg. Legs are numbered in the order they are first met.
  std::uint32_t find_or_add(const LegClass& leg_class, std::uint32_t client, std::uint32_t server, std::uint16_t server_port,
                            Transport transport);
  [[nodiscard]] Leg& leg(std::uint32_t index) { return legs_[index]; }
  [[nodiscard]] LegState& state(std::uint32_t index) { return states_[index]; }

  /// finding gives the place for the index of the leg's finding of a reason; kNoIndex stands there where it has none yet.
  std::uint32_t& finding(std::uint32_t leg, Reason reason) {
    return findings_.try_emplace({.leg = leg, .reason = reason}, kNoIndex).first->second;
  }

  /// finish gives the legs their names, their findings and the words for what was seen. `place` is where each finding is in the end.
  void finish(const std::vector<std::uint32_t>& place);

 private:
  struct FindingKey {
    std::uint32_t leg = 0;
    Reason reason{};

    bool operator==(const FindingKey&) const = default;
    friend std::size_t hash_value(const FindingKey& key) { return std::size_t{key.leg} << 8 | static_cast<std::size_t>(key.reason); }
  };

  std::vector<std::uint32_t> identity_;  ///< of each asset: the first one of its kind and name
  boost::unordered_flat_map<LegKey, std::uint32_t, LegKeyHash> index_;
  std::vector<Leg>& legs_;
  std::vector<LegState> states_;                                   ///< parallel to legs_
  boost::unordered_flat_map<FindingKey, std::uint32_t> findings_;  ///< numbers are ours, not the network's
};

}  // namespace sealtrace
