// SDP as far as it says where media goes and how it is protected (RFC 8866, 3264, 4568, 5763, 5939, 8839, [MS-SDPEXT], [MS-ICE]).
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/application_facts.hpp"
#include "model/media_description.hpp"

namespace sealtrace {

/// Bounds of what is kept of one description. Clients offer a candidate per interface and relay, and three keys.
inline constexpr std::size_t kMaxSdpMedia = kMaxMediaLines;
inline constexpr std::size_t kMaxSdpCandidates = 32;
inline constexpr std::size_t kMaxSdpCryptos = 8;
inline constexpr std::size_t kMaxSdpKeys = 4;  ///< of one line
inline constexpr std::size_t kMaxSdpFingerprints = 4;

/// SdpSession is a description. `left_out`: a bound was reached. `desktop_sharing`: an attribute of the session level says so.
struct SdpSession {
  std::vector<MediaDescription> media;
  OpaqueHash origin{};  ///< of the value of o= (RFC 8866 section 5.2)
  bool desktop_sharing = false;
  bool left_out = false;
};

/// SdpReader reads a description line by line; unknown lines are passed over, and so is a line that is not as its document says. `hash_key`
/// is for its origin.
class SdpReader {
 public:
  explicit SdpReader(std::uint64_t hash_key) : hash_key_{hash_key} {}

  /// take reads one line without its end.
  void take(std::string_view line);
  /// finish gives what was read, what the session level says put where the media level says nothing. It is the last call.
  SdpSession finish();

 private:
  void take_media(std::string_view value);
  void take_attribute(std::string_view value);
  void take_group(std::string_view value);
  void take_mapping(std::string_view value);
  void take_capability(std::string_view value);
  [[nodiscard]] std::size_t current() const { return session_.media.size() - 1; }
  [[nodiscard]] MediaDescription& level() { return in_media_ ? session_.media.back() : defaults_; }

  std::uint64_t hash_key_;
  SdpSession session_;
  MediaDescription defaults_;  ///< what the session level says
  bool in_media_ = false;
  bool passing_ = false;  ///< a media section beyond the bound
  std::bitset<kMaxSdpMedia> media_has_direction_;
  std::bitset<kMaxSdpMedia> media_has_secure_tcap_;
  bool session_secure_tcap_ = false;
  std::vector<std::string> mids_;    ///< of media sections, up to the last that has one (RFC 5888)
  std::vector<std::string> bundle_;  ///< mids of a=group:BUNDLE
};

/// parse_sdp reads a whole description.
SdpSession parse_sdp(std::string_view text, std::uint64_t hash_key);

/// media_proto gives the protocol of an m= line, whatever its case.
MediaProto media_proto(std::string_view text);

/// parse_sdp_crypto reads the value of a=crypto behind its colon (RFC 4568 section 9.1), or of a=cryptoscale, whose second word is
/// client or server. A line without a suite is one with tag 0 and an empty name.
SdpCrypto parse_sdp_crypto(std::string_view value, bool scale);

}  // namespace sealtrace
