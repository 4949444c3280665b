// What a SIP message's bodies are about: their types, and session descriptions, read line by line as they pass (proto/sdp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/few.hpp"
#include "proto/sdp.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// SipBodyKind is what a Content-Type means here (RFC 3261 section 20.15; presence: RFC 3863, RFC 4662, [MS-PRES]; conference
/// control: [MS-CONFBAS] section 2.2).
enum class SipBodyKind : std::uint8_t { other, text, sdp, multipart, presence, conference_control };

/// SipBodyType is a Content-Type that was read. `boundary` is of a multipart one (RFC 2046 section 5.1.1).
struct SipBodyType {
  SipBodyKind kind{};
  std::string boundary;
};

/// sip_body_type reads the value of a Content-Type field.
SipBodyType sip_body_type(std::string_view content_type);

/// SipBodyFindings is what the bodies of a message said.
struct SipBodyFindings {
  bool sdp = false;                 ///< there was a session description
  bool audio_or_video = false;      ///< m=audio or m=video with a port, and not labelled as a shared screen
  bool message = false;             ///< m=message
  bool desktop_sharing = false;     ///< m=applicationsharing, a label or an attribute that says so
  bool presence = false;            ///< a part of a presence type
  bool conference_control = false;  ///< a part of C3P
  /// Each description that was read whole, in the order of the parts (RFC 2046 section 5.1.4: of alternatives the last is the best).
  OneOrMore<SdpSession> descriptions;
};

/// SipBodyScan reads one message's body line by line, in pieces of any size. `hash_key` is for the origins of its descriptions.
class SipBodyScan {
 public:
  SipBodyScan(SipBodyType&& type, std::uint64_t hash_key);

  /// reads tells whether the body's octets matter at all.
  [[nodiscard]] bool reads() const { return kind_ == SipBodyKind::sdp || kind_ == SipBodyKind::multipart; }
  void take(Bytes octets);
  /// lose says that octets are missing here: the line they cut is not read, nor is a part that may have ended among them.
  void lose();
  /// finish gives what was found. `whole`: the body has ended here, and its last line with it.
  SipBodyFindings finish(bool whole);

 private:
  /// kMaxLineBytes of a line are looked at: four keys with their MKI fit, and a MIKEY message; what is longer is not read.
  static constexpr std::size_t kMaxLineBytes = 1024;
  /// kMaxDescriptions of a message are kept: clients for two generations of servers send one for each.
  static constexpr std::size_t kMaxDescriptions = 2;

  void on_line(std::string_view line);
  bool on_delimiter(std::string_view line);
  void on_part_header(std::string_view line);
  void on_sdp_line(std::string_view line);
  /// end_description closes the description that passes. `whole`: none of it is missing.
  void end_description(bool whole);

  std::uint64_t hash_key_;
  SipBodyKind kind_;                     ///< of the whole body
  SipBodyKind part_{};                   ///< of the part that passes
  bool in_part_headers_ = false;         ///< of a multipart body
  bool long_line_ = false;               ///< the rest of the line is not read
  bool folds_type_ = false;              ///< the last part header was Content-Type: a folded line goes on with it
  std::vector<std::string> boundaries_;  ///< outermost first
  SipBodyType part_type_;                ///< of the part whose headers pass
  std::string line_;                     ///< the begin of a line that goes on in the next piece
  std::optional<SdpReader> sdp_;         ///< of the description that passes
  bool sdp_damaged_ = false;             ///< lines of it are missing
  SipBodyFindings found_;
};

}  // namespace sealtrace
