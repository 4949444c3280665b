#include "flow/inside_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sealtrace {
namespace {

/// LineSession reports each line, hands over behind "UPGRADE", and is done with a side behind "QUIT".
class LineSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override {
    const std::string_view text = as_text(chunk.bytes);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {.consumed = 0, .need = static_cast<std::uint32_t>(text.size() + 1)};
    facts.report(chunk.fact(TlsOtherHandshake{.type = static_cast<std::uint8_t>(text[0])}, 0, end + 1));
    if (text.starts_with("QUIT")) return {.consumed = end + 1, .need = 1, .done = true};
    return {.consumed = end + 1, .need = 1, .done = false, .hand_over = text.starts_with("UPGRADE")};
  }
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override {
    facts.report({.body = StreamGap{.missing_bytes = missing_bytes - skipped, .within_handshake = false},
                  .sender = sender,
                  .time = {},
                  .evidence = {}});
  }
  void on_end(FactSink& facts) override {
    facts.report({.body = TlsHelloRequest{}, .sender = Side::initiator, .time = {}, .evidence = {}});
  }
};

Recognition probe_lines(const ProbeInput& input) {
  constexpr std::string_view kGreeting = "LINES\n";
  const std::string_view text = as_text(input.bytes);
  if (text.size() < kGreeting.size()) return kGreeting.starts_with(text) ? Recognition::need_more : Recognition::no;
  return text.starts_with(kGreeting) ? Recognition::yes : Recognition::no;
}

constexpr Dissector kLines{.name = "lines", .probe = probe_lines, .open = [](const Services&) -> std::unique_ptr<Session> {
                             return std::make_unique<LineSession>();
                           }};

class FrameOf final : public Origin {
 public:
  explicit FrameOf(std::uint64_t frame) : frame_{frame} {}
  [[nodiscard]] Evidence at(std::size_t, std::size_t) const override {
    return {.capture = {}, .frame = FrameNumber{frame_}, .offset = 54, .length = 100};
  }
  [[nodiscard]] Timestamp time_at(std::size_t) const override { return {}; }

 private:
  std::uint64_t frame_;
};

class Heard final : public FactSink {
 public:
  void report(Fact fact) override {
    if (std::holds_alternative<ProtocolRecognised>(fact.body)) told += "recognised ";
    if (std::holds_alternative<TlsHelloRequest>(fact.body)) told += "end ";
    if (const auto* gap = std::get_if<StreamGap>(&fact.body)) told += "gap" + std::to_string(gap->missing_bytes) + " ";
    if (const auto* line = std::get_if<TlsOtherHandshake>(&fact.body)) {
      told += (fact.sender == Side::initiator ? ">" : "<") + std::string(1, static_cast<char>(line->type)) +
              std::to_string(value(fact.evidence.frame)) + " ";
    }
  }
  std::string told;
};

struct Step {
  Side sender;
  std::string text;
};

struct Case {
  std::string name;
  std::vector<Step> steps;
  std::string told;
  bool last_read = true;
};

TEST(InsideStream, GivesTheOctetsToWhoeverRecognisesThem) {
  constexpr Side kC = Side::initiator;
  constexpr Side kS = Side::responder;
  const Case cases[] = {
      {"both sides, recognised by one", {{kC, "LINES\nA\n"}, {kS, "B\n"}}, "recognised >L1 >A1 <B2 end "},
      {"what the other side said first is kept while it may be of the protocol",
       {{kS, "LI"}, {kC, "LINES\n"}, {kS, "NES\n"}},
       "recognised >L2 <L3 end "},
      {"a line in pieces is of the frame that completes it", {{kC, "LINES\nA"}, {kC, "B"}, {kC, "C\n"}}, "recognised >L1 >A3 end "},
      {"nobody's octets are not kept", {{kC, "GET / HTTP"}}, "", false},
      {"a side that is done is not read", {{kC, "LINES\nQUIT\n"}, {kC, "A\n"}}, "recognised >L1 >Q1 end ", false},
      {"after a hand-over the registry is asked again",
       {{kC, "LINES\nUPGRADE\nLINES\nA\n"}},
       "recognised >L1 >U1 end recognised >L1 >A1 end "},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const FlowLimits limits;
    const Dissector* const dissectors[] = {&kLines};
    const Services services;
    InsideStream stream{limits, dissectors, services};
    Heard heard;
    std::uint64_t frame = 0;
    bool read = true;
    for (const Step& step : one.steps) {
      const FrameOf origin{++frame};
      read = stream.add({.sender = step.sender, .bytes = as_bytes(step.text), .cut = false, .origin = &origin}, heard);
    }
    stream.end(heard);
    EXPECT_EQ(heard.told, one.told);
    EXPECT_EQ(read, one.last_read);
  }
}

TEST(InsideStream, TellsWhoReadsOfAGapAndDropsWhatCameBeforeIt) {
  const FlowLimits limits;
  const Dissector* const dissectors[] = {&kLines};
  const Services services;
  const FrameOf origin{1};
  for (const bool before_anybody_reads : {false, true}) {
    InsideStream stream{limits, dissectors, services};
    Heard heard;
    const auto add = [&](Side sender, std::string_view text) {
      stream.add({.sender = sender, .bytes = as_bytes(text), .cut = false, .origin = &origin}, heard);
    };
    if (before_anybody_reads) stream.gap(Side::responder, 7, heard);
    add(Side::initiator, "LINES\nA");
    stream.gap(Side::initiator, 5, heard);
    add(Side::initiator, "B\n");
    add(Side::responder, "C\n");
    EXPECT_EQ(heard.told, before_anybody_reads ? "recognised gap7 >L1 gap5 >B1 <C1 " : "recognised >L1 gap5 >B1 <C1 ");
  }
}

TEST(InsideStream, GivesItsSessionAway) {
  const FlowLimits limits;
  const Dissector* const dissectors[] = {&kLines};
  const Services services;
  const FrameOf origin{1};
  InsideStream stream{limits, dissectors, services};
  Heard heard;
  EXPECT_EQ(stream.take(heard).session, nullptr);
  stream.add({.sender = Side::initiator, .bytes = as_bytes("LINES\nA"), .cut = false, .origin = &origin}, heard);
  const InsideStream::Follower follower = stream.take(heard);
  ASSERT_NE(follower.session, nullptr);
  stream.end(heard);
  EXPECT_EQ(heard.told, "recognised >L1 gap1 ") << "it has not ended, and what it waited for does not come";
}

TEST(InsideStream, HoldsNoMoreThanItsBudget) {
  FlowLimits limits;
  limits.max_buffered_bytes_per_side = 10;
  const Dissector* const dissectors[] = {&kLines};
  const Services services;
  InsideStream stream{limits, dissectors, services};
  Heard heard;
  const FrameOf origin{1};
  const auto add = [&](std::string_view text) {
    return stream.add({.sender = Side::initiator, .bytes = as_bytes(text), .cut = false, .origin = &origin}, heard);
  };
  EXPECT_TRUE(add("LINES\n"));
  EXPECT_TRUE(add("0123456789"));
  EXPECT_FALSE(add("0"));
}

}  // namespace
}  // namespace sealtrace
