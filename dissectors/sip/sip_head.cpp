#include "dissectors/sip/sip_head.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "dissectors/sip/sip_fields.hpp"
#include "proto/text_head.hpp"
#include "wire/keyed_hash.hpp"

namespace sealtrace {
namespace {

enum class Field : std::uint8_t {
  other,
  via,
  from,
  to,
  call_id,
  cseq,
  contact,
  record_route,
  content_length,
  content_type,
  content_encoding,
  event,
  user_agent,
  server,
  authorization,
  challenge,
  session_id,
  charging_vector,
};

struct FieldName {
  std::string_view name;
  char compact;  ///< section 7.3.3; 0 for none
  Field field;
};

/// kFieldNames are sorted by length.
constexpr std::array<FieldName, 19> kFieldNames{{
    {"To", 't', Field::to},
    {"Via", 'v', Field::via},
    {"From", 'f', Field::from},
    {"CSeq", 0, Field::cseq},
    {"Event", 'o', Field::event},
    {"Server", 0, Field::server},
    {"Call-ID", 'i', Field::call_id},
    {"Contact", 'm', Field::contact},
    {"User-Agent", 0, Field::user_agent},
    {"Session-ID", 0, Field::session_id},
    {"Record-Route", 0, Field::record_route},
    {"Content-Type", 'c', Field::content_type},
    {"Authorization", 0, Field::authorization},
    {"Content-Length", 'l', Field::content_length},
    {"Content-Encoding", 'e', Field::content_encoding},
    {"WWW-Authenticate", 0, Field::challenge},
    {"P-Charging-Vector", 0, Field::charging_vector},
    {"Proxy-Authenticate", 0, Field::challenge},
    {"Proxy-Authorization", 0, Field::authorization},
}};
constexpr auto kLengthOfName = [](const FieldName& known) { return known.name.size(); };
static_assert(std::ranges::is_sorted(kFieldNames, {}, kLengthOfName));

/// kFirstOfLength gives the first of kFieldNames that is no shorter.
constexpr auto kFirstOfLength = [] {
  std::array<std::uint8_t, kFieldNames.back().name.size() + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length) {
    first[length] = static_cast<std::uint8_t>(std::ranges::lower_bound(kFieldNames, length, {}, kLengthOfName) - kFieldNames.begin());
  }
  return first;
}();

Field field_of(std::string_view name) {
  if (name.size() == 1) {
    const auto* found = std::ranges::find(kFieldNames, static_cast<char>(name.front() | 0x20), &FieldName::compact);
    return found == kFieldNames.end() ? Field::other : found->field;
  }
  if (name.size() + 1 >= kFirstOfLength.size()) return Field::other;
  for (std::size_t i = kFirstOfLength[name.size()]; i < kFirstOfLength[name.size() + 1]; ++i) {
    if (same_word(kFieldNames[i].name, name)) return kFieldNames[i].field;
  }
  return Field::other;
}

/// is_presence_event: RFC 3856 and its templates (presence.winfo, RFC 3857); [MS-PRES] section 2.2.2.5 for one's own presence.
bool is_presence_event(std::string_view value) {
  std::string_view rest = value;
  const std::string_view event = next_word(rest, ';');
  rest = event;
  return same_word(next_word(rest, '.'), "presence") || same_word(event, "vnd-microsoft-roaming-self");
}

/// may_carry_presence: the methods of presence (RFC 3265, RFC 3903; SERVICE and BENOTIFY: [MS-PRES]).
bool may_carry_presence(SipMethod method) {
  return method == SipMethod::subscribe || method == SipMethod::notify || method == SipMethod::publish || method == SipMethod::service ||
         method == SipMethod::benotify;
}

/// HeadReader folds fields into a SipHead.
class HeadReader {
 public:
  HeadReader(SipHead& head, std::uint64_t hash_key) : head_{head}, hash_key_{hash_key} {}

  void take(const TextField& field) {
    SipNames& names = head_.names;
    const Field kind = field_of(field.name);
    switch (kind) {
      case Field::via: return take_via(field.value);
      case Field::from: take_tag(field.value, head_.dialog.from_tag); return take_domain(kind, field.value, names.from_domain);
      case Field::to: take_tag(field.value, head_.dialog.to_tag); return take_domain(kind, field.value, names.to_domain);
      case Field::call_id: return take_call_id(field.value);
      case Field::cseq: return take_cseq(field.value);
      case Field::contact: return take_contact(field.value);
      case Field::record_route: return take_record_route(field.value);
      case Field::content_length: return take_content_length(field.value);
      case Field::content_type: return take_content_type(field.value);
      case Field::content_encoding: encoded_ = !same_word(field.value, "identity"); return;
      case Field::event: presence_event_ = presence_event_ || is_presence_event(field.value); return;
      case Field::user_agent: return take_product(head_.message.request, field.value);
      case Field::server: return take_product(!head_.message.request, field.value);
      case Field::authorization:
        if (carries_sip_credential(field.value)) head_.credentials.add(sip_authentication_scheme(field.value));
        return;
      case Field::challenge: head_.offers.add(sip_authentication_scheme(field.value)); return;
      case Field::session_id: return take_session_id(field.value);
      case Field::charging_vector: return take_charging_vector(field.value);
      case Field::other: return take_other(field);
    }
  }

  void finish() {
    SipMessage& message = head_.message;
    constexpr unsigned kMandatory = 1U << static_cast<unsigned>(Field::via) | 1U << static_cast<unsigned>(Field::from) |
                                    1U << static_cast<unsigned>(Field::to) | 1U << static_cast<unsigned>(Field::call_id) |
                                    1U << static_cast<unsigned>(Field::cseq);
    head_.complete = (seen_ & kMandatory) == kMandatory;
    const bool text_in_invite = message.method == SipMethod::invite && head_.body.kind == SipBodyKind::text;
    message.instant_message = message.method == SipMethod::message || text_in_head_ || text_in_invite;
    message.presence = may_carry_presence(message.method) && (presence_event_ || head_.body.kind == SipBodyKind::presence);
    if (encoded_) head_.body = {};  // its lines cannot be read
  }

 private:
  /// first notes that a field was seen and tells whether it was the first of its kind.
  bool first(Field field) {
    const unsigned bit = 1U << static_cast<unsigned>(field);
    const bool is_first = (seen_ & bit) == 0;
    seen_ |= bit;
    return is_first;
  }

  void take_domain(Field field, std::string_view value, std::string_view& domain) {
    if (first(field)) domain = parse_sip_uri(sip_uri_of(value)).host;
  }
  void take_via(std::string_view value) {
    first(Field::via);
    while (!value.empty() && !head_.names.via.full()) {
      const auto hop = parse_sip_via(next_sip_element(value));
      if (!hop) continue;
      head_.names.via.push_back(*hop);
      ++head_.message.num_vias;
      head_.message.via_transports.set(static_cast<std::size_t>(hop->transport));
    }
  }
  void take_record_route(std::string_view value) {
    while (!value.empty() && !head_.names.record_route.full()) {
      const SipUri uri = parse_sip_uri(sip_uri_of(next_sip_element(value)));
      if (uri.sip) head_.names.record_route.push_back({.transport = uri.transport, .sips = uri.sips, .host = uri.host});
    }
  }
  void take_contact(std::string_view value) {
    for (std::size_t i = 0; !value.empty() && i < kMaxSipHops; ++i) {
      const SipUri uri = parse_sip_uri(sip_uri_of(next_sip_element(value)));
      head_.message.sips_contact = head_.message.sips_contact || uri.sips;
      if (head_.names.contact_host.empty() && uri.sip) head_.names.contact_host = uri.host;
    }
  }
  void take_call_id(std::string_view value) {
    if (first(Field::call_id)) head_.dialog.call_id = OpaqueHash{keyed_hash(as_bytes(value), hash_key_)};
  }
  /// take_tag reads the tag behind a name-addr or addr-spec (section 20.20).
  void take_tag(std::string_view value, OpaqueHash& tag) {
    const std::size_t bracket = value.rfind('>');
    const std::string_view behind = bracket == std::string_view::npos ? value : value.substr(bracket);
    const auto text = sip_tag(behind);
    if (tag == OpaqueHash{} && text) tag = OpaqueHash{keyed_hash(as_bytes(*text), hash_key_)};
  }
  /// take_session_id takes the sender's half (RFC 7989 section 5): a UUID of 32 digits. One of zeros stands for none.
  void take_session_id(std::string_view value) {
    constexpr std::size_t kUuidDigits = 32;
    const std::string_view uuid = trimmed(next_word(value, ';'));
    if (!first(Field::session_id) || uuid.size() != kUuidDigits || uuid.find_first_not_of('0') == std::string_view::npos) return;
    head_.dialog.session_id = OpaqueHash{keyed_hash(as_bytes(uuid), hash_key_)};
  }
  /// take_charging_vector takes icid-value (RFC 7315 section 5.6).
  void take_charging_vector(std::string_view value) {
    if (!first(Field::charging_vector)) return;
    std::string parameters{";"};
    parameters += value;
    const auto icid = sip_parameter(parameters, "icid-value");
    if (icid && !icid->empty()) head_.dialog.charging_id = OpaqueHash{keyed_hash(as_bytes(*icid), hash_key_)};
  }
  void take_cseq(std::string_view value) {
    if (!first(Field::cseq)) return;
    std::string_view rest = value;
    head_.dialog.cseq = decimal(next_word(rest, ' ')).value_or(0);
    if (head_.message.request) return;
    const std::size_t space = value.find_last_of(" \t\r\n");
    if (space != std::string_view::npos) head_.message.method = sip_method(value.substr(space + 1));
  }
  void take_content_length(std::string_view value) {
    SipContentLength& length = head_.content_length;
    const auto bytes = decimal(value);
    length.malformed = length.malformed || !bytes || *bytes > kMaxSipBodyBytes || (length.present && *bytes != length.bytes);
    length.present = true;
    if (bytes) length.bytes = *bytes;
  }
  void take_content_type(std::string_view value) {
    if (!first(Field::content_type)) return;
    head_.body = sip_body_type(value);
    if (sip_parameter(value, "ms-body")) text_in_head_ = true;
  }
  void take_product(bool wanted, std::string_view value) {
    if (wanted && head_.names.product.empty()) head_.names.product = value;
  }
  /// take_other looks for text that travels in a field: ms-text-format and its kin ([MS-CONFIM]).
  void take_other(const TextField& field) {
    if (same_word(field.name.substr(0, 3), "ms-") && sip_parameter(field.value, "ms-body")) text_in_head_ = true;
  }

  SipHead& head_;
  std::uint64_t hash_key_;
  unsigned seen_ = 0;
  bool encoded_ = false;
  bool presence_event_ = false;
  bool text_in_head_ = false;
};

/// begin puts the start line into a head.
void begin(SipHead& head, const SipStartLine& start) {
  head.message.request = start.request;
  head.message.method = start.method;
  head.message.status = start.status;
  if (!start.request) return;
  const SipUri uri = parse_sip_uri(start.request_uri);
  head.message.sips_request_uri = uri.sips;
  head.names.request_domain = uri.host;
}

/// read_head folds what `text` gives into a head in place: it is large.
Parsed<SipHead> read_head(TextHeadReader text, std::uint64_t hash_key) {
  Parsed<SipHead> head;
  const auto start = parse_sip_start_line(text.start_line());
  if (start) begin(*head, *start);
  HeadReader reader{*head, hash_key};
  while (const auto field = text.next()) reader.take(*field);
  if (start && !text.error()) {
    reader.finish();
    head->length = text.length();
  } else {
    head = std::unexpected(text.error() ? *text.error() : start.error());
  }
  return head;
}

}  // namespace

std::size_t find_sip_head_end(Bytes bytes, std::size_t from) {
  const std::string_view text = as_text(bytes);
  for (std::size_t end = text.find('\n', from); end != std::string_view::npos; end = text.find('\n', end + 1)) {
    const std::string_view next = text.substr(end + 1);
    if (next.starts_with('\n')) return end + 2;
    if (next.starts_with("\r\n")) return end + 3;
  }
  return 0;
}

Parsed<SipHead> parse_sip_head(Bytes bytes, std::uint64_t hash_key) { return read_head(TextHeadReader{bytes}, hash_key); }

Parsed<SipHead> parse_sip_head_cut(Bytes bytes, std::uint64_t hash_key) {
  const std::size_t end = as_text(bytes).rfind('\n');
  if (end == std::string_view::npos)
    return std::unexpected(ParseError{.code = ParseErrorCode::truncated, .offset = bytes.size(), .field = "start-line"});
  auto head = read_head(TextHeadReader{bytes.first(end + 1), TextHeadEnd::any_line}, hash_key);
  if (head) head->length = 0;
  return head;
}

Parsed<SipHead> parse_sip_start(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos)
    return std::unexpected(ParseError{.code = ParseErrorCode::need_more, .offset = bytes.size(), .field = "start-line"});
  const auto start = parse_sip_start_line(text.substr(0, end));
  if (!start) return std::unexpected(start.error());
  SipHead head;
  begin(head, *start);
  head.message.instant_message = head.message.method == SipMethod::message;
  return head;
}

void add_sip_findings(SipMessage& message, const SipBodyFindings& findings) {
  message.sdp = message.sdp || findings.sdp;
  message.instant_message = message.instant_message || findings.message;
  message.call = message.call || findings.audio_or_video;
  message.desktop_sharing = message.desktop_sharing || findings.desktop_sharing;
  message.presence = message.presence || (findings.presence && may_carry_presence(message.method));
}

}  // namespace sealtrace
