#include "dissectors/signatures/text_stream.hpp"

#include <algorithm>
#include <array>

#include "proto/text_head.hpp"
#include "proto/tls_ahead.hpp"

namespace sealtrace {
namespace {

constexpr std::array<StaticText, 4> kNames{"smtp", "ftp", "imap", "pop3"};

bool is_verb(std::string_view word, std::string_view upper_case) { return same_word(word, upper_case); }

/// scheme_of names a SASL mechanism (IANA "SASL Mechanisms").
AuthenticationScheme scheme_of(std::string_view mechanism) {
  struct Known {
    std::string_view prefix;
    AuthenticationScheme scheme;
  };
  constexpr std::array kKnown{Known{"plain", AuthenticationScheme::sasl_plain},
                              Known{"login", AuthenticationScheme::sasl_login},
                              Known{"digest-md5", AuthenticationScheme::sasl_digest_md5},
                              Known{"cram-md5", AuthenticationScheme::sasl_cram_md5},
                              Known{"scram-", AuthenticationScheme::sasl_scram},
                              Known{"external", AuthenticationScheme::sasl_external},
                              Known{"gss", AuthenticationScheme::sasl_gssapi},
                              Known{"anonymous", AuthenticationScheme::sasl_anonymous},
                              Known{"ntlm", AuthenticationScheme::ntlm},
                              Known{"xoauth", AuthenticationScheme::bearer},
                              Known{"oauthbearer", AuthenticationScheme::bearer}};
  constexpr std::size_t kMaxMechanismBytes = 20;  // RFC 4422 section 3.1
  const std::string name = lower_case(mechanism, kMaxMechanismBytes);
  const auto known = std::ranges::find_if(kKnown, [&](const Known& candidate) { return name.starts_with(candidate.prefix); });
  return known == kKnown.end() ? AuthenticationScheme::other : known->scheme;
}

/// is_opening tells the commands that come before any protection and say nothing of use: what each can do, and how to leave.
bool is_opening(std::string_view verb) {
  constexpr std::array<std::string_view, 11> kOpening{"EHLO",   "HELO", "FEAT", "CAPABILITY", "CAPA", "ID",
                                                      "LOGOUT", "NOOP", "RSET", "STARTTLS",   "QUIT"};
  return std::ranges::any_of(kOpening, [&](std::string_view word) { return is_verb(verb, word); });
}

bool is_code(std::string_view line) { return line.size() >= 3 && decimal(line.substr(0, 3)).has_value(); }

}  // namespace

StaticText TextStream::name() const { return kNames[static_cast<std::size_t>(protocol_)]; }

Progress TextStream::on_stream(const Chunk& chunk, FactSink& facts) {
  if (finished_) return side_done(chunk);
  const bool client = chunk.sender == Side::initiator;
  if (client && awaiting_) return wait_for(chunk.bytes.size() + 1);
  const TlsAhead ahead = tls_ahead(chunk.bytes);
  if (ahead == TlsAhead::need_more) return wait_for(chunk.bytes.size() + 1);
  if (ahead != TlsAhead::no) return {.consumed = 0, .need = 1, .done = false, .hand_over = true};
  const std::size_t end = as_text(chunk.bytes.first(std::min(chunk.bytes.size(), kMaxTextLineBytes))).find('\n');
  if (end == std::string_view::npos) {
    if (chunk.bytes.size() < kMaxTextLineBytes) return wait_for(chunk.bytes.size() + 1);
    finished_ = true;
    return side_done(chunk);
  }
  const std::string_view line = trimmed(as_text(chunk.bytes.first(end)));
  read_bytes_ += end + 1;
  finished_ = read_bytes_ > kMaxTextBytes;
  const Chunk only_line{.sender = chunk.sender, .bytes = chunk.bytes.first(end + 1), .cut = false, .origin = chunk.origin};
  if (client) {
    on_command(line, only_line, facts);
  } else if (on_reply(line, only_line, facts)) {
    return {.consumed = end + 1, .need = 1, .done = false, .hand_over = true};
  }
  return {.consumed = end + 1};
}

void TextStream::on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t /*skipped*/, FactSink& facts) {
  finished_ = true;  // which reply answers which command is no longer known
  facts.report(
      {.body = StreamGap{.missing_bytes = missing_bytes, .within_handshake = awaiting_}, .sender = sender, .time = {}, .evidence = {}});
}

void TextStream::on_command(std::string_view line, const Chunk& chunk, FactSink& facts) {
  ++num_unanswered_;
  std::string_view rest = line;
  const std::string_view tag = protocol_ == TextProtocol::imap ? next_word(rest, ' ') : std::string_view{};
  const std::string_view verb = next_word(rest, ' ');
  asked_for_list_ = asks_for_list(verb);
  list_begun_ = false;
  const bool ftp = protocol_ == TextProtocol::ftp;
  const bool asks = ftp ? is_verb(verb, "AUTH") && (is_verb(rest, "TLS") || is_verb(rest, "SSL") || is_verb(rest, "TLS-C"))
                        : is_verb(verb, protocol_ == TextProtocol::pop3 ? "STLS" : "STARTTLS");
  const bool opening = asks || is_opening(verb) || (protocol_ == TextProtocol::pop3 && is_verb(verb, "AUTH") && rest.empty());
  once_.clear(name(), opening ? StaticText{"opening command"} : "command", chunk, chunk.bytes.size(), facts);
  if (asks) {
    constexpr std::size_t kMaxTagBytes = 64;
    tag_ = tag.substr(0, kMaxTagBytes);
    awaiting_ = true;
    return step(UpgradePhase::requested, chunk, facts);
  }
  if (protocol_ == TextProtocol::smtp && is_verb(verb, "MAIL")) {
    once_.clear(name(), "mail transaction", chunk, chunk.bytes.size(), facts);
    finished_ = true;
    return;
  }
  on_credential(verb, rest, chunk, facts);
}

void TextStream::on_credential(std::string_view verb, std::string_view rest, const Chunk& chunk, FactSink& facts) {
  if (is_verb(verb, "USER")) anonymous_ = is_verb(rest, "anonymous") || is_verb(rest, "ftp");
  AuthenticationScheme scheme = AuthenticationScheme::other;
  if (is_verb(verb, "AUTH") || is_verb(verb, "AUTHENTICATE")) {
    if (rest.empty()) return;  // POP3 lists mechanisms
    scheme = scheme_of(next_word(rest, ' '));
  } else if (!is_verb(verb, "PASS") && !is_verb(verb, "APOP") && !(protocol_ == TextProtocol::imap && is_verb(verb, "LOGIN"))) {
    return;
  } else if (anonymous_) {
    scheme = AuthenticationScheme::sasl_anonymous;
  }
  once_.credential(scheme, chunk, chunk.bytes.size(), facts);
  finished_ = true;
}

bool TextStream::is_last_line(std::string_view line) const {
  switch (protocol_) {
    case TextProtocol::smtp:
    case TextProtocol::ftp: return is_code(line) && (line.size() == 3 || line[3] == ' ');
    case TextProtocol::pop3: return line.starts_with("+OK") || line.starts_with("-ERR");
    case TextProtocol::imap: return awaiting_ && line.size() > tag_.size() && line.starts_with(tag_) && line[tag_.size()] == ' ';
  }
  return false;
}

bool TextStream::accepts(std::string_view line) const {
  switch (protocol_) {
    case TextProtocol::smtp: return line.starts_with("220");
    case TextProtocol::ftp: return line.starts_with("234");
    case TextProtocol::pop3: return line.starts_with("+OK");
    case TextProtocol::imap: return same_word(line.substr(tag_.size() + 1, 2), "OK");
  }
  return false;
}

/// offers says whether a line of a reply, in lower case, names the upgrade.
bool TextStream::offers(std::string_view line) const {
  switch (protocol_) {
    case TextProtocol::smtp: return is_code(line) && line.size() > 4 && line.substr(4) == "starttls";
    case TextProtocol::ftp:  // one line may list several mechanisms
      return line.starts_with("auth ") && (line.find("tls") != std::string_view::npos || line.find("ssl") != std::string_view::npos);
    case TextProtocol::imap: return line.find(" starttls") != std::string_view::npos && line.find("capability") != std::string_view::npos;
    case TextProtocol::pop3: return line == "stls";
  }
  return false;
}

/// asks_for_list tells the command whose answer names all that the server has (RFC 5321 section 4.1.1.1, RFC 2389, RFC 2449). IMAP lists
/// unasked too.
bool TextStream::asks_for_list(std::string_view verb) const {
  switch (protocol_) {
    case TextProtocol::smtp: return is_verb(verb, "EHLO");
    case TextProtocol::ftp: return is_verb(verb, "FEAT");
    case TextProtocol::imap: return false;
    case TextProtocol::pop3: return is_verb(verb, "CAPA");
  }
  return false;
}

/// ends_list takes each line of the server, in lower case, behind the reply that it may complete: true where a whole list ends with it.
bool TextStream::ends_list(std::string_view line) {
  if (protocol_ == TextProtocol::imap) {  // whoever is logged in already (PREAUTH) is offered no TLS any more
    return line.starts_with("* capability ") || (line.starts_with("* ok [capability ") && line.find(']') != std::string_view::npos);
  }
  if (!asked_for_list_ || awaiting_) return false;
  const bool answered = num_unanswered_ == 0;
  const bool in_list = list_begun_;
  if (protocol_ == TextProtocol::ftp) list_begun_ |= num_unanswered_ == 1 && line.starts_with("211-");
  if (protocol_ == TextProtocol::pop3) list_begun_ = answered && (in_list ? line != "." : line.starts_with("+ok"));
  const bool ends = protocol_ == TextProtocol::pop3 ? in_list && !list_begun_ : answered;
  asked_for_list_ = !ends && (!answered || list_begun_);
  if (!ends) return false;
  return protocol_ == TextProtocol::smtp ? line.starts_with("250") : in_list;
}

bool TextStream::on_reply(std::string_view line, const Chunk& chunk, FactSink& facts) {
  once_.clear(name(), "greeting", chunk, chunk.bytes.size(), facts);
  const std::string folded = lower_case(line, kMaxTextLineBytes);
  if (!offered_ && offers(folded)) {
    offered_ = true;
    step(UpgradePhase::offered, chunk, facts);
  }
  const bool in_list = protocol_ == TextProtocol::pop3 && list_begun_;
  const bool last = !in_list && is_last_line(line);
  if (last && num_unanswered_ != 0) --num_unanswered_;
  if (ends_list(folded) && !offered_ && !once_.said("no-upgrade", chunk.sender))
    facts.report(chunk.fact(UpgradeAbsent{.dialect = name()}, 0, chunk.bytes.size()));
  if (!last) return false;
  if (!awaiting_ || (protocol_ != TextProtocol::imap && num_unanswered_ != 0)) return false;
  awaiting_ = false;
  const bool accepted = accepts(line);
  step(accepted ? UpgradePhase::accepted : UpgradePhase::refused, chunk, facts);
  return accepted;
}

void TextStream::step(UpgradePhase phase, const Chunk& chunk, FactSink& facts) {
  once_.report(kUpgradePhaseNames[static_cast<std::size_t>(phase)], UpgradeStep{.dialect = name(), .phase = phase}, chunk, 0,
               chunk.bytes.size(), facts);
}

}  // namespace sealtrace
