// MysqlSession: whether a connection to MySQL or MariaDB changes into TLS, and what of it is readable.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "dissect/session.hpp"
#include "dissectors/mysql/mysql_parse.hpp"

namespace sealtrace {

/// kMysqlDissector recognises a server's greeting, what a client answers, and a query that fills a segment.
extern const Dissector kMysqlDissector;

/// MysqlSession follows both sides packet by packet up to the first command and its response. Behind an SSL Request it hands over.
class MysqlSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  struct Half {
    bool lost = false;
    std::uint32_t credentials_told = 0;
  };

  Progress take_packet(Half& half, const Chunk& chunk, FactSink& facts);
  Progress on_server_packet(const MysqlHead& head, Bytes payload, const Chunk& chunk, FactSink& facts);
  Progress on_client_packet(Half& half, const MysqlHead& head, Bytes payload, const Chunk& chunk, FactSink& facts);
  void on_greeting(const MysqlGreeting& greeting, const Chunk& chunk, std::size_t length, FactSink& facts);
  /// on_response is false when nothing of the side can be read any more.
  bool on_response(Half& half, Bytes payload, const Chunk& chunk, FactSink& facts);
  static void tell_credential(Half& half, std::string_view plugin, Bytes proof, const Chunk& chunk, FactSink& facts);
  [[nodiscard]] bool is_server(Side side) const { return side == server_; }

  std::array<Half, 2> halves_;
  Side server_ = Side::responder;  ///< who sends the greeting
  std::optional<MysqlCapabilities> offered_;
  std::string plugin_;  ///< by which the client proves itself, as far as it was named
  bool tls_requested_ = false;
};

}  // namespace sealtrace
