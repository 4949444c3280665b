// Overloaded: one visitor out of several lambdas, so that a new kind of fact is a compile error where it is not considered.
#pragma once

namespace sealtrace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace sealtrace
