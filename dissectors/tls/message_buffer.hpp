// MessageBuffer: a handshake message that records or segments have cut, until it is whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "wire/bytes.hpp"

namespace sealtrace {

/// kMaxHandshakeMessageBytes bounds one message, in octets: chains of real servers stay below 64 KiB, RFC 8446's own limit is 16 MiB.
inline constexpr std::size_t kMaxHandshakeMessageBytes = std::size_t{256} << 10;
/// kMaxHeldBytes bounds what all sessions of the process hold of unfinished messages, in octets.
inline constexpr std::size_t kMaxHeldBytes = std::size_t{64} << 20;

/// MessageBuffer owns its octets and gives them back to the process's budget.
class MessageBuffer {
 public:
  MessageBuffer() = default;
  MessageBuffer(const MessageBuffer&) = delete;
  MessageBuffer& operator=(const MessageBuffer&) = delete;
  ~MessageBuffer() { clear(); }

  /// append copies `octets`, making room for a message of `message_bytes` at once where that is not too much to believe a header;
  /// false, and nothing is kept, when the process's budget has no room.
  bool append(Bytes octets, std::size_t message_bytes = 0);
  void clear();
  [[nodiscard]] bool empty() const { return octets_.empty(); }
  [[nodiscard]] std::size_t size() const { return octets_.size(); }
  [[nodiscard]] Bytes bytes() const { return octets_; }

 private:
  std::vector<std::uint8_t> octets_;
};

}  // namespace sealtrace
