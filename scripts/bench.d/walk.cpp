// walk: the floor W of the benchmark. What any program has to do that keeps totals per flow: read the file, find addresses and ports,
// look up the flow, add. Classic little-endian pcap, Ethernet, IPv4, TCP and UDP. It is as fast as we know how to make it: blocks that
// stay in cache, batches with prefetch, one cache line a flow.
#include <fcntl.h>
#include <nmmintrin.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <vector>

namespace {

constexpr std::size_t kBlockBytes = 256 << 10;  // stays in the second-level cache, even when others use it too
constexpr std::size_t kLongestFrameBytes = 1 << 17;
constexpr std::size_t kBatch = 32;
constexpr std::size_t kFileHeaderBytes = 24, kRecordHeaderBytes = 16;
constexpr std::uint32_t kSlots = 1 << 20;  // at most half of them are taken
constexpr std::uint32_t kMaxFlows = kSlots / 2;

/// Key is a conversation: the lower end first, so that both directions meet.
struct Key {
  std::uint64_t addresses;
  std::uint64_t ports_and_protocol;
  bool operator==(const Key&) const = default;
};

struct alignas(64) Flow {
  Key key;
  std::array<std::uint64_t, 2> bytes;
  std::array<std::uint32_t, 2> packets;
};

struct Pending {
  Key key;
  std::uint32_t slot;
  std::uint32_t bytes;
  bool reversed;
};

template <typename T>
T load(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

std::uint32_t slot_of(const Key& key) {
  const std::uint64_t mixed = _mm_crc32_u64(_mm_crc32_u64(0x2545F491, key.addresses), key.ports_and_protocol) * 0x9E3779B97F4A7C15;
  return static_cast<std::uint32_t>(mixed >> 40) & (kSlots - 1);
}

/// read_headers fills `pending` from a frame; false when it is not TCP or UDP over IPv4.
bool read_headers(const std::uint8_t* frame, std::uint32_t size, Pending& pending) {
  if (size < 38 || load<std::uint16_t>(frame + 12) != 0x0008) return false;
  const std::uint32_t ports_at = 14 + (frame[14] & 15U) * 4;
  const std::uint8_t protocol = frame[23];
  if ((protocol != 6 && protocol != 17) || ports_at + 4 > size) return false;
  const std::uint64_t source = load<std::uint32_t>(frame + 26), destination = load<std::uint32_t>(frame + 30);
  const std::uint64_t from = load<std::uint16_t>(frame + ports_at), to = load<std::uint16_t>(frame + ports_at + 2);
  pending.reversed = (source << 16 | from) > (destination << 16 | to);
  pending.key.addresses = pending.reversed ? destination << 32 | source : source << 32 | destination;
  pending.key.ports_and_protocol = (pending.reversed ? to << 32 | from << 16 : from << 32 | to << 16) | protocol;
  pending.slot = slot_of(pending.key);
  pending.bytes = size;
  return true;
}

/// zeroed gives `count` zeroed objects in huge pages where the system has them; they live as long as the program.
template <typename T>
std::span<T> zeroed(std::size_t count) {
  void* const pages = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return {};
  madvise(pages, count * sizeof(T), MADV_HUGEPAGE);
  return {static_cast<T*>(pages), count};
}

/// FlowTable maps a key to its record: an index with linear probing, and records side by side.
class FlowTable {
 public:
  void prefetch_index(const Pending& pending) const { __builtin_prefetch(&index_[pending.slot]); }
  void prefetch_flow(const Pending& pending) const { __builtin_prefetch(&flows_[index_[pending.slot]], 1); }
  bool add(const Pending& pending) {
    std::uint32_t slot = pending.slot;
    while (index_[slot] != 0 && !(flows_[index_[slot]].key == pending.key)) slot = (slot + 1) & (kSlots - 1);
    if (index_[slot] == 0) {
      if (size_ + 1 == flows_.size()) return false;
      index_[slot] = ++size_;
      flows_[size_].key = pending.key;
    }
    Flow& flow = flows_[index_[slot]];
    flow.bytes[pending.reversed] += pending.bytes;
    ++flow.packets[pending.reversed];
    return true;
  }
  [[nodiscard]] bool ready() const { return !index_.empty() && !flows_.empty(); }
  [[nodiscard]] std::uint32_t size() const { return size_; }

 private:
  std::span<std::uint32_t> index_ = zeroed<std::uint32_t>(kSlots);  // 0: free
  std::span<Flow> flows_ = zeroed<Flow>(kMaxFlows);                 // 0: none
  std::uint32_t size_ = 0;
};

int fail(const char* what) { return std::fprintf(stderr, "walk: %s\n", what), 1; }

}  // namespace

int main(int argc, char** argv) {
  const int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (file < 0) return fail("usage: walk CAPTURE");
  std::vector<std::uint8_t> block(kBlockBytes + kLongestFrameBytes);
  FlowTable flows;
  if (!flows.ready()) return fail("no memory");
  std::array<Pending, kBatch> batch;
  std::uint64_t packets = 0, bytes = 0;
  std::size_t filled = 0, at = kFileHeaderBytes;
  for (ssize_t got; (got = read(file, block.data() + filled, kBlockBytes)) > 0;) {
    filled += static_cast<std::size_t>(got);
    if (packets == 0 && (filled < kFileHeaderBytes || load<std::uint32_t>(block.data()) != 0xA1B2C3D4))
      return fail("not a little-endian pcap");
    for (bool more = true; more;) {
      std::size_t size = 0;
      while (size < kBatch) {
        const std::uint8_t* const record = block.data() + at;
        if (at + kRecordHeaderBytes > filled) {
          more = false;
          break;
        }
        const auto captured = load<std::uint32_t>(record + 8);
        if (captured > kLongestFrameBytes - kRecordHeaderBytes) return fail("a frame is too long");
        if (at + kRecordHeaderBytes + captured > filled) {
          more = false;
          break;
        }
        ++packets;
        bytes += captured;
        at += kRecordHeaderBytes + captured;
        if (!read_headers(record + kRecordHeaderBytes, captured, batch[size])) continue;
        flows.prefetch_index(batch[size]);
        ++size;
      }
      const std::span found{batch.data(), size};
      for (const Pending& pending : found) flows.prefetch_flow(pending);
      for (const Pending& pending : found) {
        if (!flows.add(pending)) return fail("too many flows");
      }
    }
    std::memmove(block.data(), block.data() + at, filled - at);
    filled -= at;
    at = 0;
  }
  std::printf("%llu packets, %llu bytes, %u flows\n", static_cast<unsigned long long>(packets), static_cast<unsigned long long>(bytes),
              flows.size());
  return 0;
}
