#include "dissectors/dtls/dtls_reassembly.hpp"

#include <algorithm>
#include <utility>

namespace sealtrace {
namespace {

bool begins_a_side(HandshakeType type) {
  return type == HandshakeType::client_hello || type == HandshakeType::server_hello || type == HandshakeType::hello_verify_request ||
         type == HandshakeType::hello_request;
}

}  // namespace

PartialMessage::PartialMessage(const HandshakeFragment& first)
    : message_{.type = first.header.msg_type,
               .message_seq = first.header.message_seq,
               .legacy_record_version = first.legacy_record_version,
               .body = {},
               .evidence = first.evidence,
               .time = first.time},
      length_{first.header.length} {}

bool PartialMessage::complete() const {
  if (length_ == 0) return true;
  return runs_.size() == 1 && runs_.front().begin == 0 && runs_.front().octets.size() == length_;
}

std::size_t PartialMessage::waiting_bytes() const {
  std::size_t sum = 0;
  for (const Run& run : runs_) sum += run.octets.size();
  return sum;
}

Added PartialMessage::add(const HandshakeFragment& fragment) {
  if (fragment.header.msg_type != message_.type || fragment.header.length != length_) return Added::conflicting;
  if (fragment.body.empty()) return Added::taken;
  Run merged{.begin = fragment.header.fragment_offset, .octets = {fragment.body.begin(), fragment.body.end()}};
  // The runs that overlap or touch the new one, as a range of runs_.
  const auto first = std::ranges::find_if(runs_, [&](const Run& run) { return run.end() >= merged.begin; });
  const auto last = std::find_if(first, runs_.end(), [&](const Run& run) { return run.begin > merged.end(); });
  for (auto run = first; run != last; ++run) {
    const std::size_t begin = std::max(run->begin, merged.begin);
    const std::size_t end = std::min(run->end(), merged.end());
    const auto ours = run->octets.begin() + static_cast<std::ptrdiff_t>(begin - run->begin);
    const auto theirs = merged.octets.begin() + static_cast<std::ptrdiff_t>(begin - merged.begin);
    if (begin < end && !std::equal(ours, ours + static_cast<std::ptrdiff_t>(end - begin), theirs)) return Added::conflicting;
  }
  if (first == last && runs_.size() == kMaxFragments) return Added::over_budget;
  if (first != last) {
    if (first->begin < merged.begin) {
      const auto head_end = first->octets.begin() + static_cast<std::ptrdiff_t>(merged.begin - first->begin);
      merged.octets.insert(merged.octets.begin(), first->octets.begin(), head_end);
      merged.begin = first->begin;
    }
    const Run& back = *(last - 1);
    if (back.end() > merged.end()) {
      merged.octets.insert(merged.octets.end(), back.octets.end() - static_cast<std::ptrdiff_t>(back.end() - merged.end()),
                           back.octets.end());
    }
  }
  if (last - first == 1 && first->octets.size() == merged.octets.size()) return Added::taken;  // nothing new
  runs_.insert(runs_.erase(first, last), std::move(merged));
  message_.evidence = fragment.evidence;
  message_.time = fragment.time;
  return Added::taken;
}

HandshakeMessage PartialMessage::take() {
  if (!runs_.empty()) message_.body = std::move(runs_.front().octets);
  return std::move(message_);
}

Added MessageQueue::add(const HandshakeFragment& fragment) {
  const DtlsHandshakeHeader& header = fragment.header;
  if (next_seq_ && header.message_seq < *next_seq_) return Added::old;
  auto at = std::ranges::lower_bound(waiting_, header.message_seq, {}, &PartialMessage::message_seq);
  if (at == waiting_.end() || at->message_seq() != header.message_seq) {
    if (waiting_.size() == kMaxWaitingMessages || header.length > kMaxMessageBytes) return Added::over_budget;
    at = waiting_.insert(at, PartialMessage{fragment});
  }
  std::size_t waiting_bytes = fragment.body.size();
  for (const PartialMessage& message : waiting_) waiting_bytes += message.waiting_bytes();
  if (waiting_bytes > kMaxWaitingBytes) return Added::over_budget;
  return at->add(fragment);
}

std::optional<HandshakeMessage> MessageQueue::next() {
  if (waiting_.empty() || !waiting_.front().complete()) {
    const auto hello = std::ranges::find_if(
        waiting_, [](const PartialMessage& message) { return message.type() == HandshakeType::client_hello && message.complete(); });
    if (hello == waiting_.end()) return std::nullopt;
    waiting_.erase(waiting_.begin(), hello);
  }
  PartialMessage& first = waiting_.front();
  const bool begins = first.type() == HandshakeType::client_hello || (!next_seq_ && begins_a_side(first.type()));
  if (!begins && next_seq_ != first.message_seq()) return std::nullopt;
  HandshakeMessage message = first.take();
  next_seq_ = static_cast<std::uint16_t>(message.message_seq + 1);
  waiting_.erase(waiting_.begin());
  return message;
}

void MessageQueue::skip_to_whole() {
  const auto whole = std::ranges::find_if(waiting_, &PartialMessage::complete);
  waiting_.erase(waiting_.begin(), whole);
  if (!waiting_.empty()) next_seq_ = waiting_.front().message_seq();
}

void MessageQueue::restart(std::uint16_t message_seq) {
  waiting_.clear();
  next_seq_ = message_seq;
}

}  // namespace sealtrace
