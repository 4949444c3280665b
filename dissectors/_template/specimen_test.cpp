#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "dissectors/_template/specimen_parse.hpp"
#include "dissectors/_template/specimen_session.hpp"

namespace sealtrace {
namespace {

using Octets = std::vector<std::uint8_t>;

const Octets kGreeting{0x05,         // VER
                       0x02,         // NMETHODS
                       0x00, 0x02};  // METHODS: no authentication, username/password
const Octets kSelection{0x05,        // VER
                        0x02};       // METHOD: username/password

struct Unreadable {
  std::string_view name;
  Octets octets;
  ParseError error;
};

void PrintTo(const Unreadable& unreadable, std::ostream* out) { *out << unreadable.name; }
std::string name_of(const testing::TestParamInfo<Unreadable>& info) { return std::string{info.param.name}; }

class SpecimenGreetingUnreadable : public testing::TestWithParam<Unreadable> {};
TEST_P(SpecimenGreetingUnreadable, SaysWhereAndWhy) {
  const auto greeting = parse_specimen_greeting(GetParam().octets);
  ASSERT_FALSE(greeting);
  EXPECT_EQ(greeting.error(), GetParam().error);
}
INSTANTIATE_TEST_SUITE_P(Table, SpecimenGreetingUnreadable,
                         testing::Values(Unreadable{"AnotherVersionIsUnsupported", {0x04, 0x01}, {ParseErrorCode::unsupported, 1, "VER"}},
                                         Unreadable{"NoMethodIsMalformed", {0x05, 0x00}, {ParseErrorCode::malformed, 2, "NMETHODS"}},
                                         Unreadable{"AMethodIsMissing", {0x05, 0x02, 0x00}, {ParseErrorCode::need_more, 2, "METHODS"}}),
                         name_of);

TEST(SpecimenParse, AGreetingListsItsMethods) {
  const auto greeting = parse_specimen_greeting(kGreeting);
  ASSERT_TRUE(greeting);
  EXPECT_EQ(Octets(greeting->methods.begin(), greeting->methods.end()), (Octets{0x00, 0x02}));
  EXPECT_EQ(greeting->length, kGreeting.size());
}

TEST(SpecimenParse, ASelectionNamesItsMethod) {
  const auto selection = parse_specimen_selection(kSelection);
  ASSERT_TRUE(selection);
  EXPECT_EQ(selection->method, SpecimenMethod::username_password);
}

TEST(SpecimenParse, ACutMessageIsNeverWhole) {
  for (std::size_t length = 0; length < kGreeting.size(); ++length) {
    const auto greeting = parse_specimen_greeting(Bytes{kGreeting}.first(length));
    ASSERT_FALSE(greeting) << length;
    EXPECT_EQ(greeting.error().code, ParseErrorCode::need_more) << length;
  }
  for (std::size_t length = 0; length < kSelection.size(); ++length) {
    EXPECT_FALSE(parse_specimen_selection(Bytes{kSelection}.first(length))) << length;
  }
}

TEST(SpecimenProbe, TakesAGreetingThatWaitsForItsAnswer) {
  const auto recognise = [](const Octets& octets, Transport transport = Transport::tcp) {
    return kSpecimenDissector.probe({.bytes = octets, .transport = transport});
  };
  EXPECT_EQ(recognise(kGreeting), Recognition::yes);
  EXPECT_EQ(recognise({0x05}), Recognition::need_more);
  EXPECT_EQ(recognise({0x05, 0x01, 0x00, 0x00}), Recognition::no) << "octets follow the greeting";
  EXPECT_EQ(recognise({0x16, 0x03, 0x01}), Recognition::no) << "a TLS record";
  EXPECT_EQ(recognise(kGreeting, Transport::udp), Recognition::no);
}

/// Frame is the origin of chunks that lie in frame 7 from octet 54 on.
class Frame final : public Origin {
 public:
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
    return {.capture = {},
            .frame = FrameNumber{7},
            .offset = static_cast<std::uint32_t>(54 + offset),
            .length = static_cast<std::uint32_t>(length)};
  }
  [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return {}; }
};

class Facts final : public FactSink {
 public:
  void report(Fact fact) override { all.push_back(std::move(fact)); }
  std::vector<Fact> all;
};

TEST(SpecimenSession, ReadsOneMessageOfEachSideAndIsDone) {
  const Frame frame;
  Facts facts;
  SpecimenSession session;
  const Progress client = session.on_stream({.sender = Side::initiator, .bytes = kGreeting, .origin = &frame}, facts);
  EXPECT_TRUE(client.done);
  EXPECT_EQ(client.consumed, kGreeting.size());
  EXPECT_TRUE(session.on_stream({.sender = Side::responder, .bytes = kSelection, .origin = &frame}, facts).done);
  EXPECT_TRUE(facts.all.empty());
}

TEST(SpecimenSession, WaitsForTheRestOfAMessage) {
  const Frame frame;
  Facts facts;
  SpecimenSession session;
  const Progress progress = session.on_stream({.sender = Side::initiator, .bytes = Bytes{kGreeting}.first(3), .origin = &frame}, facts);
  EXPECT_FALSE(progress.done);
  EXPECT_EQ(progress.consumed, 0U);
  EXPECT_EQ(progress.need, 4U);
}

TEST(SpecimenSession, AMessageThatBreaksTheRfcIsAFactWithItsFrame) {
  const Frame frame;
  Facts facts;
  SpecimenSession session;
  const Octets nothing_offered{0x05, 0x00};
  EXPECT_TRUE(session.on_stream({.sender = Side::initiator, .bytes = nothing_offered, .origin = &frame}, facts).done);
  ASSERT_EQ(facts.all.size(), 1U);
  const auto* unreadable = fact_if<MessageUnreadable>(&facts.all[0].body);
  ASSERT_NE(unreadable, nullptr);
  EXPECT_EQ(unreadable->field, "NMETHODS");
  EXPECT_TRUE(unreadable->malformed);
  EXPECT_EQ(facts.all[0].evidence, (Evidence{.capture = {}, .frame = FrameNumber{7}, .offset = 54, .length = 2}));
}

TEST(SpecimenSession, AGapIsAFact) {
  Facts facts;
  SpecimenSession session;
  session.on_gap(Side::responder, 2, 0, facts);
  ASSERT_EQ(facts.all.size(), 1U);
  EXPECT_EQ(std::get<StreamGap>(facts.all[0].body).missing_bytes, 2U);
}

}  // namespace
}  // namespace sealtrace
