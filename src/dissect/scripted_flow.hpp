// ScriptedFlow: what the tests of dissectors of application protocols share. It feeds a session as the flow layer does, a stream in
// pieces of any size, and tells its facts in words. Only tests include it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dissect/session.hpp"

namespace sealtrace::testing {

/// Said is what one side sends next: octets of a stream, or one datagram.
struct Said {
  Side sender = Side::initiator;
  std::string octets;
};

inline Said from_client(std::string octets) { return {.sender = Side::initiator, .octets = std::move(octets)}; }
inline Said from_server(std::string octets) { return {.sender = Side::responder, .octets = std::move(octets)}; }

/// InWords tells an application fact by its kind and what a table of expectations compares.
struct InWords {
  template <typename... Parts>
  static std::string say(std::string_view name, const Parts&... parts) {
    std::string words{name};
    ((words += ' ', words += parts), ...);
    return words;
  }
  std::string operator()(const ReadInClear& f) const { return say("clear", f.protocol, f.what); }
  std::string operator()(const CredentialSent& f) const { return say("credential", to_string(f.scheme)); }
  std::string operator()(const AuthenticationOffered& f) const { return say("offered", to_string(f.scheme)); }
  std::string operator()(const UpgradeStep& f) const {
    return say("upgrade", f.dialect, kUpgradePhaseNames[static_cast<std::size_t>(f.phase)]);
  }
  std::string operator()(const UpgradeAbsent& f) const { return say("no-upgrade", f.dialect); }
  std::string operator()(const OtherProtection& f) const { return say("protected", f.protocol, f.how); }
  std::string operator()(const SipMessage& f) const {
    return f.request ? say("sip", kSipMethodNames[static_cast<std::size_t>(f.method)]) : say("sip", std::to_string(f.status));
  }
  std::string operator()(const HttpMessage& f) const {
    return f.request ? say("http", f.method, kHttpPathClassNames[static_cast<std::size_t>(f.path)]) : say("http", std::to_string(f.status));
  }
  std::string operator()(const XmppStream& f) const { return say("xmpp", f.server_to_server ? "s2s" : "c2s", f.from, f.to); }
  std::string operator()(const DnsAnswer& f) const {
    return say("dns", f.names.owner(), f.has_address ? f.address.to_string() : std::string{f.names.target()}, std::to_string(f.port));
  }
  std::string operator()(const StunSeen& f) const {
    return say("stun", kStunFlavourNames[static_cast<std::size_t>(f.flavour)], std::to_string(f.method), std::to_string(f.message_class));
  }
  std::string operator()(const TransportAddressLearned& f) const {
    return say("address", kTransportAddressKindNames[static_cast<std::size_t>(f.kind)], f.endpoint.address.to_string(),
               std::to_string(f.endpoint.port));
  }
  std::string operator()(const RtpSourceSeen& f) const {
    return say("rtp", std::to_string(f.ssrc), std::to_string(f.num_packets), std::to_string(f.payload_types[0]));
  }
  std::string operator()(const RtcpSeen& f) const { return say("rtcp", std::to_string(f.num_packets)); }
  std::string operator()(const MediaVerdict& f) const {
    const std::array<std::string_view, 3> names{"undecided", "clear", "encrypted"};
    return say("media", std::to_string(f.ssrc), names[static_cast<std::size_t>(f.protection)], std::to_string(f.decided_after_packets));
  }
  std::string operator()(const QuicSeen& f) const {
    return say("quic", std::to_string(f.version), f.retry ? "retry" : f.version_negotiation ? "negotiation" : "begun");
  }
  std::string operator()(const SessionDescribed& f) const { return say("describes", std::to_string(f.media.size())); }
  std::string operator()(const SmbSessionSeen& f) const {
    return say("smb", std::to_string(f.dialect), f.encrypt_data ? "encrypted" : "clear");
  }
  std::string operator()(const TdsPrelogin& f) const { return say("tds", std::to_string(static_cast<int>(f.encryption))); }
  std::string operator()(const HeldOf<SessionFacts> auto&) const { return {}; }
};
inline std::string in_words(const FactBody& fact) { return std::visit(InWords{}, fact); }

/// ScriptedFlow collects what a session reports. `facts` are all of them, `words` the application facts but session descriptions, and the
/// unreadable messages, each with "c " or "s " for its sender.
class ScriptedFlow final : public FactSink {
 public:
  explicit ScriptedFlow(const Dissector& dissector, std::uint64_t hash_key = 7) : ScriptedFlow{dissector, Services{.hash_key = hash_key}} {}
  ScriptedFlow(const Dissector& dissector, const Services& services)
      : services_{std::make_unique<Services>(services)}, session_{dissector.open(*services_)} {}

  /// stream feeds each Said in pieces of at most `piece_bytes`; stops at a hand-over.
  ScriptedFlow& stream(const std::vector<Said>& script, std::size_t piece_bytes = 0xFFFFFFFF) {
    for (const Said& said : script) {
      for (std::size_t at = 0; at < said.octets.size() && !handed_over; at += std::min(piece_bytes, said.octets.size() - at)) {
        feed(said.sender, std::string_view{said.octets}.substr(at, piece_bytes));
      }
    }
    return *this;
  }
  ScriptedFlow& datagrams(const std::vector<Said>& script) {
    for (const Said& said : script) {
      ++frame_;
      const Place origin{*this, 0};
      answers.push_back(session_->on_datagram(chunk(said.sender, said.octets, origin), *this));
    }
    return *this;
  }
  ScriptedFlow& gap(Side sender, std::uint64_t missing_bytes) {
    pending_[index(sender)].clear();
    need_[index(sender)] = 1;
    // What the session asked to skip is not missed.
    const std::uint64_t skipped = std::min(skip_[index(sender)], missing_bytes);
    skip_[index(sender)] -= skipped;
    if (skipped < missing_bytes) session_->on_gap(sender, missing_bytes, skipped, *this);
    return *this;
  }
  ScriptedFlow& end() {
    session_->on_end(*this);
    return *this;
  }

  void report(Fact fact) override {
    const std::string sender = fact.sender == Side::initiator ? "c " : "s ";
    const bool described = fact_if<SessionDescribed>(&fact.body) != nullptr;
    if (is_application_fact(fact.body) && !described) words.push_back(sender + in_words(fact.body));
    if (const auto* unreadable = fact_if<MessageUnreadable>(&fact.body))
      words.push_back(sender + (unreadable->malformed ? "malformed " : "unreadable ") + std::string{unreadable->field});
    facts.push_back(std::move(fact));
  }
  void claim(std::uint32_t num_datagrams) override { num_claimed += num_datagrams; }
  void carried(const Chunk& datagram, std::uint32_t channel) override {
    inside.emplace_back(channel, std::string{as_text(datagram.bytes)});
  }

  void wrapped(const Chunk& chunk) override { unwrapped[index(chunk.sender)] += as_text(chunk.bytes); }
  void wrapped_gap(Side sender, std::uint64_t /*missing_bytes*/) override { unwrapped[index(sender)] += "<gap>"; }

  std::vector<Fact> facts;
  std::vector<std::string> words;
  std::string unwrapped[2];                                   ///< the streams that the session took out of its messages
  std::vector<std::pair<std::uint32_t, std::string>> inside;  ///< datagrams handed back to the registry
  std::vector<Datagram> answers;
  std::uint32_t num_claimed = 0;  ///< datagrams that the session answered with not_mine and took for its own later
  bool handed_over = false;
  bool done[2] = {false, false};
  std::string left_over[2];       ///< what was not consumed when the session handed over
  std::uint16_t server_port = 0;  ///< of the responder, for sessions that take ports as a hint
  bool cut = false;               ///< the capture cut the datagrams that follow

 private:
  struct Place final : Origin {
    Place(const ScriptedFlow& flow, std::size_t base) : flow_{flow}, base_{base} {}
    [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
      return {.capture = {},
              .frame = FrameNumber{flow_.frame_},
              .offset = static_cast<std::uint32_t>(base_ + offset),
              .length = static_cast<std::uint32_t>(length)};
    }
    [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return {}; }
    const ScriptedFlow& flow_;
    std::size_t base_;
  };

  Chunk chunk(Side sender, std::string_view octets, const Origin& origin) const {
    const bool client = sender == Side::initiator;
    return {.sender = sender,
            .bytes = as_bytes(octets),
            .cut = cut,
            .origin = &origin,
            .source_port = client ? std::uint16_t{0} : server_port,
            .destination_port = client ? server_port : std::uint16_t{0}};
  }

  void feed(Side sender, std::string_view piece) {
    ++frame_;
    const std::size_t side = index(sender);
    const std::size_t skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_[side], piece.size()));
    skip_[side] -= skipped;
    piece.remove_prefix(skipped);
    std::string& pending = pending_[side];
    pending += piece;
    while (!pending.empty() && pending.size() >= need_[side] && !done[side] && !handed_over) {
      const Place origin{*this, 0};
      const Progress progress = session_->on_stream(chunk(sender, pending, origin), *this);
      const std::size_t taken = static_cast<std::size_t>(std::min<std::uint64_t>(progress.consumed, pending.size()));
      skip_[side] += progress.consumed - taken;
      const std::size_t before = pending.size();
      pending.erase(0, taken);
      need_[side] = std::max<std::size_t>(progress.need, 1);
      done[side] = progress.done;
      handed_over = progress.hand_over;
      if (taken == 0 && need_[side] <= before) need_[side] = before + 1;
    }
    if (!handed_over) return;
    left_over[0] = pending_[0];
    left_over[1] = pending_[1];
  }

  std::unique_ptr<Services> services_;  // outlives the session, also when the flow moves
  std::unique_ptr<Session> session_;
  std::string pending_[2];
  std::size_t need_[2] = {1, 1};
  std::uint64_t skip_[2] = {0, 0};
  std::uint64_t frame_ = 0;
};

}  // namespace sealtrace::testing
