// TlsSession: follows one TCP stream of SSL 2.0 to TLS 1.3 through its records.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "dissect/session.hpp"
#include "dissectors/tls/handshake_messages.hpp"
#include "dissectors/tls/message_buffer.hpp"
#include "dissectors/tls/readable_octets.hpp"
#include "dissectors/tls/tls_decryption.hpp"
#include "dissectors/tls/tls_negotiation.hpp"
#include "proto/tls_record.hpp"

namespace sealtrace {

/// TlsSession consumes every octet it is given, so that its place in the records is exact when octets go missing. Records that
/// cannot be read are passed over unseen by Progress.consumed: an established session costs five octets a record.
class TlsSession final : public Session {
 public:
  explicit TlsSession(const Services& services) : services_{services}, messages_{services, negotiation_} {}

  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;
  /// on_end tells of a side that never came back to records and does not end in ciphertext either.
  void on_end(FactSink& facts) override;

 private:
  /// BodyUse is what becomes of the current record's fragment.
  enum class BodyUse : std::uint8_t {
    skip,                ///< nothing to read
    change_cipher_spec,  ///< one octet
    alert,               ///< two octets in the clear
    handshake,           ///< messages in the clear
    undecided,           ///< its first octets tell handshake from opaque_handshake
    opaque_handshake,    ///< encrypted: reported once it has passed
    secret_record,       ///< encrypted, and there are secrets: taken whole
    ssl2_message,        ///< SSL 2.0: the first octet is a message type while in the clear
  };

  /// Protection of a sender's fragments since its last ChangeCipherSpec.
  enum class Protection : std::uint8_t { none, mac_only, encrypted };

  /// Half is one direction of the stream.
  struct Half {
    std::array<std::uint8_t, kRecordHeaderBytes> header{};
    std::uint8_t header_bytes = 0;         ///< octets of the next header so far
    std::uint8_t num_hidden_messages = 0;  ///< encrypted handshake records that may still belong to the Finished flight
    BodyUse use = BodyUse::skip;
    Protection protection = Protection::none;
    bool done = false;
    bool first_record = true;
    bool searching = false;  ///< the place of the next header was lost
    bool unproven = false;   ///< a header was found by searching; the next one proves it
    bool uncertain = false;  ///< records were lost, a ChangeCipherSpec may be among them
    bool change_cipher_spec = false;
    bool finished = false;
    bool protected_data = false;        ///< application data was seen
    bool bare_alert_size_seen = false;  ///< TLS 1.3: one as short as an alert was reported behind the first ones
    std::uint8_t num_application_data = 0;
    std::uint8_t num_opaque_handshakes = 0;
    std::uint8_t num_heartbeats = 0;
    std::uint8_t num_hidden_alerts = 0;
    std::uint8_t num_gaps = 0;
    std::uint16_t mac_bytes = 0;  ///< behind each fragment while mac_only
    std::uint16_t record_version = 0;
    std::uint16_t record_bytes = 0;  ///< length of the current fragment
    std::uint32_t body_left = 0;     ///< octets of it not consumed yet
    std::uint32_t searched_bytes = 0;
    ReadableOctets readable;         ///< of the octets searched behind Finished or protected data
    std::uint32_t message_skip = 0;  ///< octets left of a handshake message that will not be read
    MessageBuffer message;
    std::unique_ptr<Fact> unproven_fact;
    Timestamp last_time{};  ///< of the last octet: the nearest frame to point at when octets are missing
    Evidence last_evidence;
  };

  /// sends_ciphertext says that nothing but ciphertext is due between the headers of records.
  [[nodiscard]] static bool sends_ciphertext(const Half& half) {
    return (half.finished || half.protected_data) && half.protection != Protection::mac_only;
  }
  [[nodiscard]] Half& half(Side side) { return halves_[index(side)]; }
  /// report hands a fact on, or holds it until the next header proves that searching found a record and not payload.
  void report(Half& half, const Chunk& chunk, FactBody body, MessagePlace place, FactSink& facts);

  [[nodiscard]] bool goes_on_without_tls(const Half& half, const Chunk& chunk, std::size_t at) const;

  // Each takes what it can of the chunk from `at` and gives where it stopped.
  std::size_t take_header(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts);
  std::size_t take_body(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts);
  std::size_t search(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts);

  void begin_record(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts);
  void begin_tls_record(Half& half, const RecordHeader& record, const Chunk& chunk, MessagePlace header, FactSink& facts);
  /// begin_visible_record does what shows without secrets.
  void begin_visible_record(Half& half, const RecordHeader& record, const Chunk& chunk, MessagePlace header, FactSink& facts);
  bool begin_ssl2_record(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts);
  void begin_alert(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts);
  void begin_change_cipher_spec(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts);
  void begin_application_data(Half& half, const Chunk& chunk, MessagePlace header, FactSink& facts);
  [[nodiscard]] BodyUse use_of_handshake(const Half& half) const;
  void on_unreadable_header(Half& half, const Chunk& chunk, MessagePlace header, const ParseError& error, FactSink& facts);

  [[nodiscard]] BodyUse decide(const Half& half, Bytes first_octets) const;
  void take_undecided(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts);
  void take_handshake(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts);
  void take_messages(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts);
  std::size_t collect_message(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts);
  void take_whole(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts);

  /// take_secret_record gathers a protected record and hands it to decryption_.
  void take_secret_record(Half& half, const Chunk& chunk, std::size_t at, Bytes octets, FactSink& facts);
  void on_message(Half& half, Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_alert(Half& half, Bytes fragment, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_change_cipher_spec(Half& half, Bytes fragment, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_opaque_handshake(Half& half, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_ssl2_message(Half& half, Bytes message, const Chunk& chunk, MessagePlace place, FactSink& facts);
  void on_join(Half& half, const Chunk& chunk, MessagePlace place, FactSink& facts);
  /// lose_within_record accounts for `lost` octets that lie inside the current record.
  static void lose_within_record(Half& half, std::uint32_t lost);

  const Services& services_;
  TlsNegotiation negotiation_;
  HandshakeMessages messages_;
  std::array<Half, 2> halves_;
  std::unique_ptr<TlsDecryption> decryption_;  ///< none without secrets for this ClientHello
  bool joined_reported_ = false;
  bool ended_ = false;  ///< both sides go on with something else: the hellos were an imitation
};

}  // namespace sealtrace
