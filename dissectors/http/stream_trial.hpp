// StreamTrial: what the tests and fuzz targets of both HTTP sessions share. It feeds a session as the flow layer does, with octets held
// that were not consumed, passed over that were asked to be, and lost, and tells every fact in words. Only tests include it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dissect/scripted_flow.hpp"

namespace sealtrace::testing {

/// Turn is what one side sends; `missing_bytes` of its stream are lost before it.
struct Turn {
  Side sender = Side::initiator;
  std::string octets;
  std::uint64_t missing_bytes = 0;
};

/// StreamTrial plays turns in pieces and collects words ("c http GET other", "s gap"). `evidence_inside` turns false when a fact points at
/// octets that were not handed over.
class StreamTrial final : public FactSink {
 public:
  explicit StreamTrial(const Dissector& dissector) : session_{dissector.open({.certificates = nullptr, .hash_key = 3})} {}

  /// play hands the turns over in pieces of what `next_size` gives.
  template <typename NextSize>
  StreamTrial& play(const std::vector<Turn>& turns, NextSize next_size) {
    for (const Turn& turn : turns) {
      if (turn.missing_bytes != 0) lose(turn.sender, turn.missing_bytes);
      for (std::size_t at = 0; at < turn.octets.size() && !handed_over;) {
        const std::size_t size = std::min(std::max<std::size_t>(next_size(), 1), turn.octets.size() - at);
        feed(turn.sender, std::string_view{turn.octets}.substr(at, size));
        at += size;
      }
    }
    return *this;
  }

  void report(Fact fact) override {
    std::string words = fact.sender == Side::initiator ? "c " : "s ";
    if (is_application_fact(fact.body)) {
      words += in_words(fact.body);
    } else if (const auto* unreadable = fact_if<MessageUnreadable>(&fact.body)) {
      words += (unreadable->malformed ? "malformed " : "unreadable ") + std::string{unreadable->field};
    } else if (std::holds_alternative<StreamGap>(fact.body)) {
      words += "gap";
    } else {
      words += "budget";
    }
    const bool points = fact.evidence.length != 0 && std::uint64_t{fact.evidence.offset} + fact.evidence.length <= chunk_bytes_;
    evidence_inside = evidence_inside && (points || std::holds_alternative<StreamGap>(fact.body));
    all.push_back(std::move(words));
  }

  std::vector<std::string> all;
  bool evidence_inside = true;
  bool handed_over = false;
  bool done[2] = {false, false};
  std::size_t max_held_bytes = 0;
  std::uint64_t num_chunks = 0;

 private:
  struct Place final : Origin {
    [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
      return {.capture = {},
              .frame = FrameNumber{1},
              .offset = static_cast<std::uint32_t>(offset),
              .length = static_cast<std::uint32_t>(length)};
    }
    [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return {}; }
  };

  void lose(Side sender, std::uint64_t missing_bytes) {
    const std::size_t side = index(sender);
    if (done[side] || handed_over) return;
    const std::uint64_t skipped = std::min(skip_[side], missing_bytes);
    skip_[side] -= skipped;
    if (skipped == missing_bytes) return;
    pending_[side].clear();
    need_[side] = 1;
    session_->on_gap(sender, missing_bytes, skipped, *this);
  }

  void feed(Side sender, std::string_view piece) {
    const std::size_t side = index(sender);
    const std::size_t skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_[side], piece.size()));
    skip_[side] -= skipped;
    piece.remove_prefix(skipped);
    std::string& pending = pending_[side];
    if (!done[side]) pending += piece;
    while (!pending.empty() && pending.size() >= need_[side] && !done[side] && !handed_over) {
      const Place origin;
      chunk_bytes_ = pending.size();
      ++num_chunks;
      const Progress progress = session_->on_stream({.sender = sender, .bytes = as_bytes(pending), .cut = false, .origin = &origin}, *this);
      const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(progress.consumed, pending.size()));
      skip_[side] += progress.consumed - taken;
      const std::size_t before = pending.size();
      pending.erase(0, taken);
      need_[side] = std::max<std::size_t>(progress.need, 1);
      done[side] = progress.done;
      handed_over = progress.hand_over;
      if (taken == 0 && need_[side] <= before) need_[side] = before + 1;
    }
    max_held_bytes = std::max(max_held_bytes, pending.size());
  }

  std::unique_ptr<Session> session_;
  std::string pending_[2];
  std::size_t need_[2] = {1, 1};
  std::uint64_t skip_[2] = {0, 0};
  std::size_t chunk_bytes_ = 0;
};

}  // namespace sealtrace::testing
