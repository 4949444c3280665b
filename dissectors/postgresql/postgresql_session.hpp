// PostgresqlSession: whether a connection to PostgreSQL changes into TLS, and what of it is readable.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dissect/session.hpp"
#include "dissectors/postgresql/postgresql_parse.hpp"

namespace sealtrace {

/// kPostgresqlDissector recognises what a client begins with, a server's request for authentication, and later messages that fill a
/// segment.
extern const Dissector kPostgresqlDissector;

/// PostgresqlSession follows both sides message by message up to the first query and its result. It hands over behind the octet with which
/// a server agrees to TLS.
class PostgresqlSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  /// Asked is what the client asked for that the server answers with one octet.
  enum class Asked : std::uint8_t { nothing, tls, gss_encryption };
  /// Stage of a side: what a client begins with; messages with a type; GSSAPI packets.
  enum class Stage : std::uint8_t { opening, messages, packets };

  struct Half {
    Stage stage = Stage::opening;
    bool lost = false;
    std::uint32_t told = 0;  ///< a bit each kind of words
    std::uint32_t credentials_told = 0;
    std::uint32_t packets_told = 0;  ///< a bit each GssPacket
    bool wraps = false;              ///< a packet came that makes no context
  };

  Progress take_opening(Half& half, const Chunk& chunk, FactSink& facts);
  Progress take_answer(Half& half, const Chunk& chunk, FactSink& facts);
  Progress take_message(Half& half, const Chunk& chunk, FactSink& facts);
  Progress take_packet(Half& half, const Chunk& chunk, FactSink& facts);
  void on_password(Half& half, Bytes message, const Chunk& chunk, FactSink& facts) const;

  std::array<Half, 2> halves_;
  Asked asked_ = Asked::nothing;
  std::optional<PostgresqlAuthentication> authentication_;  ///< the last that was asked for
};

}  // namespace sealtrace
