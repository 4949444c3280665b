// SipStreamReader: one direction of SIP over TCP (RFC 3261 section 18.3, RFC 5626 section 4.4.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "dissect/session.hpp"
#include "dissectors/sip/sip_open_message.hpp"
#include "dissectors/sip/sip_reports.hpp"

namespace sealtrace {

/// SipStreamReader frames messages by Content-Length. Where that is missing, makes no sense, or octets were lost, it looks for the next
/// line that is a start line of SIP and stands before a whole head.
class SipStreamReader {
 public:
  Progress on_stream(const Chunk& chunk, SipReports& reports, FactSink& facts);
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, SipReports& reports, FactSink& facts);
  void on_end(SipReports& reports, FactSink& facts);

 private:
  enum class State : std::uint8_t {
    between,    ///< a message or a keep-alive begins here
    body,       ///< `body_left_` octets of a body that is scanned
    searching,  ///< the next message may begin at any line
  };

  Progress take_head(const Chunk& chunk, SipReports& reports, FactSink& facts);
  Progress take_body(const Chunk& chunk, SipReports& reports, FactSink& facts);
  Progress search(const Chunk& chunk, SipReports& reports, FactSink& facts);
  Progress begin_message(SipHead&& head, const Chunk& chunk, SipReports& reports, FactSink& facts);
  /// not_a_message goes on behind the first line of what is no message. That is a fact where one was expected, not where one was searched.
  Progress not_a_message(const ParseError& error, const Chunk& chunk, SipReports& reports, FactSink& facts);
  void begin_search();
  void close_message(bool whole, SipReports& reports, FactSink& facts);

  State state_ = State::between;
  bool start_line_read_ = false;        ///< of the head that begins here
  bool found_ = false;                  ///< the head was found by searching: only a complete one is believed
  bool proven_ = false;                 ///< a message was read: what follows is expected to be one
  bool mid_line_ = false;               ///< searching: the rest of this line is not of interest
  std::size_t searched_bytes_ = 0;      ///< of the head so far
  std::uint32_t body_left_ = 0;         ///< octets
  std::uint64_t num_search_bytes_ = 0;  ///< since the last message
  std::optional<SipOpenMessage> open_;  ///< its body passes
  SipPlace last_;                       ///< the last octet seen: the nearest place to point at when octets are missing
};

}  // namespace sealtrace
