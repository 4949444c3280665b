#include "capture/capture_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "capture/link_type.hpp"
#include "capture/netmon_reader.hpp"
#include "capture/pcap_reader.hpp"
#include "capture/pcapng_reader.hpp"
#include "model/secret_octets.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {
namespace {

/// account adds the frames of a batch to what is told of their capture. A view is still in the cache that wrote it.
void account(const PacketBatch& batch, CaptureSummary& summary) {
  Timestamp first = summary.first_time.value_or(Timestamp::max());
  Timestamp last = summary.last_time.value_or(Timestamp::min());
  for (const PacketView& packet : batch.packets) {
    summary.bytes += packet.data.size();
    first = std::min(first, packet.time);
    last = std::max(last, packet.time);
  }
  summary.first_time = first;
  summary.last_time = last;
}

}  // namespace

KeyLog::~KeyLog() {
  for (std::string& item : items_) wipe(item);
}

bool KeyLog::add(Bytes secrets) {
  if (items_.size() == kMaxItems || secrets.size() > kMaxTotalBytes - total_bytes_) return false;
  total_bytes_ += secrets.size();
  items_.emplace_back(as_text(secrets));
  return true;
}

CaptureFormat detect_format(Bytes first) {
  ParseScope scope;
  switch (ByteReader{first, scope}.u32("magic_number")) {
    case 0xA1B2C3D4:  // microseconds
    case 0xD4C3B2A1:
    case 0xA1B23C4D:  // nanoseconds
    case 0x4D3CB2A1:
    case 0xA1B2CD34:  // Kuznetzov's longer records
    case 0x34CDB2A1: return CaptureFormat::pcap;
    case 0x0A0D0D0A: return CaptureFormat::pcapng;
    case 0x474D4255: return CaptureFormat::netmon;  // "GMBU"
    default: return CaptureFormat::none;
  }
}

bool CaptureReader::next(PacketBatch& batch, CaptureSummary& summary) {
  batch.packets.clear();
  batch.idle = false;
  while (!finished_) {
    feed_.start(batch.storage);
    std::size_t num_used = parse(feed_.block(batch.storage), batch, summary);
    while (num_used == 0 && !finished_) {
      if (!feed_.grow(batch.storage)) {
        end(feed_.block(batch.storage), summary);
        break;
      }
      num_used = parse(feed_.block(batch.storage), batch, summary);
    }
    if (!finished_) feed_.finish(batch.storage, num_used);
    summary.frames = last_frame_;
    if (batch.packets.empty()) continue;
    account(batch, summary);
    batch.now = *summary.last_time;
    return true;
  }
  return false;
}

void CaptureReader::end(Bytes rest, CaptureSummary& summary) {
  if (!source_->error().empty()) {
    stop(summary, source_->error());
  } else if (!rest.empty() || !begun_) {
    stop(summary, describe_rest(rest));
  }
  finished_ = true;
}

void CaptureReader::stop(CaptureSummary& summary, std::string_view why) {
  finished_ = true;
  summary.complete = false;
  summary.unreadable = !begun_;
  summary.error = begun_ ? fmt::format("{}: reading stopped after frame {}: {}", summary.name, last_frame_, why)
                         : fmt::format("{}: {}", summary.name, why);
}

void CaptureReader::list_link_type(CaptureSummary& summary, LinkType link_type) {
  if (link_types_.size() == kMaxListed || std::ranges::find(link_types_, link_type) != link_types_.end()) return;
  link_types_.push_back(link_type);
  const std::string name = link_type_name(link_type);
  if (std::ranges::find(summary.link_types, name) == summary.link_types.end()) summary.link_types.push_back(name);
}

void CaptureReader::state_snaplen(CaptureSummary& summary, std::uint32_t snaplen) {
  if (snaplen != 0 && (summary.snaplen == 0 || snaplen < summary.snaplen)) summary.snaplen = snaplen;
}

std::unique_ptr<CaptureReader> make_reader(CaptureFormat format, ByteSource& source, CaptureId capture, KeyLog& key_log,
                                           std::size_t block_bytes) {
  switch (format) {
    case CaptureFormat::none: break;
    case CaptureFormat::pcap: return std::make_unique<PcapReader>(source, capture, block_bytes);
    case CaptureFormat::pcapng: return std::make_unique<PcapngReader>(source, capture, block_bytes, key_log);
    case CaptureFormat::netmon: return std::make_unique<NetmonReader>(source, capture, block_bytes);
  }
  return nullptr;
}

}  // namespace sealtrace
