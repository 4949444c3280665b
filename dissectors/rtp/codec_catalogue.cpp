#include "dissectors/rtp/codec_catalogue.hpp"

#include <algorithm>
#include <optional>

namespace sealtrace {
namespace {

/// kRefuted is where a codec's own syntax speaks against it: a stream of that codec comes there once in 2^20.
constexpr Log2 kRefuted = -bits(20);

constexpr std::uint32_t kG722PayloadType = 9;
/// kMaxFrames bounds the frames of a packet: a quarter of a second of the shortest.
constexpr std::uint32_t kMaxFrames = 24;

/// frames_in gives how many frames of `samples` a timestamp step holds; 0 when it is no whole number of them, or too many.
constexpr std::uint32_t frames_in(std::uint32_t step, std::uint32_t samples) {
  return step % samples == 0 && step / samples <= kMaxFrames ? step / samples : 0;
}

bool is_g729(std::uint32_t step, std::uint32_t length) {
  const std::uint32_t frames = frames_in(step, 80);
  if (frames == 0) return false;
  return length == frames * 10 || (length % 10 == 2 && length / 10 < frames);  // annex B: a description of noise comes last
}

bool is_g723(std::uint32_t step, std::uint32_t length) {
  const std::uint32_t frames = frames_in(step, 240);  // of 24, 20 or 4 octets
  if (frames == 0 || length % 4 != 0) return false;
  for (std::uint32_t noise = 0; noise <= std::min(frames, 1U); ++noise) {
    const std::uint32_t speech = frames - noise;
    const std::uint32_t rest = length - std::min(length, noise * 4);
    if (rest >= speech * 20 && rest <= speech * 24) return true;
  }
  return false;
}

bool is_gsm(std::uint32_t step, std::uint32_t length) { return length != 0 && length == frames_in(step, 160) * 33; }

bool is_ilbc(std::uint32_t step, std::uint32_t length) {
  return length != 0 && (length == frames_in(step, 160) * 38 || length == frames_in(step, 240) * 50);
}

bool is_siren(std::uint32_t step, std::uint32_t length) {
  const std::uint32_t wide = frames_in(step, 320), super_wide = frames_in(step, 640);  // G.722.1 at 16 kHz and its annex C at 32 kHz
  return length != 0 && (length == wide * 40 || length == wide * 60 || length == wide * 80 || length == super_wide * 60 ||
                         length == super_wide * 80 || length == super_wide * 120);
}

bool is_g728(std::uint32_t step, std::uint32_t length) { return step != 0 && step % 20 == 0 && length == step / 20 * 5; }

bool is_g726(std::uint32_t step, std::uint32_t length) {
  if (step == 0 || step % 8 != 0 || length % (step / 8) != 0) return false;
  const std::uint32_t bits_a_sample = length / (step / 8);
  return bits_a_sample >= 2 && bits_a_sample <= 5;
}

bool is_g722(std::uint32_t step, std::uint32_t length) {
  return step != 0 && length == step;
}  // 8 kHz in the header (RFC 3551 section 4.5.2)

/// Speex (RFC 5574): bits of a frame of 20 ms in each mode, alone or with a layer for the wider band.
constexpr std::array<std::uint16_t, 9> kSpeexBits{5, 43, 79, 119, 160, 220, 300, 364, 492};
constexpr std::array<std::uint16_t, 5> kSpeexWideBits{4, 36, 112, 192, 352};

bool is_speex(std::uint32_t step, std::uint32_t length) {
  const std::uint32_t narrow = frames_in(step, 160), wide = frames_in(step, 320), ultra_wide = frames_in(step, 640);
  const auto holds = [length](std::uint32_t frames, std::uint32_t frame_bits) { return length == (frames * frame_bits + 7) / 8; };
  for (const std::uint32_t narrow_bits : kSpeexBits) {
    if (narrow != 0 && holds(narrow, narrow_bits)) return true;
    if (wide == 0) continue;
    for (const std::uint32_t wide_bits : kSpeexWideBits) {
      if (holds(wide, narrow_bits + wide_bits)) return true;
      if (ultra_wide != 0 && (holds(ultra_wide, narrow_bits + wide_bits + 4) || holds(ultra_wide, narrow_bits + wide_bits + 36)))
        return true;
    }
  }
  return false;
}

/// EVS in its compact form (3GPP TS 26.445 annex A.2.1): octets of a frame, primary modes and those that AMR-WB can read.
constexpr std::array<std::uint16_t, 21> kEvsBytes{6, 7, 17, 18, 20, 23, 24, 32, 33, 36, 40, 41, 46, 50, 58, 60, 61, 80, 120, 160, 240};

bool is_evs(std::uint32_t step, std::uint32_t length) { return step == 320 && std::ranges::find(kEvsBytes, length) != kEvsBytes.end(); }

enum class Syntax : std::uint8_t { none, g729, g723, gsm, speex };

struct HeaderlessCodec {
  bool (*fits)(std::uint32_t step, std::uint32_t length);
  Syntax syntax = Syntax::none;
  /// Only under this payload type is a tag thought of: every protected call of G.711 would wait otherwise.
  std::optional<std::uint8_t> payload_type_of_tagged = std::nullopt;
};

constexpr auto kCodecs = std::to_array<HeaderlessCodec>({
    {is_g729, Syntax::g729},
    {is_g723, Syntax::g723},
    {is_gsm, Syntax::gsm},
    {is_ilbc},
    {is_siren},
    {is_g728},
    {is_speex, Syntax::speex},
    {is_evs},
    {is_g726},
    {is_g722, Syntax::none, kG722PayloadType},
});

/// syntax_of gives what a codec's syntax says. The lengths in a frame of G.723.1 are only comparable where one frame fills the packet.
Log2 syntax_of(const HeaderlessQuestion& question, Syntax syntax, std::size_t tag_index, std::size_t mki_bytes) {
  switch (syntax) {
    case Syntax::none: return 0;
    case Syntax::g729: return question.g729_parity;
    case Syntax::g723: return question.timestamp_step == 240 && mki_bytes == 0 ? question.shapes.g723(tag_index) : 0;
    case Syntax::gsm: return question.shapes.gsm();
    case Syntax::speex: return question.shapes.speex();
  }
  return 0;
}

bool fits(const HeaderlessQuestion& question, const HeaderlessCodec& codec, std::size_t excess) {
  std::uint32_t num_fitting = 0;
  for (const LengthCount& each : question.shapes.lengths()) {
    if (each.length > excess && codec.fits(question.timestamp_step, static_cast<std::uint32_t>(each.length - excess))) {
      num_fitting += each.count;
    }
  }
  return num_fitting * 4 >= question.shapes.num_packets() * 3;
}

bool may_be_with(const HeaderlessQuestion& question, std::size_t tag_index, std::size_t mki_bytes) {
  const std::size_t excess = kTagBytes[tag_index] + mki_bytes;
  return std::ranges::any_of(kCodecs, [&](const HeaderlessCodec& codec) {
    const bool tagged = codec.payload_type_of_tagged.value_or(question.payload_type) == question.payload_type;
    return (excess == 0 || tagged) && fits(question, codec, excess) && syntax_of(question, codec.syntax, tag_index, mki_bytes) > kRefuted;
  });
}

}  // namespace

void PayloadShapes::take(Bytes payload) {
  if (num_packets_ == kMaxPackets) return;
  ++num_packets_;
  const auto length = static_cast<std::uint16_t>(std::min<std::size_t>(payload.size(), UINT16_MAX));
  const std::uint8_t first = payload[0];
  if (first >> 4 == 0x0D) ++num_gsm_;
  constexpr std::array<std::uint8_t, 4> kG723Bytes{24, 20, 4, 1};
  for (std::size_t i = 0; i < kTagBytes.size(); ++i) {
    if (length == kG723Bytes[first & 3] + kTagBytes[i]) ++num_g723_[i];
  }
  const auto end = lengths_.begin() + num_lengths_;
  const auto known = std::find_if(lengths_.begin(), end, [length](const LengthCount& each) { return each.length == length; });
  if (known != end) {
    ++(first >> 3 == known->first_octet >> 3 ? num_same_mode_ : num_other_mode_);
    ++known->count;
    known->first_octet = first;
  } else if (num_lengths_ < lengths_.size()) {
    lengths_[num_lengths_++] = {.length = length, .count = 1, .first_octet = first};
  }
}

// The codec follows its syntax in 98 of 100 packets (Speex, whose modes may share a length, in 90); noise by chance.
Log2 PayloadShapes::gsm() const { return num_gsm_ * log2_below(98 * 16, 100) + (num_packets_ - num_gsm_) * log2_below(2 * 16, 100 * 15); }
Log2 PayloadShapes::g723(std::size_t tag_index) const {
  const int right = num_g723_[tag_index];
  return right * log2_below(98 * 4, 100) + (num_packets_ - right) * log2_below(2 * 4, 100 * 3);
}
Log2 PayloadShapes::speex() const { return num_same_mode_ * log2_below(90 * 32, 100) + num_other_mode_ * log2_below(10 * 32, 100 * 31); }

void WholeSamples::take(std::uint16_t sequence_number, std::uint32_t timestamp, std::size_t length) {
  const std::uint32_t step = timestamp - last_timestamp_;
  const bool next = last_length_ != 0 && static_cast<std::uint16_t>(sequence_number - last_sequence_number_) == 1;
  if (next) {
    ++num_steps_;
    for (std::size_t i = 0; i < kTagBytes.size(); ++i) {
      const std::uint32_t octets = std::max<std::uint32_t>(last_length_, kTagBytes[i]) - kTagBytes[i];
      constexpr std::uint32_t kMaxOctets = 24;  // eight channels of 24 bits
      if (step == 0 || octets % step != 0 || octets / step < 2 || octets / step > kMaxOctets) continue;
      const auto width = static_cast<std::uint8_t>(octets / step);
      if (num_whole_[i] == 0) octets_of_sample_[i] = width;
      if (octets_of_sample_[i] == width) ++num_whole_[i];
    }
  }
  last_sequence_number_ = sequence_number;
  last_timestamp_ = timestamp;
  last_length_ = static_cast<std::uint16_t>(std::min<std::size_t>(length, UINT16_MAX));
}

bool WholeSamples::fits() const {
  return std::ranges::any_of(num_whole_, [this](std::uint16_t count) { return most_are_whole(count); });
}

bool may_be_headerless(const HeaderlessQuestion& question) {
  if (question.timestamp_step == 0) return false;
  for (std::size_t tag_index = 0; tag_index < kTagBytes.size(); ++tag_index) {
    for (std::size_t mki_bytes = 0; mki_bytes <= question.mki_bytes[tag_index]; ++mki_bytes) {
      if (may_be_with(question, tag_index, mki_bytes)) return true;
    }
  }
  return false;
}

}  // namespace sealtrace
