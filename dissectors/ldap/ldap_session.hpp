// LdapSession: follows one LDAP connection until it changes into TLS, or to its end; and CLDAP.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dissect/session.hpp"
#include "dissectors/ldap/ldap_parse.hpp"

namespace sealtrace {

/// LdapSession reads the head of every message and passes over the rest, except of binds and extended operations, which are read whole.
class LdapSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;

 private:
  /// Bind is how far a SASL bind has come that may install a security layer.
  enum class Bind : std::uint8_t { none, requested, succeeded, refused };

  /// Found is how sure the place in the stream is. `first`: nothing was read yet, and the stream may have been joined inside a message.
  /// After a gap a message is found when another one stands where it ends.
  enum class Found : std::uint8_t { first, sure, searching, candidate };

  /// Half is one direction.
  struct Half {
    Found found = Found::first;
    bool done = false;
    bool layered = false;  ///< a buffer of the security layer was seen
    std::uint8_t num_gaps = 0;
    std::uint8_t layers = 0;       ///< kinds reported, a bit each
    std::uint8_t phases = 0;       ///< upgrade phases reported, a bit each
    std::uint32_t operations = 0;  ///< reported, a bit each number of the tag
    std::uint8_t root_dse = 0;     ///< of them, those about the root DSE: a bit each of search request, entry, done
    std::uint32_t sent = 0;        ///< schemes reported, a bit each
    std::uint32_t searched_bytes = 0;
    Timestamp last_time{};  ///< of the last octet: the nearest frame to point at when octets are missing
    Evidence last_evidence;
  };

  /// Place is a message in its chunk.
  struct Place {
    const Chunk& chunk;
    std::size_t offset = 0;
    std::size_t length = 0;
  };

  [[nodiscard]] Half& half(Side side) { return halves_[index(side)]; }
  // Each answers the octets from `at`; `consumed` counts from there, and 0 of them asks for more.
  Progress take(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts);
  Progress take_message(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts);
  Progress take_buffer(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts);
  static Progress search(Half& half, const Chunk& chunk, std::size_t at, FactSink& facts);
  static Progress give_up(Half& half, const ParseError& error, const Chunk& chunk, std::size_t at, FactSink& facts);
  /// on_message reads a message that is whole where it must be. True when TLS follows.
  bool on_message(Half& half, const LdapHead& head, const Place& place, FactSink& facts);
  void on_bind_request(Half& half, Bytes operation, const Place& place, FactSink& facts);
  void on_bind_response(Half& half, Bytes operation, const Place& place, FactSink& facts);
  void on_extended_request(Half& half, const LdapHead& head, Bytes operation, const Place& place, FactSink& facts);
  bool on_extended_response(Half& half, const LdapHead& head, Bytes operation, const Place& place, FactSink& facts);
  /// report_search tells the search for the root DSE, which comes before protection can be agreed on, from others.
  void report_search(Half& half, const LdapHead& head, const Place& place, FactSink& facts);
  static void report_clear(Half& half, LdapOperation operation, StaticText protocol, const Place& place, FactSink& facts);

  std::array<Half, 2> halves_;
  Bind bind_ = Bind::none;
  std::optional<std::int32_t> start_tls_id_;  ///< message id of a StartTLS request that was not answered yet
  Side start_tls_side_ = Side::initiator;
  std::optional<std::int32_t> root_dse_id_;  ///< message id of the last search for the root DSE
};

}  // namespace sealtrace
