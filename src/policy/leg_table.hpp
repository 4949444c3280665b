// LegTable: the legs of an audit while its flows are judged, what was seen on each, and what was found there.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
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
  bool dtls = false;
  bool with_certificate = false;
  bool without_certificate = false;
  bool certificate_unknown = false;
  bool weak_resumption = false;  ///< resumed without extended master secret from a session that showed a certificate (RFC 7627)
  bool no_handshake = false;     ///< TLS whose handshake was not seen, or had no end
  bool clear = false;
  bool login_alone = false;  ///< TLS that need not reach behind the login
  bool other_protection = false;
  bool media_clear = false;
  bool media_null = false;       ///< SRTP that does not encrypt
  bool media_srtp = false;       ///< proved
  bool media_declared = false;   ///< SRTP by its signalling
  bool media_encrypted = false;  ///< looks so
  bool media_open = false;       ///< RTP of which too little was seen
  bool control_clear = false;    ///< RTCP in clear
  bool control_secret = false;   ///< SRTCP
  bool set_up = false;           ///< STUN, TURN or keys for media, and no media
  bool unknown = false;          ///< payload that nobody recognised
  bool pseudo = false;

  void add(const FlowProfile& flow);
  void add_media(const ApplicationProfile& application);
  [[nodiscard]] std::string in_words() const;
};

/// LegState is a leg in the making.
struct LegState {
  Leg leg;
  std::string_view basis;
  SeenOnLeg seen;
  std::vector<std::pair<Reason, std::uint32_t>> findings;  ///< one per reason

  [[nodiscard]] std::uint32_t finding(Reason reason) const;
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
  /// LegTable learns which assets are the same end: those of one kind and name.
  explicit LegTable(const std::vector<Asset>& assets);

  /// find_or_add gives the index of the leg. Legs are numbered in the order they are first met.
  std::uint32_t find_or_add(const LegClass& leg_class, std::uint32_t client, std::uint32_t server, std::uint16_t server_port,
                            Transport transport);
  [[nodiscard]] LegState& at(std::uint32_t index) { return legs_[index]; }
  [[nodiscard]] std::vector<LegState>& legs() { return legs_; }

 private:
  std::vector<std::uint32_t> identity_;  ///< of each asset: the first one of its kind and name
  boost::unordered_flat_map<LegKey, std::uint32_t, LegKeyHash> index_;
  std::vector<LegState> legs_;
};

}  // namespace sealtrace
