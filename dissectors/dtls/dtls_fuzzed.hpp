// What the fuzz targets of DTLS sessions share: datagrams from octets, and what a session says of them. Only fuzz targets include it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "crypto/key_log.hpp"
#include "dissectors/dtls/dtls_play.hpp"
#include "dissectors/dtls/dtls_session.hpp"

namespace sealtrace::testing::dtls {

inline void require(bool condition) {
  if (!condition) std::abort();
}

/// FuzzedDatagram is as much of a datagram as was captured.
struct FuzzedDatagram {
  Side sender = Side::initiator;
  bool cut = false;
  std::vector<std::uint8_t> octets;
};

using FuzzedDatagrams = std::vector<FuzzedDatagram>;

/// one_record_each splits datagrams at the ends of their records.
inline FuzzedDatagrams one_record_each(const FuzzedDatagrams& datagrams) {
  FuzzedDatagrams result;
  for (const FuzzedDatagram& datagram : datagrams) {
    Bytes rest{datagram.octets};
    const auto add = [&](bool cut, Bytes octets) {
      result.push_back({.sender = datagram.sender, .cut = cut, .octets = {octets.begin(), octets.end()}});
    };
    while (true) {
      const auto header = parse_dtls_record_header(rest);
      const std::size_t whole = kDtlsRecordHeaderBytes + (header ? header->length : 0);
      if (!header || header->type == kTls12Cid || whole >= rest.size()) break;
      add(false, rest.first(whole));
      rest = rest.subspan(whole);
    }
    add(datagram.cut, rest);
  }
  return result;
}

/// Said is what a session said: of each fact its kind, sender and whether secrets showed it.
struct Said {
  std::vector<std::size_t> kinds;
  std::vector<Fact> facts;
};

/// said_of plays datagrams to a session. It aborts when evidence lies outside its datagram.
inline Said said_of(const FuzzedDatagrams& datagrams, const KeyRing* keys) {
  static CertificateStore certificates{7};  // making one costs more than a run
  DtlsSession session{{.certificates = &certificates, .hash_key = 7, .keep_fingerprint_lists = true, .keys = keys}};
  Collected sink;
  std::uint64_t frame = 0;
  for (const FuzzedDatagram& datagram : datagrams) {
    const FrameOrigin origin{++frame};
    session.on_datagram({.sender = datagram.sender, .bytes = datagram.octets, .cut = datagram.cut, .origin = &origin}, sink);
  }
  Said said;
  for (const Fact& fact : sink.facts) {
    require(fact.evidence.known() && value(fact.evidence.frame) <= datagrams.size());
    require(std::uint64_t{fact.evidence.offset} + fact.evidence.length <= datagrams[value(fact.evidence.frame) - 1].octets.size());
    said.kinds.push_back(fact.body.index() << 2 | index(fact.sender) << 1 | (fact.decrypted ? 1U : 0U));
  }
  said.facts = std::move(sink.facts);
  return said;
}

}  // namespace sealtrace::testing::dtls
