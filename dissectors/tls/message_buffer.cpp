#include "dissectors/tls/message_buffer.hpp"

#include <algorithm>
#include <atomic>

namespace sealtrace {
namespace {

/// kMaxPromisedBytes is how much room a header may ask for before the octets are there: a chain of four certificates.
constexpr std::size_t kMaxPromisedBytes = std::size_t{8} << 10;

/// held_bytes counts the room of every MessageBuffer of the process.
std::atomic<std::size_t> held_bytes{0};

}  // namespace

bool MessageBuffer::append(Bytes octets, std::size_t message_bytes) {
  const std::size_t before = octets_.capacity();
  const std::size_t needed = octets_.size() + octets.size();
  if (needed > before) {
    const std::size_t room = std::max({needed, std::min(message_bytes, kMaxPromisedBytes), 2 * before});
    if (held_bytes.fetch_add(room - before, std::memory_order_relaxed) + room - before > kMaxHeldBytes) {
      held_bytes.fetch_sub(room - before, std::memory_order_relaxed);
      clear();
      return false;
    }
    octets_.reserve(room);  // gives exactly that: capacity() is what was counted
  }
  octets_.insert(octets_.end(), octets.begin(), octets.end());
  return true;
}

void MessageBuffer::clear() {
  if (octets_.capacity() == 0) return;
  held_bytes.fetch_sub(octets_.capacity(), std::memory_order_relaxed);
  octets_ = std::vector<std::uint8_t>{};  // with its memory, which `= {}` would keep: an established session holds none
}

}  // namespace sealtrace
