// FreeBy: ownership of OpenSSL's objects.
#pragma once

#include <memory>

namespace sealtrace {

/// FreeBy<X509_NAME_free> is the deleter of a std::unique_ptr that owns what OpenSSL made.
template <auto kFree>
struct FreeBy {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

template <typename T, auto kFree>
using Owned = std::unique_ptr<T, FreeBy<kFree>>;

}  // namespace sealtrace
