// TdsSession: what the negotiation of encryption chose, and what of a connection to SQL Server is readable.
#pragma once

#include <array>
#include <optional>

#include "dissect/session.hpp"
#include "dissectors/tds/tds_parse.hpp"

namespace sealtrace {

/// kTdsDissector recognises PRELOGIN, LOGIN7, and requests of TDS 7.2 and later on any port.
extern const Dissector kTdsDissector;

/// TdsSession follows both sides packet by packet. TLS begins inside packets of type PRELOGIN ([MS-TDS] section 3.2.5.2). When the server
/// answered that encryption is on, TLS records follow without packets around them once the handshake is over: the session hands over there.
/// When it answered off, the records that carry LOGIN7 are passed over, and packets follow in clear.
class TdsSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  struct Half {
    bool lost = false;
    std::uint32_t told = 0;
    std::uint32_t credentials_told = 0;
    bool prelogin_told = false;
  };

  /// full_encryption says that the server's answer puts all of the stream behind the handshake into TLS.
  [[nodiscard]] bool full_encryption() const;
  Progress read_tls_record(const Chunk& chunk) const;
  Progress read_packet(Half& half, const Chunk& chunk, FactSink& facts);
  bool read_prelogin(Half& half, Bytes payload, const Chunk& chunk, FactSink& facts);
  void read_login7(Half& half, Bytes payload, const Chunk& chunk, FactSink& facts);
  void tell_credential(Half& half, AuthenticationScheme scheme, const Chunk& chunk, FactSink& facts) const;

  std::array<Half, 2> halves_;
  std::optional<TdsEncryption> server_encryption_;
  bool tls_inside_ = false;  ///< a TLS record was seen inside a packet
  bool accepted_told_ = false;
};

}  // namespace sealtrace
