// Lazy: a value that costs time and that not every audit asks for.
#pragma once

#include <functional>
#include <optional>
#include <utility>

namespace sealtrace {

/// Lazy<T> makes its value when it is first asked for, and keeps it. One thread at a time.
template <typename T>
class Lazy {
 public:
  explicit Lazy(std::function<T()> make) : make_{std::move(make)} {}

  const T& operator*() const {
    if (!value_) value_ = make_();
    return *value_;
  }

 private:
  std::function<T()> make_;
  mutable std::optional<T> value_;
};

}  // namespace sealtrace
