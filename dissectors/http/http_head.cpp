#include "dissectors/http/http_head.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "dissectors/http/http_form.hpp"
#include "proto/text_head.hpp"
#include "wire/keyed_hash.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kMaxMethodBytes = 16;
constexpr std::size_t kMaxUpgradeBytes = 32;
constexpr std::size_t kMaxProductBytes = 128;
constexpr std::size_t kMaxHostBytes = 255;  // RFC 1035 section 2.3.4

struct Method {
  std::string_view name;
  StaticText request;
};

/// kMethods (IANA "HTTP Method Registry"; RPC over HTTP: [MS-RPCH]; BITS: [MC-BUP]; the rest: RFC 4918, RFC 3253, SSDP's kin by use). The
/// first entry stands for all others.
constexpr std::array kMethods{
    Method{"", "request"},
    Method{"GET", "GET request"},
    Method{"HEAD", "HEAD request"},
    Method{"POST", "POST request"},
    Method{"PUT", "PUT request"},
    Method{"DELETE", "DELETE request"},
    Method{"CONNECT", "CONNECT request"},
    Method{"OPTIONS", "OPTIONS request"},
    Method{"TRACE", "TRACE request"},
    Method{"PATCH", "PATCH request"},
    Method{"PROPFIND", "PROPFIND request"},
    Method{"PROPPATCH", "PROPPATCH request"},
    Method{"MKCOL", "MKCOL request"},
    Method{"COPY", "COPY request"},
    Method{"MOVE", "MOVE request"},
    Method{"LOCK", "LOCK request"},
    Method{"UNLOCK", "UNLOCK request"},
    Method{"SEARCH", "SEARCH request"},
    Method{"REPORT", "REPORT request"},
    Method{"SUBSCRIBE", "SUBSCRIBE request"},
    Method{"NOTIFY", "NOTIFY request"},
    Method{"POLL", "POLL request"},
    Method{"RPC_IN_DATA", "RPC_IN_DATA request"},
    Method{"RPC_OUT_DATA", "RPC_OUT_DATA request"},
    Method{"BITS_POST", "BITS_POST request"},
    Method{"CCM_POST", "CCM_POST request"},
};
constexpr std::size_t kResponse = kMethods.size();              ///< the bit of "response"
constexpr std::size_t kConferenceControl = kResponse + 1;       ///< the bit of a request with C3P; that of a response follows
constexpr std::size_t kAskedWithBody = kConferenceControl + 2;  ///< the bit of a GET or HEAD request with a body
static_assert(kAskedWithBody < 64);

std::size_t method_index(std::string_view name) {
  const auto found = std::ranges::find(kMethods, name, &Method::name);
  return found == kMethods.end() ? 0 : static_cast<std::size_t>(found - kMethods.begin());
}

/// printable gives text as sent, at most `max_bytes` of it; octets that are not printable ASCII become '?'.
std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string kept{text.substr(0, max_bytes)};
  std::ranges::replace_if(kept, [](char c) { return c < ' ' || c > '~'; }, '?');
  return kept;
}

/// host_of takes the host out of an authority: without user information, which may be a credential, and without port (RFC 3986
/// section 3.2).
std::string host_of(std::string_view authority) {
  authority = authority.substr(0, authority.find_first_of("/?# \t"));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return lower_case(authority.substr(0, colon), kMaxHostBytes);
}

/// carries_password tells user information with a password (RFC 3986 section 3.2.1), as gateways to other protocols are sent it.
bool carries_password(std::string_view authority) {
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  return at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos;
}

}  // namespace

void HttpHead::add_method(std::string_view method) {
  message.request = true;
  message.method = printable(method, kMaxMethodBytes);
  message.connect = method == "CONNECT";
}

void HttpHead::add_path(std::string_view path) {
  clue_ = http_path_clue(path);
  add_query(path);
}

void HttpHead::add_query(std::string_view path) {
  path = path.substr(0, path.find('#'));
  const std::size_t begin = path.find('?');
  if (begin == std::string_view::npos) return;
  const std::string_view query = path.substr(begin + 1);
  if (find_password_field(query)) credentials |= scheme_bit(AuthenticationScheme::form);
  if (find_token_field(query)) credentials |= scheme_bit(AuthenticationScheme::bearer);
}

void HttpHead::add_authority(std::string_view authority) {
  message.host = host_of(authority);
  host_is_final_ = true;
  if (carries_password(authority)) credentials |= scheme_bit(AuthenticationScheme::other);
}

void HttpHead::set_request(std::string_view method, std::string_view request_target) {
  add_method(method);
  if (message.connect) return add_authority(request_target);
  add_path(request_target);
  const std::size_t scheme = request_target.find("://");
  if (!request_target.starts_with('/') && scheme != std::string_view::npos) add_authority(request_target.substr(scheme + 3));
}

void HttpHead::set_status(std::uint16_t status) {
  message.request = false;
  message.status = status;
}

void HttpHead::add_request_field(std::string_view name, std::string_view value) {
  const auto is = [&](std::string_view field) { return same_word(field, name); };
  if (is("Host")) {
    if (!host_is_final_) message.host = host_of(value);
  } else if (is("User-Agent")) {
    message.product = printable(value, kMaxProductBytes);
  } else if (is("Cookie")) {
    if (!value.empty()) credentials |= scheme_bit(AuthenticationScheme::cookie);
  } else if (is("Authorization") || is("Proxy-Authorization")) {
    credentials |= scheme_bit(http_credential_scheme(value));
  } else if (is("X-MS-WebTicket")) {  // [MS-OCAUTHWS]: a web ticket is whose it is, as a bearer token
    if (!value.empty()) credentials |= scheme_bit(AuthenticationScheme::bearer);
  } else if (is("Content-Length")) {
    has_body |= value.find_first_not_of('0') != std::string_view::npos;
  } else if (is("Transfer-Encoding")) {
    has_body = true;
  }
}

void HttpHead::add_field(std::string_view name, std::string_view value) {
  const auto is = [&](std::string_view field) { return same_word(field, name); };  // of another length: one comparison
  if (is("Upgrade")) {
    message.upgrade = lower_case(next_word(value, ','), kMaxUpgradeBytes);
  } else if (is("Content-Type")) {
    content_ = http_content_class(value);
    std::string_view rest = value;
    const std::string_view type = next_word(rest, ';');
    form = same_word(type, "application/x-www-form-urlencoded");
    conference_control = same_word(type, "application/cccp+xml");
  } else if (message.request) {
    add_request_field(name, value);
  } else if (is("Server")) {
    message.product = printable(value, kMaxProductBytes);
  } else if (is("Location")) {
    location_is_https_ = !location_elsewhere_ && same_word(value.substr(0, 6), "https:");
    location_elsewhere_ = !location_is_https_;  // of two, a client may follow either
  } else if (is("WWW-Authenticate") || is("Proxy-Authenticate")) {
    offers |= http_challenge_schemes(value);
  }
}

void HttpHead::complete() {
  message.path = message.request ? http_path_class(clue_, content_, message.host) : content_;
  // 304 and its kin are no redirects, whatever Location says (RFC 9110 section 15.4).
  constexpr std::array<std::uint16_t, 5> kRedirects{301, 302, 303, 307, 308};
  message.redirect_to_https = location_is_https_ && std::ranges::find(kRedirects, message.status) != kRedirects.end();
}

StaticText http_clear_text(const HttpMessage& message) {
  return message.request ? kMethods[method_index(message.method)].request : "response";
}

HttpReporter::Novelty HttpReporter::novelty_of(std::string_view octets) {
  const std::uint64_t hash = keyed_hash(as_bytes(octets), hash_key_);
  if (std::ranges::find(told_, hash) != told_.end()) return Novelty::known;
  if (told_.size() == kMaxMessagesTold) return std::exchange(budget_told_, true) ? Novelty::known : Novelty::too_many;
  told_.push_back(hash);
  return Novelty::first;
}

void HttpReporter::report(const HttpHead& head, const Chunk& chunk, std::size_t offset, std::size_t length, FactSink& facts) {
  const HttpMessage& message = head.message;
  const auto state = [&](FactBody fact) { facts.report(chunk.fact(std::move(fact), offset, length)); };
  const std::uint64_t clear = std::uint64_t{1} << (message.request ? method_index(message.method) : kResponse);
  if ((clear_ & clear) == 0) state(ReadInClear{.protocol = "http", .what = http_clear_text(message)});
  clear_ |= clear;
  // Their bodies mean nothing (RFC 9110 sections 9.3.1 and 9.3.2), and yet are sent.
  const bool asks = message.method == "GET" || message.method == "HEAD";
  if (asks && head.has_body && first_time(clear_, kAskedWithBody))
    state(ReadInClear{.protocol = "http", .what = "GET request with a body"});
  const std::uint64_t control = std::uint64_t{1} << (kConferenceControl + (message.request ? 0U : 1U));
  if (head.conference_control && (clear_ & control) == 0) {
    clear_ |= control;
    state(
        ReadInClear{.protocol = "c3p", .what = message.request ? StaticText{"conference control request"} : "conference control response"});
  }

  std::string kind = message.request ? message.method + ' ' + message.host : std::to_string(message.status);
  kind += {' ', static_cast<char>('a' + static_cast<int>(message.path)), message.redirect_to_https ? 'y' : 'n', ' '};
  kind += message.upgrade;
  switch (novelty_of(kind)) {
    case Novelty::known: break;
    case Novelty::first: state(message); break;
    case Novelty::too_many: facts.report(chunk.fact(BudgetExceeded{.budget = "http_messages_per_flow"}, offset, length)); break;
  }

  const auto each = [&](SchemeSet schemes, SchemeSet& known, auto make) {
    for (SchemeSet rest = schemes & ~known; rest != 0; rest &= rest - 1) {
      state(make(static_cast<AuthenticationScheme>(std::countr_zero(rest))));
    }
    known |= schemes;
  };
  each(head.credentials, credentials_, [](AuthenticationScheme scheme) { return CredentialSent{.scheme = scheme}; });
  each(head.offers, offers_, [](AuthenticationScheme scheme) { return AuthenticationOffered{.scheme = scheme}; });
}

void HttpReporter::credential(AuthenticationScheme scheme, const Chunk& chunk, std::size_t offset, std::size_t length, FactSink& facts) {
  if ((credentials_ & scheme_bit(scheme)) != 0) return;
  credentials_ |= scheme_bit(scheme);
  facts.report(chunk.fact(CredentialSent{.scheme = scheme}, offset, length));
}

void HttpReporter::upgrade(UpgradePhase phase, const Chunk& chunk, std::size_t offset, std::size_t length, FactSink& facts) {
  const auto step = static_cast<std::uint8_t>(1U << static_cast<unsigned>(phase));
  if ((steps_ & step) != 0) return;
  steps_ |= step;
  facts.report(chunk.fact(UpgradeStep{.dialect = "http", .phase = phase}, offset, length));
}

}  // namespace sealtrace
