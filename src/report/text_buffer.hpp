// TextBuffer: text that is appended to in many small steps. Room is asked for once per step and filled through a pointer, which
// costs a third of what std::string's appends do; a record of a flow takes some two hundred steps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace sealtrace {

/// TextBuffer owns its text. What `view` gave is gone with the next append.
class TextBuffer {
 public:
  [[nodiscard]] std::string_view view() const { return {text_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  /// room gives a place for `num_bytes` more; `fill` says how far it was filled.
  char* room(std::size_t num_bytes) {
    if (capacity_ - size_ < num_bytes) grow(num_bytes);
    return text_.get() + size_;
  }
  void fill(const char* end) { size_ = static_cast<std::size_t>(end - text_.get()); }

  void append(char c) {
    *room(1) = c;
    ++size_;
  }
  void append(std::string_view text) {
    text.copy(room(text.size()), text.size());
    size_ += text.size();
  }
  void append(std::size_t count, char c) {
    std::fill_n(room(count), count, c);
    size_ += count;
  }

 private:
  static constexpr std::size_t kFirstBytes = 4096;

  [[gnu::noinline]] void grow(std::size_t num_bytes) {
    const std::size_t capacity = std::max({capacity_ * 2, size_ + num_bytes, kFirstBytes});
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ != 0) std::memcpy(larger.get(), text_.get(), size_);
    text_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace sealtrace
