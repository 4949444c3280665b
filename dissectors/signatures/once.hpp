// Once: what a session has said, so that it says it once of each side.
#pragma once

#include <string_view>
#include <vector>

#include "dissect/session.hpp"

namespace sealtrace {

/// Once reports the first fact of each kind and side, told apart by its words, which are static strings: the list has no more entries than
/// the sessions of one flow have words. kMaxEntries is above them.
class Once {
 public:
  /// report says `fact` of octets from `offset` of `chunk`, unless `words` were said of this side.
  void report(std::string_view words, FactBody fact, const Chunk& chunk, std::size_t offset, std::size_t length, FactSink& facts) {
    if (said(words, chunk.sender)) return;
    facts.report(chunk.fact(std::move(fact), offset, length));
  }
  void clear(StaticText name, StaticText what, const Chunk& chunk, std::size_t length, FactSink& facts) {
    report(what, ReadInClear{.protocol = name, .what = what}, chunk, 0, length, facts);
  }
  void credential(AuthenticationScheme scheme, const Chunk& chunk, std::size_t length, FactSink& facts) {
    report(to_string(scheme), CredentialSent{.scheme = scheme}, chunk, 0, length, facts);
  }
  /// said notes the words, and says whether they were noted before.
  bool said(std::string_view words, Side sender) {
    for (const Entry& entry : entries_) {
      if (entry.words == words && entry.sender == sender) return true;
    }
    if (entries_.size() < kMaxEntries) entries_.push_back({.words = words, .sender = sender});
    return entries_.size() == kMaxEntries;
  }

 private:
  static constexpr std::size_t kMaxEntries = 64;
  struct Entry {
    std::string_view words;
    Side sender{};
  };
  std::vector<Entry> entries_;
};

}  // namespace sealtrace
