// Session and Dissector: how a protocol is recognised and followed. A dissector knows bytes and facts, nothing of flows
// tables, other dissectors, or what a fact is good for.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "dissect/steady_media.hpp"
#include "model/fact.hpp"
#include "model/ip_address.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

class CertificateStore;
class StapleStore;
class KeyRing;

struct Chunk;

/// FactSink takes what a session reports. Facts of a flow are kept in the order of the report; there is a limit per flow.
class FactSink {
 public:
  virtual ~FactSink() = default;
  virtual void report(Fact fact) = 0;
  /// carried hands a whole datagram that travels inside the session's protocol (TURN data, an RFC 4571 frame) back to the registry:
  /// whoever recognises it follows it. `channel` tells several conversations inside one flow apart (a TURN peer or channel number); 0
  /// is the flow's own. The default drops it.
  virtual void carried(const Chunk& datagram, std::uint32_t channel);
  /// decrypted hands octets of the stream inside the session's protection, in order, back to the registry. What their dissectors report is
  /// marked as decrypted. False: nobody reads this side of it any more. The default drops it.
  virtual bool decrypted(const Chunk& chunk);
  /// wrapped hands octets of a stream that travels in pieces inside the session's messages, in order, back to the registry: TLS in TDS
  /// packets. What their dissectors report is the flow's own. When the session hands over, whoever reads them goes on with what follows
  /// without the messages around it. The default drops it.
  virtual void wrapped(const Chunk& chunk);
  /// wrapped_gap says that octets of that stream of `sender` will never come, of which `missing_bytes` is an upper bound.
  virtual void wrapped_gap(Side sender, std::uint64_t missing_bytes);
  /// steady_media gives where packets of one side's media are counted without a call of the session: the same place for a session as long
  /// as it lives. Null where nobody counts them so.
  virtual SteadyMedia* steady_media(Side sender);
  /// claim says that so many earlier datagrams, which the session answered with not_mine because one was no proof, were its own. The
  /// default drops it.
  virtual void claim(std::uint32_t num_datagrams);
};

/// MediaSampleBudget counts the octets of packets that are kept for keys (MediaSample), those handed on in facts included.
struct MediaSampleBudget {
  std::size_t used_bytes = 0;
  std::size_t limit_bytes = 0;
  std::uint64_t num_refused = 0;  ///< packets that were not kept for want of room
};

/// Services are what sessions may use besides their bytes; they outlive every session and are safe to use from its worker.
struct Services {
  CertificateStore* certificates = nullptr;    ///< crypto/certificate_store.hpp: DER to CertificateId
  StapleStore* staples = nullptr;              ///< crypto/staple_store.hpp; none: OCSP responses are not kept
  std::uint64_t hash_key = 0;                  ///< for OpaqueHash; random per audit, never stored
  bool keep_fingerprint_lists = false;         ///< hellos keep the lists that only fingerprints need
  const KeyRing* keys = nullptr;               ///< crypto/key_log.hpp: TLS secrets; none when the audit was given none
  bool verify_signatures = false;              ///< check the signatures of handshakes in the clear, too
  MediaSampleBudget* media_samples = nullptr;  ///< of the flow's shard; null: no packet is kept
};

/// Origin tells where octets of a chunk came from.
class Origin {
 public:
  virtual ~Origin() = default;
  /// at gives the frame that carried the octet at `offset` of the chunk.
  [[nodiscard]] virtual Evidence at(std::size_t offset, std::size_t length) const = 0;
  [[nodiscard]] virtual Timestamp time_at(std::size_t offset) const = 0;
};

/// OriginWithin is the origin of what lies `base` octets into a chunk.
class OriginWithin final : public Origin {
 public:
  OriginWithin(const Origin& whole, std::size_t base) : whole_{whole}, base_{base} {}
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override { return whole_.at(base_ + offset, length); }
  [[nodiscard]] Timestamp time_at(std::size_t offset) const override { return whole_.time_at(base_ + offset); }

 private:
  const Origin& whole_;
  std::size_t base_;
};

/// Chunk is a run of in-order octets of one side of a stream, or one datagram.
struct Chunk {
  Side sender = Side::initiator;
  Bytes bytes;
  bool cut = false;  ///< datagrams: the capture holds only a part of it
  const Origin* origin = nullptr;
  bool framed = false;            ///< datagrams: carried in a frame of a stream (RFC 4571, [MS-TURN])
  bool relayed = false;           ///< datagrams: carried through a relay (TURN)
  std::uint16_t source_port = 0;  ///< of the flow, a hint as in ProbeInput; 0 for what another protocol carries
  std::uint16_t destination_port = 0;

  /// fact makes a fact evidenced by the octet that completed a message of `length` octets from `offset`: the frame of its last octet.
  [[nodiscard]] Fact fact(FactBody body, std::size_t offset, std::size_t length) const {
    const std::size_t last = offset + (length == 0 ? 0 : length - 1);
    return {.body = std::move(body), .sender = sender, .time = origin->time_at(last), .evidence = origin->at(offset, length)};
  }
};

/// Progress answers a chunk. `consumed` may exceed the chunk: the octets beyond it are skipped unseen (that is how records
/// of application data cost nothing). The next call comes when at least `need` octets (at least 1) follow the consumed ones;
/// `done` says that nothing of this side can matter any more. `hand_over` ends the session: behind the consumed octets another
/// protocol begins on *both* sides (STARTTLS, CONNECT, pseudo-TLS), and the registry is asked again. A session that waits for such an
/// answer must leave the other side's octets unconsumed until then.
/// `settled` says that this side has acted upon what its peer sent before: when both have, other versions of those octets come too late,
/// and they are no longer kept to compare with.
struct Progress {
  std::uint64_t consumed = 0;
  std::uint32_t need = 1;
  bool done = false;
  bool hand_over = false;
  bool settled = false;
};

/// wait_for asks for at least `need` octets before the next call.
constexpr Progress wait_for(std::size_t need) { return {.consumed = 0, .need = static_cast<std::uint32_t>(need)}; }
/// side_done passes over the rest of a side.
inline Progress side_done(const Chunk& chunk) { return {.consumed = chunk.bytes.size(), .need = 1, .done = true}; }

/// first_time sets the bit and tells whether it was clear: what a session has said need not be said again.
template <std::unsigned_integral Bits>
constexpr bool first_time(Bits& bits, std::size_t bit) {
  const Bits mask = static_cast<Bits>(Bits{1} << bit);
  const bool first = (bits & mask) == 0;
  bits = static_cast<Bits>(bits | mask);
  return first;
}

/// Datagram answers a datagram: the session took it; it is of another protocol on the same five-tuple (RFC 7983), and others are asked;
/// or the session has seen enough of the flow. `done` of a tentative dissector's session means that the guess was wrong: it ends alone.
enum class Datagram : std::uint8_t { taken, not_mine, done };

/// Session follows one flow for one protocol.
class Session {
 public:
  virtual ~Session() = default;
  /// on_stream takes octets of a TCP stream, in order, from the first unconsumed one.
  virtual Progress on_stream(const Chunk& chunk, FactSink& facts);
  /// on_gap says that `missing_bytes` of `sender` will never come; what follows is delivered next, and unconsumed octets
  /// before the gap are gone. `skipped` is how many of the missing octets the session had asked to skip anyway.
  virtual void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts);
  /// on_datagram takes one UDP payload.
  virtual Datagram on_datagram(const Chunk& chunk, FactSink& facts);
  /// prefetch brings in what the next datagram of `sender` is held against. The session's first two lines are in the cache when it is
  /// called; `again`: some packets ago it was called before, so what it asked for then is there, too.
  virtual void prefetch(Side sender, bool again) const;
  /// on_end is called once, when the flow ends or the session is let go: the time for totals.
  virtual void on_end(FactSink& facts);
};

inline Progress Session::on_stream(const Chunk& chunk, FactSink& /*facts*/) {
  return {.consumed = chunk.bytes.size(), .need = 1, .done = true};
}
inline void Session::on_gap(Side /*sender*/, std::uint64_t /*missing_bytes*/, std::uint64_t /*skipped*/, FactSink& /*facts*/) {}
inline Datagram Session::on_datagram(const Chunk& /*chunk*/, FactSink& /*facts*/) { return Datagram::done; }
inline void Session::prefetch(Side /*sender*/, bool /*again*/) const {}
inline void Session::on_end(FactSink& /*facts*/) {}
inline SteadyMedia* FactSink::steady_media(Side /*sender*/) { return nullptr; }
inline void FactSink::claim(std::uint32_t /*num_datagrams*/) {}
inline void FactSink::carried(const Chunk& /*datagram*/, std::uint32_t /*channel*/) {}
inline bool FactSink::decrypted(const Chunk& /*chunk*/) { return false; }
inline void FactSink::wrapped(const Chunk& /*chunk*/) {}
inline void FactSink::wrapped_gap(Side /*sender*/, std::uint64_t /*missing_bytes*/) {}

/// Recognition is what probe says of a flow's octets.
enum class Recognition : std::uint8_t { no, need_more, yes };

/// ProbeInput is a stream position or a datagram to be recognised. `at_start` when nothing of the sender's stream was
/// missed or passed before it.
struct ProbeInput {
  Bytes bytes;
  Transport transport = Transport::tcp;
  bool at_start = true;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};

/// Dissector is one protocol's entry in dissectors/all.cpp.
struct Dissector {
  std::string_view name;  ///< the contract's protocol name
  /// probe decides by content whether `input` begins this protocol; ports are a hint only. It is called on the first octets
  /// of each side, and again at segment starts further on while nobody knows the flow (protocols that upgrade in place).
  Recognition (*probe)(const ProbeInput& input);
  std::unique_ptr<Session> (*open)(const Services& services);
  /// tentative: one datagram or segment is no proof (RTP). The session reports ProtocolRecognised itself once it is sure, and answers
  /// not_mine or done when it was wrong.
  bool tentative = false;
};

/// all_dissectors lists every protocol in the order they are asked (dissectors/all.cpp).
std::span<const Dissector* const> all_dissectors();

}  // namespace sealtrace
