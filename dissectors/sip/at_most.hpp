// AtMost: a short list with room of its own.
#pragma once

#include <array>
#include <cstddef>

namespace sealtrace {

/// AtMost<T, kRoom> has at most kRoom elements, and never more is put in than it has room for.
template <typename T, std::size_t kRoom>
class AtMost {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool full() const { return size_ == kRoom; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const T* begin() const { return elements_.data(); }
  [[nodiscard]] const T* end() const { return elements_.data() + size_; }
  void push_back(const T& element) { elements_[size_++] = element; }

 private:
  std::size_t size_ = 0;
  std::array<T, kRoom> elements_;  // not cleared: `size_` says which are set
};

}  // namespace sealtrace
