// SipSession: follows one flow of SIP over UDP, TCP or WebSocket.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "dissect/session.hpp"
#include "dissectors/sip/sip_reports.hpp"
#include "dissectors/sip/sip_stream.hpp"
#include "dissectors/sip/sip_websocket.hpp"

namespace sealtrace {

/// kSipDissector recognises SIP by its start line, in the clear or in the frames of a WebSocket.
extern const Dissector kSipDissector;

/// probe_sip tells whether octets begin SIP. At the start of a stream keep-alives may come first; further on, a start line must be followed
/// by a Via field.
Recognition probe_sip(const ProbeInput& input);

/// SipSession gives each direction of a stream its reader; a datagram is one message (RFC 3261 section 18.3).
class SipSession final : public Session {
 public:
  explicit SipSession(const Services& services) : reports_{services.hash_key} {}

  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;
  void on_end(FactSink& facts) override;

 private:
  using Streams = std::array<SipStreamReader, 2>;
  using Websockets = std::array<SipWebsocketReader, 2>;

  SipReports reports_;
  std::unique_ptr<Streams> streams_;        ///< of SIP over TCP
  std::unique_ptr<Websockets> websockets_;  ///< of SIP over WebSocket; at most one of the two is there
};

}  // namespace sealtrace
