#include "schedule.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <utility>

namespace bench {
namespace {

constexpr std::uint64_t kSlotMicroseconds = 20000;  // frames wait in slots of 20 ms until they are sorted and written
constexpr std::uint32_t kEpochSeconds = 1767603600;
constexpr std::size_t kEthernetBytes = 14, kIpBytes = 20;
constexpr std::uint8_t kTcp = 6, kUdp = 17;

/// Header builds big-endian fields in place.
class Header {
 public:
  void u8(std::uint32_t value) { octets_[size_++] = static_cast<std::uint8_t>(value); }
  void u16(std::uint32_t value) {
    u8(value >> 8);
    u8(value);
  }
  void u32(std::uint32_t value) {
    u16(value >> 16);
    u16(value);
  }
  void raw(Octets octets) {
    std::ranges::copy(octets, octets_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += octets.size();
  }
  void put16(std::size_t at, std::uint32_t value) {
    octets_[at] = static_cast<std::uint8_t>(value >> 8);
    octets_[at + 1] = static_cast<std::uint8_t>(value);
  }
  [[nodiscard]] Octets octets() const { return Octets{octets_}.first(size_); }

 private:
  std::array<std::uint8_t, 64> octets_{};
  std::size_t size_ = 0;
};

/// sum_of adds big-endian 16-bit words; an odd last octet counts as the high one.
std::uint64_t sum_of(Octets octets) {
  std::uint64_t sum = 0;
  std::size_t i = 0;
  for (; i + 1 < octets.size(); i += 2) sum += static_cast<std::uint32_t>(octets[i] << 8 | octets[i + 1]);
  return i < octets.size() ? sum + static_cast<std::uint32_t>(octets[i] << 8) : sum;
}

std::uint32_t checksum(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint32_t>(~sum & 0xFFFF);
}

std::uint64_t pseudo_header(Endpoint from, Endpoint to, std::uint8_t protocol, std::size_t length) {
  return (from.address >> 16) + (from.address & 0xFFFF) + (to.address >> 16) + (to.address & 0xFFFF) + protocol + length;
}

void must(bool holds, const char* what) {
  if (holds) return;
  std::perror(what);
  std::exit(1);
}

}  // namespace

Schedule::Schedule(const char* path) : file_{std::fopen(path, "wb")} {
  must(file_ != nullptr, path);
  const std::array<std::uint32_t, 6> header{0xA1B2C3D4, 2 | 4 << 16, 0, 0, 65535, 1};
  must(std::fwrite(header.data(), sizeof header, 1, file_) == 1, path);
  bytes_ = sizeof header;
}

Schedule::~Schedule() {
  write_before(std::numeric_limits<std::uint64_t>::max());
  must(std::fclose(file_) == 0, "closing the capture");
}

void Schedule::tcp(std::uint64_t time_us, Endpoint from, Endpoint to, const TcpHeader& header, Octets payload) {
  constexpr std::array<std::uint8_t, 20> kSynOptions{2, 4, 5, 0xB4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
  const std::size_t size = 20 + (header.syn_options ? kSynOptions.size() : 0);
  Header tcp;
  tcp.u16(from.port);
  tcp.u16(to.port);
  tcp.u32(header.sequence);
  tcp.u32(header.acknowledgment);
  tcp.u8(static_cast<std::uint32_t>(size / 4 << 4));
  tcp.u8(header.flags);
  tcp.u16(64240);
  tcp.u16(0);
  tcp.u16(0);
  if (header.syn_options) tcp.raw(kSynOptions);
  tcp.put16(16, checksum(pseudo_header(from, to, kTcp, size + payload.size()) + sum_of(tcp.octets()) + sum_of(payload)));
  add(time_us, kTcp, from, to, tcp.octets(), payload);
}

void Schedule::udp(std::uint64_t time_us, Endpoint from, Endpoint to, Octets payload) {
  const std::size_t size = 8 + payload.size();
  Header udp;
  udp.u16(from.port);
  udp.u16(to.port);
  udp.u16(static_cast<std::uint32_t>(size));
  udp.u16(0);
  const std::uint32_t sum = checksum(pseudo_header(from, to, kUdp, size) + sum_of(udp.octets()) + sum_of(payload));
  udp.put16(6, sum == 0 ? 0xFFFF : sum);
  add(time_us, kUdp, from, to, udp.octets(), payload);
}

void Schedule::add(std::uint64_t time_us, std::uint8_t protocol, Endpoint from, Endpoint to, Octets transport, Octets payload) {
  const std::size_t ip_size = kIpBytes + transport.size() + payload.size();
  Header head;
  for (const std::uint32_t end : {to.address & 1, from.address & 1}) {
    head.u16(0x0200);
    head.u32(0x5EA10000 | end);
  }
  head.u16(0x0800);
  head.u16(0x4500);
  head.u16(static_cast<std::uint32_t>(ip_size));
  head.u16(static_cast<std::uint32_t>(packets_ + slots_.size()));  // Identification
  head.u16(0x4000);
  head.u8(64);
  head.u8(protocol);
  head.u16(0);
  head.u32(from.address);
  head.u32(to.address);
  head.put16(kEthernetBytes + 10, checksum(sum_of(head.octets().subspan(kEthernetBytes))));

  Slot& slot = slots_[time_us / kSlotMicroseconds];
  const std::size_t at = slot.octets.size();
  for (const Octets part : {head.octets(), transport, payload}) slot.octets.insert(slot.octets.end(), part.begin(), part.end());
  slot.entries.push_back({time_us, at, static_cast<std::uint32_t>(slot.octets.size() - at)});
  last_two_share_a_slot_ = slot.entries.size() > 1 && last_slot_ == time_us / kSlotMicroseconds;
  last_slot_ = time_us / kSlotMicroseconds;
}

void Schedule::swap_last() {
  const auto slot = slots_.find(last_slot_);
  if (!last_two_share_a_slot_ || slot == slots_.end()) return;
  std::vector<Entry>& entries = slot->second.entries;
  std::swap(entries[entries.size() - 1].time_us, entries[entries.size() - 2].time_us);
}

void Schedule::write_before(std::uint64_t time_us) {
  while (!slots_.empty() && (slots_.begin()->first + 1) * kSlotMicroseconds <= time_us) {
    write(slots_.begin()->second);
    slots_.erase(slots_.begin());
  }
}

void Schedule::write(Slot& slot) {
  std::ranges::stable_sort(slot.entries, {}, &Entry::time_us);
  for (const Entry& entry : slot.entries) {
    const std::array<std::uint32_t, 4> header{kEpochSeconds + static_cast<std::uint32_t>(entry.time_us / 1000000),
                                              static_cast<std::uint32_t>(entry.time_us % 1000000), entry.size, entry.size};
    must(std::fwrite(header.data(), sizeof header, 1, file_) == 1 && std::fwrite(slot.octets.data() + entry.at, entry.size, 1, file_) == 1,
         "writing the capture");
    bytes_ += sizeof header + entry.size;
  }
  packets_ += slot.entries.size();
}

}  // namespace bench
