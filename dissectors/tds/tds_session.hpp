// TdsSession: what the negotiation of encryption chose, and what of a connection to SQL Server is readable.
#pragma once

#include <array>
#include <optional>

#include "dissect/session.hpp"
#include "dissectors/tds/tds_parse.hpp"

namespace sealtrace {

/// kTdsDissector recognises PRELOGIN, LOGIN7, and requests of TDS 7.2 and later on any port.
extern const Dissector kTdsDissector;

/// TdsSession follows both sides packet by packet. TLS begins inside packets of type PRELOGIN ([MS-TDS] section 3.2.5.2), and goes on in
/// records without packets around them. Both are handed to whoever reads TLS. When the two PRELOGINs agreed on TLS for all of the session,
/// it goes on without this one once both sides have left the packets; when TLS is for LOGIN7 alone, packets follow in clear.
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
    bool left_packets = false;  ///< a TLS record without a packet was seen
    std::optional<TdsEncryption> encryption;
  };

  /// agreed is what the two PRELOGINs make of the connection, as far as they were seen.
  [[nodiscard]] std::optional<TdsCoverage> agreed() const { return tds_coverage(halves_[0].encryption, halves_[1].encryption); }
  Progress read_tls_record(const Chunk& chunk, FactSink& facts);
  Progress read_packet(Half& half, const Chunk& chunk, FactSink& facts);
  bool read_prelogin(Half& half, Bytes payload, const Chunk& chunk, FactSink& facts);
  void read_tls_inside(Bytes payload, const Chunk& chunk, FactSink& facts);
  void report_steps(TdsEncryption option, const Chunk& chunk, std::size_t length, FactSink& facts) const;
  void read_login7(Half& half, Bytes payload, const Chunk& chunk, FactSink& facts);
  void tell_credential(Half& half, AuthenticationScheme scheme, const Chunk& chunk, FactSink& facts) const;

  std::array<Half, 2> halves_;
  std::uint64_t clear_bytes_ = 0;  ///< of packets before TLS, both sides
  bool tls_inside_ = false;        ///< a TLS record was seen inside a packet
  bool accepted_told_ = false;
};

}  // namespace sealtrace
