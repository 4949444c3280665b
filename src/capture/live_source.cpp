// open_live: frames from an interface, through libpcap.
#include <fmt/format.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "capture/block_feed.hpp"
#include "capture/link_type.hpp"
#include "capture/packet_source.hpp"

namespace sealtrace {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSnaplen = 262'144;  // octets; libpcap's largest, so that offloaded segments are whole
// The kernel hands over a block of frames after this time at the latest, and an idle interface is reported as often.
constexpr std::chrono::milliseconds kWait{50};
// Frames can wait in the kernel for kWait, so on an idle interface the clock is told to be this far behind.
constexpr std::chrono::milliseconds kClockLag{100};
constexpr std::chrono::seconds kStatisticsInterval{1};  // libpcap reads them from files

struct CloseHandle {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using Handle = std::unique_ptr<pcap_t, CloseHandle>;

/// known_interfaces lists what could have been meant, for a message.
std::string known_interfaces() {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  pcap_if_t* list = nullptr;
  std::string names;
  if (pcap_findalldevs(&list, error.data()) != 0) return names;
  for (const pcap_if_t* device = list; device != nullptr; device = device->next) {
    if (if_nametoindex(device->name) == 0) continue;  // buses and pseudo-devices
    names += names.empty() ? "" : ", ";
    names += device->name;
  }
  pcap_freealldevs(list);
  return names;
}

/// activation_error says why libpcap could not start.
CaptureError activation_error(const std::string& interface, int status, pcap_t* handle) {
  switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return CaptureError{fmt::format("{}: there is no such interface (there are: {})", interface, known_interfaces())};
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      return CaptureError{
          fmt::format("{}: no permission to capture: run as root or with the capabilities CAP_NET_RAW and CAP_NET_ADMIN", interface)};
    case PCAP_ERROR_IFACE_NOT_UP: return CaptureError{fmt::format("{}: the interface is down, bring it up first", interface)};
    default: break;
  }
  const std::string words = pcap_geterr(handle);
  return CaptureError{fmt::format("{}: capture cannot start: {}", interface, words.empty() ? pcap_statustostr(status) : words)};
}

Handle activate(const LiveSourceOptions& options) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  Handle handle{pcap_create(options.interface.c_str(), error.data())};
  if (!handle) throw CaptureError{fmt::format("{}: capture cannot start: {}", options.interface, error.data())};
  pcap_set_snaplen(handle.get(), kSnaplen);
  pcap_set_promisc(handle.get(), 1);
  pcap_set_timeout(handle.get(), static_cast<int>(kWait.count()));
  pcap_set_buffer_size(handle.get(), options.buffer_bytes);
  pcap_set_tstamp_precision(handle.get(), PCAP_TSTAMP_PRECISION_NANO);  // where refused, it stays with microseconds
  const int status = pcap_activate(handle.get());
  if (status < 0) throw activation_error(options.interface, status, handle.get());
  if (pcap_setnonblock(handle.get(), 1, error.data()) != 0) {
    throw CaptureError{fmt::format("{}: capture cannot start: {}", options.interface, error.data())};
  }
  return handle;
}

void set_filter(pcap_t* handle, const std::string& expression) {
  if (expression.empty()) return;
  bpf_program program{};
  bool ok = pcap_compile(handle, &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0;
  if (ok) {
    ok = pcap_setfilter(handle, &program) == 0;
    pcap_freecode(&program);
  }
  if (!ok) throw CaptureError{fmt::format("the filter \"{}\" cannot be compiled: {}", expression, pcap_geterr(handle))};
}

/// is_down is true for a network device that was taken down or away. Pseudo-devices ("any") are never down.
bool is_down(const std::string& interface) {
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  const bool known = ::ioctl(descriptor, SIOCGIFFLAGS, &request) == 0;
  const bool gone = !known && errno == ENODEV;
  ::close(descriptor);
  return gone || (known && (request.ifr_flags & IFF_UP) == 0);
}

class LiveSource final : public PacketSource {
 public:
  explicit LiveSource(const LiveSourceOptions& options)
      : options_{options}, handle_{activate(options)}, is_device_{if_nametoindex(options.interface.c_str()) != 0} {
    set_filter(handle_.get(), options.filter);
    nanoseconds_ = pcap_get_tstamp_precision(handle_.get()) == PCAP_TSTAMP_PRECISION_NANO;
    link_type_ = link_type_of(pcap_datalink(handle_.get()));
    descriptor_ = pcap_get_selectable_fd(handle_.get());
    started_ = Clock::now();
    CaptureSummary& summary = captures_.emplace_back();
    summary.name = options.interface;
    summary.format = "live";
    summary.link_types = {link_type_name(link_type_)};
    summary.interfaces = {options.interface};
    summary.snaplen = kSnaplen;
    summary.num_interfaces = 1;
  }

  bool next(PacketBatch& batch) override {
    batch.packets.clear();
    batch.idle = false;
    if (ended_) return false;
    begin_storage(batch);
    const Clock::time_point began = Clock::now();
    while (!must_end()) {
      const std::size_t before = batch.packets.size();
      if (!dispatch(batch)) break;
      const Clock::time_point now = Clock::now();
      const bool drained = batch.packets.size() == before;
      if (full() || (!batch.packets.empty() && (drained || now - began >= kWait))) return finish(batch);
      if (!drained) continue;
      if (wait(now)) continue;
      if (is_device_ && is_down(options_.interface)) {
        fail("the interface went down");
        break;
      }
      batch.idle = true;
      return finish(batch);
    }
    ended_ = true;
    finish(batch);
    update_statistics();
    return !batch.packets.empty();
  }

  [[nodiscard]] const std::vector<CaptureSummary>& captures() const override { return captures_; }

 private:
  /// begin_storage makes room for a block and one more frame, so that frames stay where they are copied to.
  void begin_storage(PacketBatch& batch) {
    constexpr std::size_t kStorageBytes = kBlockBytes + kSnaplen;
    if (batch.storage.size() != kStorageBytes) batch.storage.resize(kStorageBytes);
    free_ = batch.storage;
  }
  [[nodiscard]] bool full() const { return free_.size() <= static_cast<std::size_t>(kSnaplen); }

  [[nodiscard]] bool must_end() const {
    if (options_.max_packets != 0 && captures_.front().frames >= options_.max_packets) return true;
    if (options_.max_time.count() != 0 && Clock::now() - started_ >= options_.max_time) return true;
    return options_.interrupted && options_.interrupted();
  }

  /// dispatch takes what the kernel has ready, as far as the batch has room; false when the capture failed.
  bool dispatch(PacketBatch& batch) {
    constexpr std::uint64_t kMostAtOnce = 65'536;  // frames: must_end is asked again after as many
    const std::uint64_t num_frames = captures_.front().frames;
    const std::uint64_t wanted = options_.max_packets == 0 ? kMostAtOnce : std::min(kMostAtOnce, options_.max_packets - num_frames);
    filling_ = &batch;
    const int status = pcap_dispatch(handle_.get(), static_cast<int>(wanted), &on_frame, reinterpret_cast<u_char*>(this));
    if (status >= 0 || status == PCAP_ERROR_BREAK) return true;
    fail(status == PCAP_ERROR ? pcap_geterr(handle_.get()) : pcap_statustostr(status));
    return false;
  }

  static void on_frame(u_char* self, const pcap_pkthdr* header, const u_char* data) {
    reinterpret_cast<LiveSource*>(self)->take(*header, Bytes{data, header->caplen});
  }

  void take(const pcap_pkthdr& header, Bytes data) {
    data = data.first(std::min(data.size(), free_.size()));
    std::ranges::copy(data, free_.begin());
    CaptureSummary& summary = captures_.front();
    const std::int64_t fraction = header.ts.tv_usec * (nanoseconds_ ? 1 : 1000);
    const Timestamp time{std::chrono::seconds{header.ts.tv_sec} + std::chrono::nanoseconds{fraction}};
    filling_->packets.push_back({.data = free_.first(data.size()),
                                 .time = time,
                                 .frame = FrameNumber{++summary.frames},
                                 .capture = CaptureId{0},
                                 .wire_bytes = std::max(header.len, header.caplen),
                                 .link_type = link_type_});
    free_ = free_.subspan(data.size());
    summary.bytes += data.size();
    summary.first_time = std::min(summary.first_time.value_or(time), time);
    summary.last_time = std::max(summary.last_time.value_or(time), time);
    latest_ = std::max(latest_, time);
    if (full()) pcap_breakloop(handle_.get());
  }

  /// wait sleeps until frames are ready (true), or kWait or the end of the capture's time has come.
  bool wait(Clock::time_point now) const {
    Clock::duration longest = kWait;
    if (options_.max_time.count() != 0) longest = std::min<Clock::duration>(longest, started_ + options_.max_time - now);
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
    pollfd ready{.fd = descriptor_, .events = POLLIN, .revents = 0};
    return ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(milliseconds, 0))) > 0 && (ready.revents & POLLIN) != 0;
  }

  bool finish(PacketBatch& batch) {
    if (Clock::now() - statistics_read_ >= kStatisticsInterval) update_statistics();
    const Timestamp wall = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    if (batch.idle) latest_ = std::max(latest_, wall - kClockLag);
    batch.now = latest_;
    return true;
  }

  void update_statistics() {
    statistics_read_ = Clock::now();
    pcap_stat statistics{};
    if (pcap_stats(handle_.get(), &statistics) != 0) return;
    captures_.front().dropped_by_kernel = statistics.ps_drop;
    captures_.front().dropped_by_interface = statistics.ps_ifdrop;
  }

  void fail(std::string_view why) {
    CaptureSummary& summary = captures_.front();
    summary.complete = false;
    summary.error = fmt::format("{}: capture ended: {}", options_.interface, why);
  }

  LiveSourceOptions options_;
  Handle handle_;
  bool is_device_;
  bool nanoseconds_ = false;
  LinkType link_type_ = LinkType::ethernet;
  int descriptor_ = -1;
  Clock::time_point started_;
  Clock::time_point statistics_read_;
  std::vector<CaptureSummary> captures_;
  PacketBatch* filling_ = nullptr;
  std::span<std::uint8_t> free_;  // of the batch being filled
  Timestamp latest_{};
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<PacketSource> open_live(const LiveSourceOptions& options) { return std::make_unique<LiveSource>(options); }

}  // namespace sealtrace
