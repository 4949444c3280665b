// FactKinds, Held, OneOf: how one place holds a fact of any kind.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <variant>

#include "model/boxed.hpp"

namespace sealtrace {

/// FactKinds lists structs, each a kind of fact.
template <typename... Kinds>
struct FactKinds {};

template <typename... Kinds>
constexpr std::size_t num_kinds(FactKinds<Kinds...> /*kinds*/) {
  return sizeof...(Kinds);
}

/// kMostHeldBytes is the size up to which a fact lies where it is held: there are many, and each costs as much as the largest.
inline constexpr std::size_t kMostHeldBytes = 16;

/// Held is how a fact of a kind is held: as it is, or in a box of its own.
template <typename Kind>
using Held = std::conditional_t<sizeof(Kind) <= kMostHeldBytes, Kind, Boxed<Kind>>;

namespace detail {
template <typename... Kinds, typename... MoreKinds>
std::variant<Held<Kinds>..., Held<MoreKinds>...> one_of(FactKinds<Kinds...>, FactKinds<MoreKinds...>);
template <typename Holder>
inline constexpr bool kIsBoxed = false;
template <typename Kind>
inline constexpr bool kIsBoxed<Boxed<Kind>> = true;
template <typename Holder, typename... Kinds>
constexpr bool is_held(FactKinds<Kinds...> /*kinds*/) {
  return (std::same_as<Holder, Held<Kinds>> || ...);
}
}  // namespace detail

/// OneOf holds one fact of any kind in either list.
template <typename Kinds, typename MoreKinds>
using OneOf = decltype(detail::one_of(Kinds{}, MoreKinds{}));

/// HeldOf is what holds a fact of a kind in the list: for visitors, who pass over these.
template <typename Holder, typename Kinds>
concept HeldOf = detail::is_held<Holder>(Kinds{});

/// box_of gives where what is held lies, when that is in a box: to fetch it. A box is a pointer, and a variant begins with what it holds.
template <typename... Holders>
const void* box_of(const std::variant<Holders...>& body) {
  static constexpr std::array<bool, sizeof...(Holders)> kBoxed{detail::kIsBoxed<Holders>...};
  if (!kBoxed[body.index()]) return nullptr;
  const void* box = nullptr;
  std::memcpy(&box, &body, sizeof box);
  return box;
}

/// fact_if gives the fact of this kind that a body holds; null when it holds another. As std::get_if, whether it is boxed or not.
template <typename Kind, typename Body>
auto* fact_if(Body* body) {
  auto* const held = std::get_if<Held<Kind>>(body);
  if constexpr (std::same_as<Held<Kind>, Kind>) {
    return held;
  } else {
    return held != nullptr ? &**held : nullptr;
  }
}

}  // namespace sealtrace
