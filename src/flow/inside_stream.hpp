// InsideStream: a stream inside another, whose octets a session opened or took out of its messages: who reads it, and what is held back
// for it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dissect/session.hpp"
#include "flow/flow_limits.hpp"

namespace sealtrace {

/// InsideStream recognises what it is given from the start of each side, and feeds the session of whoever takes it.
class InsideStream {
 public:
  InsideStream(const FlowLimits& limits, std::span<const Dissector* const> dissectors, const Services& services)
      : limits_{limits}, dissectors_{dissectors}, services_{services} {}

  /// add takes the next octets of a side. False when nobody reads that side any more.
  bool add(const Chunk& chunk, FactSink& facts);
  /// gap says that octets of a side are missing: what is held back before them is of no use.
  void gap(Side sender, std::uint64_t missing_bytes, FactSink& facts);
  /// end tells the session that there is no more.
  void end(FactSink& facts);

  /// Follower is the session that reads the stream, and by side how many octets it does not want to see.
  struct Follower {
    std::unique_ptr<Session> session;
    std::array<std::uint64_t, 2> skip{};
  };
  /// take gives the session away, for the octets that follow outside; without a session where nobody reads.
  Follower take(FactSink& facts);

 private:
  /// Held keeps octets with the frames that carried them. Evidence is of whole records: where in one an octet lay does not show.
  class Held final : public Origin {
   public:
    void append(const Chunk& chunk);
    void drop_front(std::size_t count);
    [[nodiscard]] Bytes bytes() const { return bytes_; }
    [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override;
    [[nodiscard]] Timestamp time_at(std::size_t offset) const override;

   private:
    struct Source {
      std::size_t begin = 0;
      Evidence evidence;
      Timestamp time{};
    };
    [[nodiscard]] const Source& source_of(std::size_t offset) const;
    std::vector<std::uint8_t> bytes_;
    std::vector<Source> sources_;  // by begin, ascending
  };

  enum class Reading : std::uint8_t { probe, session, nobody };
  struct Half {
    Held held;
    Reading reading = Reading::probe;
    std::uint32_t need = 1;
    std::uint64_t skip = 0;
    std::uint64_t missed = 0;  ///< octets before anybody read it, of a side whose beginning was lost
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
  };

  [[nodiscard]] Half& half(Side side) { return halves_[index(side)]; }
  void recognise(Side side, FactSink& facts);
  void feed(Side side, FactSink& facts);
  void hand_over(FactSink& facts);

  const FlowLimits& limits_;
  std::span<const Dissector* const> dissectors_;
  const Services& services_;
  std::unique_ptr<Session> session_;
  std::array<Half, 2> halves_;
  std::uint8_t num_hand_overs_ = 0;
};

}  // namespace sealtrace
