// StunSession: follows STUN and TURN on one five-tuple, and hands back what travels inside.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/stun/stun_framing.hpp"
#include "dissectors/stun/turn_peers.hpp"
#include "proto/stun.hpp"

namespace sealtrace {

/// kStunDissector recognises STUN and TURN by their cookies, in datagrams and in streams.
extern const Dissector kStunDissector;

/// StunSession reads messages, learns addresses and peers, and gives what is relayed to FactSink::carried with the peer's number as
/// channel. On UDP, what is not STUN is not its own (RFC 7983), unless an active destination was set ([MS-TURN] section 3.1.4): then the
/// media is bare. Frames of RFC 4571 that are not STUN are the flow's own datagrams: channel 0.
class StunSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;

 private:
  /// Half is one direction of a stream.
  struct Half {
    bool started = false;      ///< a frame was found
    bool frames_lost = false;  ///< a gap hides where the next frame begins
    bool waiting = false;      ///< ConnectionBind was asked: what follows the answer is the peer's own stream (RFC 6062 section 4.4)
    bool unreadable_reported = false;
    std::uint64_t skip_bytes = 0;
  };
  enum class Place : std::uint8_t { here, wait, elsewhere };

  [[nodiscard]] Half& half(Side side) { return halves_[index(side)]; }
  /// find_place says whether a frame of the stream begins at `rest`.
  Place find_place(Half& half, Bytes rest);
  void take_frame(const Chunk& frame, StreamFrame::Kind kind, FactSink& facts);
  /// take_datagram takes what is STUN or TURN. False for anything else.
  bool take_datagram(const Chunk& chunk, FactSink& facts);
  bool take_message(const Chunk& chunk, FactSink& facts);
  bool take_channel_data(const Chunk& chunk, FactSink& facts);
  bool take_multiplexed(const Chunk& chunk, FactSink& facts);
  void take_end_to_end(const Chunk& chunk, FactSink& facts);
  void note(const StunMessage& message, const Chunk& chunk, FactSink& facts);
  void note_addresses(const StunMessage& message, const Chunk& chunk, FactSink& facts);
  void note_destination(const StunMessage& message);
  void relay(const Chunk& chunk, Bytes data, std::size_t offset, bool cut, std::optional<std::uint32_t> peer, FactSink& facts);
  void unreadable(const Chunk& chunk, const ParseError& error, FactSink& facts);

  StunFraming framing_ = StunFraming::none;
  std::array<Half, 2> halves_;
  TurnPeers peers_;
  bool turn_seen_ = false;  ///< ChannelData may come
  bool budget_reported_ = false;
  bool handing_over_ = false;
  std::optional<std::uint32_t> asked_destination_;
  std::optional<std::uint32_t> active_destination_;  ///< [MS-TURN]: whose data is bare
  std::vector<std::uint32_t> seen_;                  ///< flavour, method and class of messages reported
  std::vector<TransportAddressLearned> learned_;
};

}  // namespace sealtrace
