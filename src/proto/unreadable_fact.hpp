// What a parser's error says of a message, as a fact.
#pragma once

#include "model/fact.hpp"
#include "wire/parse_error.hpp"

namespace sealtrace {

/// unreadable_fact: only a malformed message counts against its sender.
inline MessageUnreadable unreadable_fact(const ParseError& error) {
  return {.field = error.field, .malformed = error.code == ParseErrorCode::malformed};
}

}  // namespace sealtrace
