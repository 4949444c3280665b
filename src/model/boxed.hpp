// Boxed and OptionalBoxed: values kept on the heap, so that what holds them stays small.
#pragma once

#include <memory>
#include <utility>

namespace sealtrace {

/// Boxed<T> behaves as a T: copies are deep, and it converts from and to one. A moved-from box may only be assigned or destroyed.
template <typename T>
class Boxed {
 public:
  Boxed(const T& value) : value_{std::make_unique<T>(value)} {}        // NOLINT(google-explicit-constructor): it stands for a T
  Boxed(T&& value) : value_{std::make_unique<T>(std::move(value))} {}  // NOLINT(google-explicit-constructor)
  Boxed(const Boxed& other) : value_{std::make_unique<T>(*other.value_)} {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(const Boxed& other) {
    if (this != &other) value_ = std::make_unique<T>(*other.value_);
    return *this;
  }
  Boxed& operator=(Boxed&&) noexcept = default;
  ~Boxed() = default;

  operator T&() { return *value_; }              // NOLINT(google-explicit-constructor): it stands for a T
  operator const T&() const { return *value_; }  // NOLINT(google-explicit-constructor)
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

/// OptionalBoxed<T> is a box that may be empty: an optional part that most owners lack costs them a pointer. Copies are deep.
template <typename T>
class OptionalBoxed {
 public:
  OptionalBoxed() = default;
  OptionalBoxed(const OptionalBoxed& other) : value_{other ? std::make_unique<T>(*other) : nullptr} {}
  OptionalBoxed(OptionalBoxed&&) noexcept = default;
  OptionalBoxed& operator=(const OptionalBoxed& other) {
    if (this != &other) value_ = other ? std::make_unique<T>(*other) : nullptr;
    return *this;
  }
  OptionalBoxed& operator=(OptionalBoxed&&) noexcept = default;
  ~OptionalBoxed() = default;

  OptionalBoxed& operator=(T value) {
    value_ = std::make_unique<T>(std::move(value));
    return *this;
  }
  T& emplace() { return *(value_ = std::make_unique<T>()); }
  void reset() { value_.reset(); }

  [[nodiscard]] bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace sealtrace
