// FactLog: the facts of a flow, kept small until they are folded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/fact.hpp"

namespace sealtrace {

/// FactLog keeps facts in the order they are added. Most are a kind and a number, so that a fact takes 32 octets here, a pointer more if it
/// is boxed as an ApplicationFact, and a body of its own only if it has more to say: a capture of handshakes keeps a score of them for each
/// of its open flows.
class FactLog {
 public:
  void add(Fact&& fact);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// take gives the facts and forgets them.
  [[nodiscard]] std::vector<Fact> take();
  /// prefetch brings in what take reads; prefetch_bodies, called when that is there, what the facts hold.
  void prefetch() const;
  void prefetch_bodies() const;
  [[nodiscard]] std::vector<Fact> copy() const;

 private:
  struct Entry {
    Timestamp time{};
    FrameNumber frame{};
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t number = 0;  ///< the octets of a small body, or the index of another
    std::uint32_t capture : 23 = 0;
    std::uint32_t sender : 1 = 0;
    std::uint32_t kind : 7 = 0;  ///< index of a small alternative of FactBody, kApplication or kLarge
    std::uint32_t decrypted : 1 = 0;
  };
  static_assert(sizeof(Entry) == 32);

  struct Channel {
    std::size_t entry = 0;  ///< index into entries_
    std::uint32_t channel = 0;
  };

  /// body_of takes the body of a fact.
  [[nodiscard]] FactBody body_of(const Entry& entry);

  /// Rest is what flows without TLS inside or around have little of.
  struct Rest {
    std::vector<FactBody> large;
    std::vector<Channel> channels;  ///< of the few facts that are not of the flow's own conversation, in order
  };
  [[nodiscard]] Rest& rest() {
    if (!rest_) rest_ = std::make_unique<Rest>();
    return *rest_;
  }

  std::vector<Entry> entries_;
  std::vector<Boxed<ApplicationFact>> applications_;
  std::unique_ptr<Rest> rest_;
};

}  // namespace sealtrace
