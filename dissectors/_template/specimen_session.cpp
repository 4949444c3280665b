#include "dissectors/_template/specimen_session.hpp"

#include "dissectors/_template/specimen_parse.hpp"
#include "proto/unreadable_fact.hpp"

namespace sealtrace {
namespace {

constexpr Progress kDone{.consumed = 0, .need = 1, .done = true};

/// after tells what follows a message that was read or not: wait for the rest of it, or leave the side alone.
template <typename Message>
Progress after(const Parsed<Message>& message, const Chunk& chunk, FactSink& facts) {
  if (message) return {.consumed = message->length, .need = 1, .done = true};
  const ParseError& error = message.error();
  if (error.code == ParseErrorCode::need_more)
    return {.consumed = 0, .need = static_cast<std::uint32_t>(chunk.bytes.size() + 1), .done = false};
  facts.report(chunk.fact(unreadable_fact(error), 0, chunk.bytes.size()));
  return kDone;
}

/// probe takes a client that has sent a whole greeting and now waits: the greeting is all there is. Two octets say little, so a
/// stream that goes on after its greeting is left to others.
Recognition probe(const ProbeInput& input) {
  if (input.transport != Transport::tcp || !input.at_start) return Recognition::no;
  const auto greeting = parse_specimen_greeting(input.bytes);
  if (!greeting) return greeting.error().code == ParseErrorCode::need_more ? Recognition::need_more : Recognition::no;
  return greeting->length == input.bytes.size() ? Recognition::yes : Recognition::no;
}

std::unique_ptr<Session> open(const Services& /*services*/) { return std::make_unique<SpecimenSession>(); }

}  // namespace

const Dissector kSpecimenDissector{.name = "specimen", .probe = probe, .open = open};

Progress SpecimenSession::on_stream(const Chunk& chunk, FactSink& facts) {
  if (chunk.sender == Side::initiator) return after(parse_specimen_greeting(chunk.bytes), chunk, facts);
  return after(parse_specimen_selection(chunk.bytes), chunk, facts);
}

void SpecimenSession::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  facts.report({.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = true}, .sender = sender, .time = {}, .evidence = {}});
}

}  // namespace sealtrace
