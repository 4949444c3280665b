// U16List and BlockList: lists of the wire, borrowed as they lie and read one entry at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "wire/bytes.hpp"

namespace sealtrace {

/// U16List is a borrowed run of big-endian 16-bit numbers. An odd last octet is no entry.
class U16List {
 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = std::uint16_t;
    Iterator() = default;
    explicit Iterator(Bytes left) : left_{left} {}
    std::uint16_t operator*() const { return static_cast<std::uint16_t>(left_[0] << 8 | left_[1]); }
    Iterator& operator++() {
      left_ = left_.subspan(2);
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& that) const { return left_.size() == that.left_.size(); }

   private:
    Bytes left_;
  };

  U16List() = default;
  explicit U16List(Bytes octets) : octets_{octets.first(octets.size() & ~std::size_t{1})} {}
  [[nodiscard]] std::size_t size() const { return octets_.size() / 2; }
  [[nodiscard]] bool empty() const { return octets_.empty(); }
  [[nodiscard]] Iterator begin() const { return Iterator{octets_}; }
  [[nodiscard]] Iterator end() const { return Iterator{octets_.last(0)}; }
  [[nodiscard]] bool contains(std::uint16_t number) const {
    for (const std::uint16_t entry : *this) {
      if (entry == number) return true;
    }
    return false;
  }

 private:
  Bytes octets_;
};

/// BlockList is a borrowed run of blocks, each behind a length of `kLengthOctets` octets. Iteration ends at the first block
/// that does not fit; `well_formed` says whether that is the end of the run.
template <std::size_t kLengthOctets>
class BlockList {
 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Bytes;
    Iterator() = default;
    explicit Iterator(Bytes left) : left_{left} { take(); }
    Bytes operator*() const { return block_; }
    Iterator& operator++() {
      left_ = left_.subspan(kLengthOctets + block_.size());
      take();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(std::default_sentinel_t /*end*/) const { return ended_; }
    [[nodiscard]] Bytes left() const { return left_; }

   private:
    void take() {
      ended_ = true;
      if (left_.size() < kLengthOctets) return;
      std::size_t length = 0;
      for (std::size_t i = 0; i < kLengthOctets; ++i) length = length << 8 | left_[i];
      if (length > left_.size() - kLengthOctets) return;
      block_ = left_.subspan(kLengthOctets, length);
      ended_ = false;
    }
    Bytes left_;
    Bytes block_;
    bool ended_ = true;
  };

  BlockList() = default;
  explicit BlockList(Bytes octets) : octets_{octets} {}
  [[nodiscard]] bool empty() const { return octets_.empty(); }
  [[nodiscard]] Iterator begin() const { return Iterator{octets_}; }
  [[nodiscard]] std::default_sentinel_t end() const { return {}; }
  [[nodiscard]] bool well_formed() const {
    Iterator at = begin();
    while (at != end()) ++at;
    return at.left().empty();
  }
  [[nodiscard]] std::size_t size() const {
    std::size_t count = 0;
    for (Iterator at = begin(); at != end(); ++at) ++count;
    return count;
  }

 private:
  Bytes octets_;
};

}  // namespace sealtrace
