#include "dissectors/sip/sip_body.hpp"

#include <algorithm>
#include <utility>

#include "dissectors/sip/sip_fields.hpp"
#include "proto/text_head.hpp"

namespace sealtrace {
namespace {

/// kMaxBoundaryBytes of RFC 2046 section 5.1.1.
constexpr std::size_t kMaxBoundaryBytes = 70;
/// kMaxNestedParts: multipart/alternative in multipart/mixed is as deep as real messages go.
constexpr std::size_t kMaxNestedParts = 4;

/// kPresenceTypes carry presence documents or subscriptions to them: RFC 3863, 4662, 3858, draft-ietf-impp-cpim-pidf, and [MS-PRES],
/// [MS-SIP] of Live Communications Server 2005 to Skype for Business.
constexpr std::array<std::string_view, 13> kPresenceTypes{
    "application/pidf+xml",
    "application/pidf-diff+xml",
    "application/xpidf+xml",
    "application/cpim-pidf+xml",
    "application/rlmi+xml",
    "application/watcherinfo+xml",
    "application/msrtc-event-categories+xml",
    "application/msrtc-category-publish+xml",
    "application/msrtc-adrl-categorylist+xml",
    "application/msrtc-presence-setsubscriber+xml",
    "application/vnd-microsoft-roaming-self+xml",
    "text/xml+msrtc.pidf",
    "application/msrtc-pidf+xml",
};

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

SipBodyType sip_body_type(std::string_view content_type) {
  SipBodyType type;
  std::string_view rest = content_type;
  const std::string_view name = next_word(rest, ';');
  if (same_word(name, "application/sdp")) type.kind = SipBodyKind::sdp;
  if (same_word(name.substr(0, 5), "text/")) type.kind = SipBodyKind::text;
  if (std::ranges::any_of(kPresenceTypes, [&name](std::string_view known) { return same_word(name, known); }))
    type.kind = SipBodyKind::presence;
  if (same_word(name, "application/cccp+xml")) type.kind = SipBodyKind::conference_control;
  if (!same_word(name.substr(0, 10), "multipart/")) return type;
  type.kind = SipBodyKind::multipart;
  const std::string_view boundary = sip_parameter(content_type, "boundary").value_or(std::string_view{});
  if (boundary.size() <= kMaxBoundaryBytes) type.boundary = boundary;
  return type;
}

SipBodyScan::SipBodyScan(SipBodyType&& type, std::uint64_t hash_key) : hash_key_{hash_key}, kind_{type.kind}, part_{type.kind} {
  if (kind_ == SipBodyKind::multipart && type.boundary.empty()) kind_ = SipBodyKind::other;  // its parts cannot be told apart
  if (kind_ == SipBodyKind::multipart) boundaries_.push_back(std::move(type.boundary));
  found_.presence = kind_ == SipBodyKind::presence;
  found_.conference_control = kind_ == SipBodyKind::conference_control;
}

void SipBodyScan::take(Bytes octets) {
  if (!reads()) return;
  std::string_view text = as_text(octets);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view piece = text.substr(0, end);
    if (line_.size() + piece.size() > kMaxLineBytes) long_line_ = true;
    const bool whole = end != std::string_view::npos && line_.empty();
    if (!long_line_ && !whole) line_ += piece;
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
    if (!long_line_) on_line(whole ? piece : line_);
    if (long_line_ && part_ == SipBodyKind::sdp) sdp_damaged_ = true;  // it may have been an m= line
    line_.clear();
    long_line_ = false;
  }
}

void SipBodyScan::lose() {
  long_line_ = true;
  line_.clear();
  sdp_damaged_ = true;
  end_description(false);
  if (kind_ != SipBodyKind::multipart) return;
  sdp_damaged_ = false;
  part_ = SipBodyKind::other;
  in_part_headers_ = false;
}

SipBodyFindings SipBodyScan::finish(bool whole) {
  if (whole && reads() && !long_line_ && !line_.empty()) on_line(line_);
  end_description(whole);
  return std::move(found_);
}

void SipBodyScan::on_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (kind_ == SipBodyKind::multipart) {
    if (line.starts_with("--") && on_delimiter(line.substr(2))) return;
    if (in_part_headers_) return on_part_header(line);
  }
  if (part_ == SipBodyKind::sdp) on_sdp_line(line);
}

bool SipBodyScan::on_delimiter(std::string_view line) {
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  for (std::size_t depth = boundaries_.size(); depth-- > 0;) {
    const std::string_view boundary = boundaries_[depth];
    if (!line.starts_with(boundary)) continue;
    const std::string_view rest = line.substr(boundary.size());
    if (!rest.empty() && rest != "--") continue;
    end_description(true);
    // A delimiter of an outer level ends what is within; "--" ends its own level, but the outermost stays to be compared with.
    boundaries_.resize(rest.empty() ? depth + 1 : std::max<std::size_t>(depth, 1));
    in_part_headers_ = rest.empty();
    part_ = SipBodyKind::other;
    part_type_ = {};
    folds_type_ = false;
    return true;
  }
  return false;
}

void SipBodyScan::on_part_header(std::string_view line) {
  if (line.empty()) {
    in_part_headers_ = false;
    part_ = part_type_.kind;
    found_.sdp = found_.sdp || part_ == SipBodyKind::sdp;
    found_.presence = found_.presence || part_ == SipBodyKind::presence;
    found_.conference_control = found_.conference_control || part_ == SipBodyKind::conference_control;
    const bool nested = part_ == SipBodyKind::multipart && !part_type_.boundary.empty();
    if (nested && boundaries_.size() < kMaxNestedParts) boundaries_.push_back(std::move(part_type_.boundary));
    return;
  }
  if (is_blank(line.front())) {
    if (!folds_type_ || part_type_.kind != SipBodyKind::multipart || !part_type_.boundary.empty()) return;
    std::string continued{";"};
    continued += line;
    const std::string_view boundary = sip_parameter(continued, "boundary").value_or(std::string_view{});
    if (boundary.size() <= kMaxBoundaryBytes) part_type_.boundary = boundary;
    return;
  }
  std::string_view value = line;
  const std::string_view name = next_word(value, ':');
  folds_type_ = same_word(name, "Content-Type");
  if (folds_type_) part_type_ = sip_body_type(value);
  // A part in an encoding that is not the text itself cannot be read line by line (RFC 2045 section 6.2).
  if (same_word(name, "Content-Transfer-Encoding")) {
    value = trimmed(value);
    if (same_word(value, "base64") || same_word(value, "quoted-printable")) part_type_ = {};
  }
}

void SipBodyScan::on_sdp_line(std::string_view line) {
  if (line.starts_with("v=") || line.starts_with("m=")) found_.sdp = true;
  if (!sdp_) sdp_.emplace(hash_key_);
  sdp_->take(line);
}

void SipBodyScan::end_description(bool whole) {
  if (!sdp_) return;
  SdpSession session = sdp_->finish();
  sdp_.reset();
  found_.desktop_sharing = found_.desktop_sharing || session.desktop_sharing;
  for (const MediaDescription& media : session.media) {
    if (media.endpoint.port == 0) continue;  // rejected, or not in use (RFC 3264 section 6)
    if (!whole && &media == &session.media.back() && media.kind == MediaKind::video) continue;  // its label may be missing
    found_.message = found_.message || media.kind == MediaKind::message;
    found_.desktop_sharing = found_.desktop_sharing || media.desktop_sharing;
    const bool seen_or_heard = media.kind == MediaKind::audio || media.kind == MediaKind::video;
    found_.audio_or_video = found_.audio_or_video || (seen_or_heard && !media.desktop_sharing);
  }
  const bool kept = whole && !std::exchange(sdp_damaged_, false) && !session.media.empty();
  if (kept && found_.descriptions.size() < kMaxDescriptions) found_.descriptions.push_back(std::move(session));
}

}  // namespace sealtrace
