// OneOrMore and SeldomMany: lists that are almost always of one element, or empty, so that what holds them stays small.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace sealtrace {

/// OneOrMore<T> is a list whose only element lies in it; from the second on all lie on the heap. Copies are deep.
template <typename T>
class OneOrMore {
 public:
  OneOrMore() = default;
  OneOrMore(std::initializer_list<T> values) {
    for (const T& value : values) push_back(value);
  }
  OneOrMore(const OneOrMore& other) : one_{other.one_}, all_{other.all_ ? std::make_unique<std::vector<T>>(*other.all_) : nullptr} {}
  OneOrMore(OneOrMore&&) noexcept = default;
  OneOrMore& operator=(OneOrMore other) noexcept {
    one_ = std::move(other.one_);
    all_ = std::move(other.all_);
    return *this;
  }
  ~OneOrMore() = default;

  void push_back(T value) {
    if (!one_ && !all_) {
      one_ = std::move(value);
      return;
    }
    if (!all_) {
      all_ = std::make_unique<std::vector<T>>();
      all_->push_back(*std::exchange(one_, std::nullopt));
    }
    all_->push_back(std::move(value));
  }

  [[nodiscard]] bool empty() const { return !one_ && !all_; }
  [[nodiscard]] std::size_t size() const { return all_ ? all_->size() : one_ ? 1 : 0; }
  [[nodiscard]] T* begin() { return all_ ? all_->data() : one_ ? &*one_ : nullptr; }
  [[nodiscard]] T* end() { return begin() + size(); }
  [[nodiscard]] const T* begin() const { return all_ ? all_->data() : one_ ? &*one_ : nullptr; }
  [[nodiscard]] const T* end() const { return begin() + size(); }
  [[nodiscard]] const T& front() const { return *begin(); }
  [[nodiscard]] const T& back() const { return *(end() - 1); }
  [[nodiscard]] T& operator[](std::size_t i) { return begin()[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return begin()[i]; }

 private:
  std::optional<T> one_;
  std::unique_ptr<std::vector<T>> all_;
};

/// SeldomMany<T> is a list that most owners have empty: it costs them a pointer.
template <typename T>
class SeldomMany {
 public:
  SeldomMany() = default;
  SeldomMany(std::initializer_list<T> values) : values_{std::make_unique<std::vector<T>>(values)} {}
  SeldomMany(const SeldomMany& other) : values_{other.values_ ? std::make_unique<std::vector<T>>(*other.values_) : nullptr} {}
  SeldomMany(SeldomMany&&) noexcept = default;
  SeldomMany& operator=(SeldomMany other) noexcept {
    values_ = std::move(other.values_);
    return *this;
  }
  ~SeldomMany() = default;

  void push_back(T value) { all().push_back(std::move(value)); }
  T& emplace_back() { return all().emplace_back(); }
  void clear() { values_.reset(); }

  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t size() const { return values_ ? values_->size() : 0; }
  [[nodiscard]] T* begin() { return values_ ? values_->data() : nullptr; }
  [[nodiscard]] const T* begin() const { return values_ ? values_->data() : nullptr; }
  [[nodiscard]] T* end() { return begin() + size(); }
  [[nodiscard]] const T* end() const { return begin() + size(); }
  [[nodiscard]] T& front() { return *begin(); }
  [[nodiscard]] T& back() { return *(end() - 1); }
  [[nodiscard]] T& operator[](std::size_t i) { return begin()[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return begin()[i]; }

 private:
  std::vector<T>& all() {
    if (!values_) values_ = std::make_unique<std::vector<T>>();
    return *values_;
  }

  std::unique_ptr<std::vector<T>> values_;
};

}  // namespace sealtrace
