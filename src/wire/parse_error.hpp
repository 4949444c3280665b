// ParseError: why a parser stopped, at which octet, in which field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace sealtrace {

/// ParseErrorCode keeps four reasons to stop apart; only `malformed` counts against a peer.
enum class ParseErrorCode : std::uint8_t {
  truncated,    ///< the capture ends here (snaplen): the peer sent more
  need_more,    ///< the stream goes on: call again with more bytes
  malformed,    ///< the peer broke the specification
  unsupported,  ///< valid or not, we do not know this form
};

constexpr std::string_view to_string(ParseErrorCode code) {
  switch (code) {
    case ParseErrorCode::truncated: return "truncated";
    case ParseErrorCode::need_more: return "need_more";
    case ParseErrorCode::malformed: return "malformed";
    case ParseErrorCode::unsupported: return "unsupported";
  }
  return "unknown";
}

/// ParseError names the first thing that went wrong: `offset` counts octets from the start of the message, `field` is
/// the specification's term and lives as long as the program (a string literal).
struct ParseError {
  ParseErrorCode code = ParseErrorCode::malformed;
  std::size_t offset = 0;
  std::string_view field;

  bool operator==(const ParseError&) const = default;
};

template <typename T>
using Parsed = std::expected<T, ParseError>;

}  // namespace sealtrace
