#include "dissectors/tls/message_buffer.hpp"

#include <atomic>

namespace sealtrace {
namespace {

/// held_bytes counts what every MessageBuffer of the process holds.
std::atomic<std::size_t> held_bytes{0};

}  // namespace

bool MessageBuffer::append(Bytes octets) {
  if (held_bytes.fetch_add(octets.size(), std::memory_order_relaxed) + octets.size() > kMaxHeldBytes) {
    held_bytes.fetch_sub(octets.size(), std::memory_order_relaxed);
    clear();
    return false;
  }
  octets_.insert(octets_.end(), octets.begin(), octets.end());
  return true;
}

void MessageBuffer::clear() {
  if (octets_.empty()) return;
  held_bytes.fetch_sub(octets_.size(), std::memory_order_relaxed);
  octets_ = {};  // with its memory: an established session holds none
}

}  // namespace sealtrace
