// DtlsSession: what must be remembered of a DTLS association, and the facts it shows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/dtls/dtls_carrier.hpp"
#include "dissectors/dtls/dtls_decryption.hpp"
#include "dissectors/dtls/dtls_messages.hpp"
#include "dissectors/dtls/dtls_parse.hpp"
#include "dissectors/dtls/dtls_reassembly.hpp"

namespace sealtrace {

/// kMaxProtectedFacts bounds the facts about protected records, of each kind and side: a TLS 1.3 flight has at most five records
/// before the first data, and more of the same say nothing new.
inline constexpr std::uint8_t kMaxProtectedFacts = 16;

/// DtlsSession follows one association of datagrams. Other protocols may share the ports (RFC 7983): their datagrams are not its
/// own. Several handshakes may follow each other (RFC 6347 section 4.2.8): a hello with another random
/// begins a new one.
class DtlsSession final : public Session {
 public:
  explicit DtlsSession(const Services& services) : services_{services}, messages_{services_} {}
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;

 private:
  /// SideState is one sender's half.
  struct SideState {
    MessageQueue queue;
    std::optional<PartialMessage> other_hello;  ///< a hello under a message_seq handed out before: a retransmission, or a new handshake
    OpaqueHash random{};                        ///< of the last hello
    std::vector<Fact> held;                     ///< ChangeCipherSpec and what follows it, while messages before it are missing
    bool hello = false;
    bool change_cipher_spec = false;
    bool finished = false;
    bool conflict_reported = false;
    bool budget_reported = false;
    std::uint16_t finished_bytes = 0;
    std::uint8_t num_data = 0;
    std::uint8_t num_alerts = 0;
    std::uint8_t num_encrypted_handshakes = 0;
    std::uint8_t num_heartbeats = 0;
  };

  void on_payload(const Chunk& chunk, const DtlsPayload& payload, FactSink& facts);
  void on_records(const Chunk& chunk, FactSink& facts);
  void on_unified_records(const Chunk& chunk, std::size_t at, FactSink& facts);
  void on_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts);
  void on_clear_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts);
  void on_protected_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts);
  void on_protected_handshake(Side sender, std::uint16_t record_bytes, Fact fact, FactSink& facts);
  void on_handshake_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts);
  void on_fragment(Side sender, const HandshakeFragment& fragment, FactSink& facts);
  void on_old_hello(Side sender, const HandshakeFragment& fragment, FactSink& facts);
  void deliver(Side sender, FactSink& facts);
  void on_message(Side sender, const HandshakeMessage& message, FactSink& facts);
  void give_up_waiting(Side sender, const Fact& shown_by, FactSink& facts);
  void in_order(Side sender, Fact fact, FactSink& facts);
  void joined(const Fact& shown_by, FactSink& facts);
  SideState& side(Side which) { return sides_[index(which)]; }
  [[nodiscard]] bool is_dtls13() const { return messages_.version() == TlsVersion::dtls1_3; }

  Services services_;
  DtlsCarrier carrier_;
  std::array<SideState, 2> sides_;
  DtlsMessages messages_;
  std::unique_ptr<DtlsDecryption> decryption_;
  bool joined_reported_ = false;
};

}  // namespace sealtrace
