// A message that was read stays the same with octets behind it, none of its cuts is whole, what it tells lies inside it, and a cut datagram
// gives nothing that the whole one does not.
#include <algorithm>
#include <cstdlib>

#include "proto/stun.hpp"

using namespace sealtrace;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_part(const StunMessage& part, const StunMessage& whole) {
  require(part.num_addresses <= whole.num_addresses);
  for (std::size_t i = 0; i < part.num_addresses; ++i) require(part.addresses[i].endpoint == whole.addresses[i].endpoint);
  require(part.data.size() <= std::max(whole.data.size(), part.data_cut ? std::size_t{0xFFFF} : 0));
}

template <typename Frame>
void check_frame(const Parsed<Frame>& frame, Bytes bytes, Parsed<Frame> (*parse)(Bytes)) {
  if (!frame) return;
  const std::size_t end = frame->data_offset + frame->data.size();
  require(end <= bytes.size());
  for (std::size_t length = 0; length < std::min<std::size_t>(end, 64); ++length) {
    const auto cut = parse(bytes.first(length));
    require(!cut && cut.error().code == ParseErrorCode::need_more);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes{data, size};
  check_frame(parse_channel_data(bytes), bytes, parse_channel_data);
  check_frame(parse_multiplexed_turn(bytes), bytes, parse_multiplexed_turn);
  const auto message = parse_stun_message(bytes);
  if (!message) return 0;
  require(message->header.message_bytes <= size && message->num_addresses <= kMaxStunAddresses && !message->data_cut);
  require(message->data_offset + message->data.size() <= message->header.message_bytes);
  for (std::size_t i = 0; i < message->num_addresses; ++i)
    require(message->addresses[i].offset + message->addresses[i].length <= message->header.message_bytes);
  const auto alone = parse_stun_message(bytes.first(message->header.message_bytes));
  require(alone && alone->num_addresses == message->num_addresses && alone->data.size() == message->data.size());
  for (std::size_t length = 0; length < std::min<std::size_t>(message->header.message_bytes, 256); ++length) {
    const auto cut = parse_stun_message(bytes.first(length));
    require(!cut && cut.error().code == ParseErrorCode::need_more);
    const auto part = parse_stun_message(bytes.first(length), true);
    if (part && message->header.flavour == StunFlavour::rfc8489) check_part(*part, *message);
  }
  return 0;
}
