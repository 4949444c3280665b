#include "dissectors/dtls/dtls_reassembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace sealtrace {
namespace {

/// Flight is a list of messages to be sent in fragments.
struct Message {
  HandshakeType type{};
  std::uint16_t message_seq = 0;
  std::vector<std::uint8_t> body;
};

std::vector<std::uint8_t> counted(std::size_t size, std::uint8_t first) {
  std::vector<std::uint8_t> body(size);
  std::iota(body.begin(), body.end(), first);
  return body;
}

HandshakeFragment fragment_of(const Message& message, std::size_t offset, std::size_t length) {
  HandshakeFragment fragment;
  fragment.header = {.msg_type = message.type,
                     .length = static_cast<std::uint32_t>(message.body.size()),
                     .message_seq = message.message_seq,
                     .fragment_offset = static_cast<std::uint32_t>(offset),
                     .fragment_length = static_cast<std::uint32_t>(length)};
  fragment.body = Bytes{message.body}.subspan(offset, length);
  return fragment;
}

HandshakeFragment whole(const Message& message) { return fragment_of(message, 0, message.body.size()); }

/// given adds `fragments` in turn and collects the messages that come out.
std::vector<std::uint16_t> given(MessageQueue& queue, const std::vector<HandshakeFragment>& fragments) {
  std::vector<std::uint16_t> out;
  for (const HandshakeFragment& fragment : fragments) {
    EXPECT_NE(queue.add(fragment), Added::conflicting);
    while (const auto message = queue.next()) out.push_back(message->message_seq);
  }
  return out;
}

const Message kServerHello{HandshakeType::server_hello, 0, counted(70, 1)};
const Message kCertificate{HandshakeType::certificate, 1, counted(900, 2)};
const Message kDone{HandshakeType::server_hello_done, 2, {}};

TEST(MessageQueue, HandsOutMessagesInOrder) {
  MessageQueue queue;
  EXPECT_EQ(given(queue, {whole(kServerHello), whole(kCertificate), whole(kDone)}), (std::vector<std::uint16_t>{0, 1, 2}));
  EXPECT_FALSE(queue.waiting());
}

TEST(MessageQueue, WaitsForWhatComesLate) {
  MessageQueue queue;
  EXPECT_EQ(given(queue, {whole(kDone), whole(kCertificate)}), std::vector<std::uint16_t>{});
  EXPECT_TRUE(queue.waiting());
  EXPECT_EQ(given(queue, {whole(kServerHello)}), (std::vector<std::uint16_t>{0, 1, 2}));
}

TEST(MessageQueue, BeginsAtTheFirstHelloWhateverItsNumber) {
  MessageQueue queue;
  const Message hello{HandshakeType::server_hello, 4, counted(70, 1)};  // hellos and cookie requests before it were not captured
  EXPECT_EQ(given(queue, {whole(hello)}), std::vector<std::uint16_t>{4});
}

TEST(MessageQueue, AClientHelloNeverWaits) {
  MessageQueue queue;
  const Message first{HandshakeType::client_hello, 0, counted(60, 1)};
  const Message third{HandshakeType::client_hello, 2, counted(80, 1)};
  EXPECT_EQ(given(queue, {whole(first), fragment_of(third, 0, 40), fragment_of(third, 40, 40)}), (std::vector<std::uint16_t>{0, 2}));
}

TEST(MessageQueue, KnowsRetransmissions) {
  MessageQueue queue;
  given(queue, {whole(kServerHello), whole(kCertificate)});
  EXPECT_EQ(queue.add(whole(kServerHello)), Added::old);
  EXPECT_EQ(queue.add(whole(kCertificate)), Added::old);
  EXPECT_FALSE(queue.next());
}

TEST(MessageQueue, SeesFragmentsThatDisagree) {
  MessageQueue queue;
  Message other = kServerHello;
  other.body[20] ^= 1;
  EXPECT_EQ(queue.add(fragment_of(kServerHello, 0, 40)), Added::taken);
  EXPECT_EQ(queue.add(fragment_of(other, 10, 40)), Added::conflicting);
  EXPECT_EQ(queue.add(fragment_of(other, 21, 40)), Added::taken);  // where it agrees
  other.body.push_back(0);
  EXPECT_EQ(queue.add(whole(other)), Added::conflicting);  // another length
  other = kServerHello;
  other.type = HandshakeType::certificate;
  EXPECT_EQ(queue.add(whole(other)), Added::conflicting);
}

TEST(MessageQueue, GivesUpOnlyWhatIsMissing) {
  MessageQueue queue;
  given(queue, {whole(kServerHello), fragment_of(kCertificate, 0, 100), whole(kDone)});
  EXPECT_TRUE(queue.waiting());
  queue.skip_to_whole();
  const auto message = queue.next();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, HandshakeType::server_hello_done);
  EXPECT_FALSE(queue.waiting());
  EXPECT_EQ(queue.add(whole(kCertificate)), Added::old);  // too late
}

TEST(MessageQueue, IsBounded) {
  MessageQueue queue;
  const Message huge{HandshakeType::certificate, 1, std::vector<std::uint8_t>(kMaxMessageBytes + 1)};
  EXPECT_EQ(queue.add(fragment_of(huge, 0, 100)), Added::over_budget);
  std::size_t num_taken = 0;
  for (std::uint16_t seq = 1; seq < 100; ++seq) {
    if (queue.add(whole({HandshakeType::certificate, seq, counted(10, 0)})) == Added::taken) ++num_taken;
  }
  EXPECT_EQ(num_taken, kMaxWaitingMessages);

  MessageQueue octets;
  const Message long_message{HandshakeType::certificate, 1, std::vector<std::uint8_t>(kMaxMessageBytes)};
  const Message next_long_message{HandshakeType::certificate, 2, std::vector<std::uint8_t>(kMaxMessageBytes)};
  EXPECT_EQ(octets.add(whole(long_message)), Added::taken);
  EXPECT_EQ(octets.add(whole(next_long_message)), Added::over_budget);

  MessageQueue runs;
  const Message sparse{HandshakeType::certificate, 1, std::vector<std::uint8_t>(1000)};
  num_taken = 0;
  for (std::size_t at = 0; at < 1000; at += 2) {
    if (runs.add(fragment_of(sparse, at, 1)) == Added::taken) ++num_taken;
  }
  EXPECT_EQ(num_taken, kMaxFragments);
}

TEST(MessageQueue, AnyFragmentationGivesTheSameMessages) {
  std::mt19937 random{20260107};
  const std::vector<Message> flight{
      kServerHello, kCertificate, {HandshakeType::server_key_exchange, 2, counted(300, 3)}, {HandshakeType::server_hello_done, 3, {}}};
  for (int round = 0; round < 500; ++round) {
    std::vector<HandshakeFragment> fragments;
    for (const Message& message : flight) {
      // Cut at random places, some octets sent twice.
      std::size_t at = 0;
      do {
        const std::size_t length =
            std::min<std::size_t>(std::uniform_int_distribution<std::size_t>{1, 400}(random), message.body.size() - at);
        const std::size_t back = std::min<std::size_t>(at, std::uniform_int_distribution<std::size_t>{0, 50}(random));
        fragments.push_back(fragment_of(message, at - back, length + back));
        at += length;
      } while (at < message.body.size());
      if (std::bernoulli_distribution{0.3}(random)) fragments.push_back(whole(message));
    }
    std::ranges::shuffle(fragments, random);
    MessageQueue queue;
    std::vector<std::vector<std::uint8_t>> bodies;
    for (const HandshakeFragment& fragment : fragments) {
      const Added added = queue.add(fragment);
      ASSERT_TRUE(added == Added::taken || added == Added::old);
      while (auto message = queue.next()) bodies.push_back(std::move(message->body));
    }
    ASSERT_EQ(bodies.size(), flight.size());
    for (std::size_t i = 0; i < flight.size(); ++i) EXPECT_EQ(bodies[i], flight[i].body);
  }
}

}  // namespace
}  // namespace sealtrace
