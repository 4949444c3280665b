// A session hears the same facts however its stream is cut, points only at octets it was given, and a probe that refused the beginning of
// a stream never takes more of it.
//
// Input: runs of [side and loss, length, octets]. The first octet's lowest bit is the side, its next bit a loss of 100 octets before.
#include <cstdlib>
#include <random>

#include "crypto/certificate_store.hpp"
#include "dissectors/tls/stream_script.hpp"
#include "dissectors/tls/tls_probe.hpp"
#include "dissectors/tls/tls_session.hpp"

using namespace sealtrace;

namespace {

testing::StreamScript script_of(Bytes input) {
  testing::StreamScript script;
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::uint8_t head = reader.u8("head");
    const std::size_t length = reader.u16("length");
    const Bytes octets = reader.bytes(std::min(length, reader.remaining()), "octets");
    script.push_back({.sender = (head & 1) != 0 ? Side::responder : Side::initiator,
                      .octets = {octets.begin(), octets.end()},
                      .missing_bytes = (head & 2) != 0 ? 100U : 0U});
  }
  return script;
}

testing::Heard hear(const testing::StreamScript& script, const testing::PieceSize& piece_size) {
  static CertificateStore certificates{1};
  static const Services services{.certificates = &certificates, .hash_key = 2, .keep_fingerprint_lists = true};
  TlsSession session{services};
  testing::Heard heard;
  testing::play(script, session, heard, piece_size);
  if (!heard.evidence_inside()) std::abort();
  return heard;
}

void check_probe(Bytes octets) {
  for (const bool at_start : {true, false}) {
    bool refused = false;
    bool taken = false;
    for (std::size_t length = 0; length <= std::min<std::size_t>(octets.size(), 64); ++length) {
      const Recognition recognition = probe_tls({.bytes = octets.first(length), .transport = Transport::tcp, .at_start = at_start});
      if (refused && recognition != Recognition::no) std::abort();
      if (taken && recognition == Recognition::need_more) std::abort();
      refused = recognition == Recognition::no;
      taken = recognition == Recognition::yes;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 14;
  const testing::StreamScript script = script_of({data, std::min(size, kMaxInput)});
  const auto whole = hear(script, testing::whole_pieces()).names();
  if (hear(script, testing::single_octets()).names() != whole) std::abort();
  std::mt19937 engine{static_cast<unsigned>(size)};
  if (hear(script, [&engine] { return std::size_t{1} + engine() % 50; }).names() != whole) std::abort();
  for (const testing::Sent& sent : script) check_probe(sent.octets);
  return 0;
}
