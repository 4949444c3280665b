// SipWebsocketReader: one direction of SIP over WebSocket (RFC 7118), from the first frame on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "dissect/session.hpp"
#include "dissectors/sip/sip_open_message.hpp"
#include "dissectors/sip/sip_reports.hpp"
#include "dissectors/sip/websocket_frame.hpp"

namespace sealtrace {

/// SipWebsocketReader consumes every octet, so that its place in the frames is exact. One WebSocket message is one SIP message
/// (RFC 7118 section 5): its end is the end of the body, whatever Content-Length says.
class SipWebsocketReader {
 public:
  Progress on_stream(const Chunk& chunk, SipReports& reports, FactSink& facts);
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, SipReports& reports, FactSink& facts);
  void on_end(SipReports& reports, FactSink& facts);

 private:
  /// Use is what becomes of the message that passes.
  enum class Use : std::uint8_t {
    none,  ///< there is none
    head,  ///< its head is collected
    body,  ///< its body is scanned
    skip,  ///< it cannot be read
  };

  /// Where a stream stands between frames and inside one.
  enum class State : std::uint8_t { header, payload, ended };

  void take_header_octet(const Chunk& chunk, std::size_t at, SipReports& reports, FactSink& facts);
  void begin_frame(const SipPlace& place, SipReports& reports, FactSink& facts);
  void end_frame(const SipPlace& place, SipReports& reports, FactSink& facts);
  std::size_t take_payload(const Chunk& chunk, std::size_t at, SipReports& reports, FactSink& facts);
  void take_text(std::string_view text, const Chunk& chunk, std::size_t at, SipReports& reports, FactSink& facts);
  void end_message(const SipPlace& place, SipReports& reports, FactSink& facts);
  void fail(const ParseError& error, const SipPlace& place, SipReports& reports, FactSink& facts);
  [[nodiscard]] bool wants_payload() const { return !is_control_frame(frame_.opcode) && (use_ == Use::head || use_ == Use::body); }

  State state_ = State::header;
  Use use_ = Use::none;
  bool proven_ = false;      ///< a SIP message was read
  bool compressed_ = false;  ///< that messages are compressed was reported
  std::array<std::uint8_t, kMaxWebsocketHeaderBytes> header_{};
  std::uint8_t header_bytes_ = 0;
  WebsocketFrame frame_;
  std::uint64_t position_ = 0;  ///< within the frame's payload
  std::string head_;            ///< of the message, until it is whole
  std::size_t searched_bytes_ = 0;
  std::optional<SipOpenMessage> open_;
  SipPlace last_;  ///< the last octet seen
};

/// probe_sip_websocket tells whether frames begin that carry SIP: at `at_start` behind keep-alives and in fragments, too.
Recognition probe_sip_websocket(Bytes bytes, bool at_start);

}  // namespace sealtrace
