// Input: datagrams, each behind one octet (the sender in the top bit, cut by the snaplen in the next) and two octets of length.
// Oracle: evidence lies inside its datagram; records sent one to a datagram give the same facts as records sent together; the
// same datagrams give the same facts; facts are bounded by what was sent.
#include <cstdlib>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "dissectors/dtls/dtls_session.hpp"

namespace {

using namespace sealtrace;

void require(bool condition) {
  if (!condition) std::abort();
}

struct CutDatagram {
  Side sender = Side::initiator;
  bool cut = false;
  Bytes octets;
};

/// kHello is a ClientHello cut by the snaplen: after it the session takes what follows for DTLS without TURN.
constexpr std::uint8_t kHello[]{0x16, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x90, 0x01, 0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0x84, 0xFE, 0xFD};

std::vector<CutDatagram> datagrams_of(Bytes input) {
  std::vector<CutDatagram> datagrams{{.sender = Side::initiator, .cut = true, .octets = kHello}};
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::uint8_t flags = reader.u8("flags");
    const std::size_t length = reader.u16("length");
    const std::size_t taken = std::min(length, reader.remaining());
    datagrams.push_back({.sender = (flags & 0x80) != 0 ? Side::responder : Side::initiator,
                         .cut = (flags & 0x40) != 0,
                         .octets = reader.bytes(taken, "datagram")});
  }
  return datagrams;
}

/// one_record_each splits datagrams at the ends of their records.
std::vector<CutDatagram> one_record_each(const std::vector<CutDatagram>& datagrams) {
  std::vector<CutDatagram> result;
  for (CutDatagram datagram : datagrams) {
    while (true) {
      const auto header = parse_dtls_record_header(datagram.octets);
      const std::size_t whole = kDtlsRecordHeaderBytes + (header ? header->length : 0);
      if (!header || header->type == kTls12Cid || whole >= datagram.octets.size()) break;
      result.push_back({.sender = datagram.sender, .cut = false, .octets = datagram.octets.first(whole)});
      datagram.octets = datagram.octets.subspan(whole);
    }
    result.push_back(datagram);
  }
  return result;
}

class OneFrame final : public Origin {
 public:
  explicit OneFrame(std::uint64_t frame) : frame_{frame} {}
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
    return {.capture = {},
            .frame = FrameNumber{frame_},
            .offset = static_cast<std::uint32_t>(offset),
            .length = static_cast<std::uint32_t>(length)};
  }
  [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return {}; }

 private:
  std::uint64_t frame_;
};

class Kinds final : public FactSink {
 public:
  void report(Fact fact) override {
    evidence.push_back(fact.evidence);
    kinds.push_back(fact.body.index() << 1 | index(fact.sender));
  }
  std::vector<Evidence> evidence;
  std::vector<std::size_t> kinds;
};

Kinds dissected(const std::vector<CutDatagram>& datagrams) {
  static CertificateStore certificates{7};  // making one costs more than a run
  DtlsSession session{{.certificates = &certificates, .hash_key = 7, .keep_fingerprint_lists = true}};
  Kinds sink;
  std::uint64_t frame = 0;
  for (const CutDatagram& datagram : datagrams) {
    const OneFrame origin{++frame};
    session.on_datagram({.sender = datagram.sender, .bytes = datagram.octets, .cut = datagram.cut, .origin = &origin}, sink);
  }
  for (const Evidence& evidence : sink.evidence) {
    require(evidence.known() && value(evidence.frame) <= datagrams.size());
    require(std::uint64_t{evidence.offset} + evidence.length <= datagrams[value(evidence.frame) - 1].octets.size());
  }
  return sink;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<CutDatagram> datagrams = datagrams_of({data, size});
  const Kinds together = dissected(datagrams);
  require(together.kinds == dissected(datagrams).kinds);
  require(together.kinds == dissected(one_record_each(datagrams)).kinds);
  // A fact needs a handshake header, or is one of the bounded ones; each message may be preceded by gaps of both sides.
  require(together.kinds.size() <= 16 + 12 * kMaxProtectedFacts + size / 4);
  return 0;
}
