// SipReports: which of the facts that a flow's messages show are reported. The first of everything is, repetition is not.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/sip/sip_head.hpp"

namespace sealtrace {

/// SipPlace is where a message was seen: octets of a chunk, held until the message's body has passed.
struct SipPlace {
  Side sender = Side::initiator;
  Timestamp time{};
  Evidence evidence;
};

/// sip_place_of is the place of `length` octets from `offset` of a chunk: the frame of the last of them.
SipPlace sip_place_of(const Chunk& chunk, std::size_t offset, std::size_t length);

/// SipNewNames are keyed hashes: of the hosts and products that are new in their place of a message, each of which is a reason to tell it;
/// and what the message is to tell of them: domains that are new in any place, a product that is new in its speaker's role.
struct SipNewNames {
  AtMost<std::uint64_t, 5 + 2 * kMaxSipHops> in_place;
  AtMost<std::uint64_t, 4> told;  ///< three domains and a product
};

/// SipReports knows what a flow has reported already. A trunk carries thousands of calls in one stream, and a flow's facts are limited:
/// what a message shows for the first time in the flow makes it worth a fact.
class SipReports {
 public:
  explicit SipReports(std::uint64_t hash_key) : hash_key_{hash_key} {}
  [[nodiscard]] std::uint64_t hash_key() const { return hash_key_; }

  /// on_head reports that a message was read in clear, and the schemes of authentication in it.
  void on_head(const SipHead& head, const SipPlace& place, FactSink& facts);
  /// take_names puts the names that are to be told into the message.
  [[nodiscard]] SipNewNames take_names(const SipNames& names, Side sender, SipMessage& message) const;
  /// on_message reports a message whose body has passed, when it shows something new.
  void on_message(SipMessage&& message, const SipNewNames& names, OpaqueHash call_id, const SipPlace& place, FactSink& facts);
  /// on_start reports a message of which nothing but the start line, or some of the head, could be read.
  void on_start(SipHead&& head, const SipPlace& place, FactSink& facts);
  /// on_description reports a session description, unless the same was reported of this transaction (retransmitted, or repeated in a later
  /// response).
  void on_description(const SipMessage& message, const SipDialog& dialog, SdpSession&& session, const SipPlace& place, FactSink& facts);
  /// on_conference_control reports that a body of C3P was read in clear.
  void on_conference_control(bool request, const SipPlace& place, FactSink& facts);
  void on_unreadable(const ParseError& error, const SipPlace& place, FactSink& facts);
  void on_gap(std::uint64_t missing_bytes, const SipPlace& last, FactSink& facts);

 private:
  /// Novelty is a reason to report a message, and how many more may be reported for it.
  struct Novelty {
    std::uint16_t left = 0;
    bool exceeded = false;
  };
  struct Half {
    std::uint32_t read_in_clear_requests = 0;   ///< by method
    std::uint32_t read_in_clear_responses = 0;  ///< by method
    SipAuthenticationSchemes credentials;
    SipAuthenticationSchemes offers;
    std::uint8_t num_unreadable = 0;
    std::uint8_t num_gaps = 0;
  };

  [[nodiscard]] bool is_new(std::uint64_t hash) const;
  /// remember tells whether the hash is new.
  bool remember(std::uint64_t hash);
  [[nodiscard]] std::uint64_t kind_hash(const SipMessage& message, Side sender) const;

  // One flow's facts number 256 (flow/flow_limits.hpp). These bounds together stay below: see the .cpp.
  static constexpr std::uint16_t kMaxKinds = 64;  ///< messages that are the first of their method, status class, kind of traffic
  static constexpr std::uint16_t kMaxNames = 38;  ///< messages that are the first with a host, domain or product
  static constexpr std::uint16_t kMaxCalls = 20;  ///< INVITE requests that are only the first of their Call-ID
  /// Descriptions have a limit of their own in the flow layer, which is the same: a trunk carries thousands of calls in one stream.
  static constexpr std::uint16_t kMaxDescriptions = 4096;
  static constexpr std::uint8_t kMaxUnreadable = 8;  ///< a side
  static constexpr std::uint8_t kMaxGaps = 6;        ///< a side

  std::uint64_t hash_key_;
  std::array<Half, 2> halves_;
  Novelty kinds_{.left = kMaxKinds};
  Novelty names_{.left = kMaxNames};
  Novelty calls_{.left = kMaxCalls};
  std::uint16_t num_described_ = 0;
  bool descriptions_exceeded_ = false;
  std::array<bool, 2> control_told_{};  ///< responses, requests
  std::vector<std::uint64_t> known_;    ///< hashes, ascending; of what was reported only, and so bounded with that
};

}  // namespace sealtrace
