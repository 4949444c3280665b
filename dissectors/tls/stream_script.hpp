// StreamScript: a TCP stream as a list of what each side sent, and the ways of handing it to a session: the tests' and fuzz
// targets' stand-in for the flow layer.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "crypto/certificate_store.hpp"
#include "dissect/frame_origin.hpp"
#include "dissect/session.hpp"

namespace sealtrace::testing {

/// Sent is what one side sent at once. `missing_bytes` octets of its stream were lost before it.
struct Sent {
  Side sender = Side::initiator;
  std::vector<std::uint8_t> octets;
  std::uint64_t missing_bytes = 0;
};

using StreamScript = std::vector<Sent>;

/// Spelled tells a fact for comparison: its kind and what tells it from others of its kind, without its evidence.
struct Spelled {
  std::string operator()(const ProtocolRecognised& f) const { return "recognised " + std::string{f.protocol}; }
  std::string operator()(const Boxed<TlsClientHello>& boxed) const {
    const TlsClientHello& f = *boxed;
    std::string text = f.form == TlsHelloForm::ssl2 ? "ssl2_client_hello" : "client_hello";
    if (!f.server_name.empty()) text += "(" + f.server_name + ")";
    return text;
  }
  std::string operator()(const Boxed<TlsServerHello>& boxed) const {
    const TlsServerHello& f = *boxed;
    return (f.hello_retry_request ? "hello_retry_request(" : "server_hello(") + std::string{label(f.version)} + ")";
  }
  std::string operator()(const TlsHelloVerifyRequest&) const { return "hello_verify_request"; }
  std::string operator()(const TlsCertificates& f) const { return "certificate(" + std::to_string(f.chain.size()) + ")"; }
  std::string operator()(const TlsServerKeyExchange&) const { return "server_key_exchange"; }
  std::string operator()(const TlsEncryptedExtensions&) const { return "encrypted_extensions"; }
  std::string operator()(const TlsCertificateRequest&) const { return "certificate_request"; }
  std::string operator()(const TlsServerHelloDone&) const { return "server_hello_done"; }
  std::string operator()(const TlsClientKeyExchange&) const { return "client_key_exchange"; }
  std::string operator()(const TlsCertificateVerify&) const { return "certificate_verify"; }
  std::string operator()(const TlsNewSessionTicket&) const { return "new_session_ticket"; }
  std::string operator()(const TlsCertificateStatus&) const { return "certificate_status"; }
  std::string operator()(const TlsChangeCipherSpec&) const { return "change_cipher_spec"; }
  std::string operator()(const TlsFinished&) const { return "finished"; }
  std::string operator()(const TlsEncryptedHandshake&) const { return "encrypted_handshake"; }
  std::string operator()(const TlsApplicationData& f) const { return "data(" + std::to_string(f.record_bytes) + ")"; }
  std::string operator()(const TlsAlert& f) const {
    return f.encrypted ? "encrypted_alert" : "alert(" + std::string{alert_name(f.description)} + ")";
  }
  std::string operator()(const TlsHeartbeat&) const { return "heartbeat"; }
  std::string operator()(const TlsHelloRequest&) const { return "hello_request"; }
  std::string operator()(const TlsOtherHandshake& f) const { return "other_handshake(" + std::to_string(f.type) + ")"; }
  std::string operator()(const TlsJoinedMidStream&) const { return "joined_mid_stream"; }
  std::string operator()(const TlsPseudoHello&) const { return "pseudo_hello"; }
  std::string operator()(const TlsPrecededBy&) const { return "preceded_by"; }
  std::string operator()(const SrtpKeyExported&) const { return "srtp_key_exported"; }
  std::string operator()(const HeldOf<ApplicationFacts> auto&) const { return "application"; }
  std::string operator()(const MessageUnreadable& f) const {
    return "unreadable(" + std::string{f.field} + (f.malformed ? ", malformed)" : ")");
  }
  std::string operator()(const StreamGap& f) const { return f.within_handshake ? "gap in handshake" : "gap"; }
  std::string operator()(const BudgetExceeded& f) const { return "budget(" + std::string{f.budget} + ")"; }
};
inline std::string name_of(const FactBody& body) { return std::visit(Spelled{}, body); }

/// Heard takes a session's facts and checks that their evidence lies inside a chunk that was handed over.
class Heard final : public FactSink {
 public:
  void report(Fact fact) override {
    if (fact.evidence.known()) {
      const std::size_t chunk_bytes = chunk_bytes_.at(value(fact.evidence.frame) - 1);
      inside_ = inside_ && fact.evidence.length > 0 && fact.evidence.offset + std::uint64_t{fact.evidence.length} <= chunk_bytes;
    } else {
      inside_ = inside_ && std::holds_alternative<StreamGap>(fact.body);  // octets may be missing before any were seen
    }
    names_.push_back((fact.sender == Side::initiator ? "C " : "S ") + name_of(fact.body));
    facts_.push_back(std::move(fact));
  }
  void begin_chunk(std::size_t bytes) { chunk_bytes_.push_back(bytes); }
  [[nodiscard]] bool evidence_inside() const { return inside_; }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const std::vector<Fact>& facts() const { return facts_; }

 private:
  std::vector<std::size_t> chunk_bytes_;  // by frame
  bool inside_ = true;
  std::vector<std::string> names_;
  std::vector<Fact> facts_;
};

/// PieceSize gives the size of the next piece of what was sent; at least 1.
using PieceSize = std::function<std::size_t()>;

/// Delivery counts what a session looked at.
struct Delivery {
  std::uint64_t seen_bytes = 0;
  std::uint64_t num_chunks = 0;
};

/// play hands `script` to `session` in pieces as the flow layer does: in order, skipping what the session asked to skip, silent to a side
/// that is done. Sessions that leave octets unconsumed are not served.
inline Delivery play(const StreamScript& script, Session& session, Heard& heard, const PieceSize& piece_size) {
  Delivery delivery;
  std::array<std::uint64_t, 2> skip{};
  std::array<bool, 2> done{};
  for (const Sent& sent : script) {
    const std::size_t side = index(sent.sender);
    if (sent.missing_bytes > 0 && !done[side]) {
      const std::uint64_t skipped = std::min(skip[side], sent.missing_bytes);
      skip[side] -= skipped;
      if (skipped < sent.missing_bytes) session.on_gap(sent.sender, sent.missing_bytes, skipped, heard);
    }
    Bytes left{sent.octets};
    while (!left.empty() && !done[side]) {
      Bytes piece = left.first(std::min(std::max<std::size_t>(piece_size(), 1), left.size()));
      left = left.subspan(piece.size());
      const std::uint64_t skipped = std::min<std::uint64_t>(skip[side], piece.size());
      skip[side] -= skipped;
      piece = piece.subspan(static_cast<std::size_t>(skipped));
      if (piece.empty()) continue;
      const FrameOrigin origin{++delivery.num_chunks};
      heard.begin_chunk(piece.size());
      delivery.seen_bytes += piece.size();
      const Progress progress = session.on_stream({.sender = sent.sender, .bytes = piece, .cut = false, .origin = &origin}, heard);
      done[side] = progress.done;
      skip[side] = progress.consumed - std::min<std::uint64_t>(progress.consumed, piece.size());
    }
  }
  return delivery;
}

inline PieceSize whole_pieces() {
  return [] { return static_cast<std::size_t>(-1); };
}
inline PieceSize single_octets() {
  return [] { return std::size_t{1}; };
}

}  // namespace sealtrace::testing
