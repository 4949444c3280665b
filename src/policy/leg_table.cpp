#include "policy/leg_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "model/tls_numbers.hpp"
#include "policy/content_class.hpp"

namespace sealtrace {
namespace {

constexpr std::array<std::string_view, 6> kVersionLabels{"ssl2", "ssl3", "1.0", "1.1", "1.2", "1.3"};

}  // namespace

void SeenOnLeg::add_media(const ApplicationProfile& application) {
  for (const OptionalBoxed<SeenControl>& rtcp : application.rtcp) {
    if (!rtcp || rtcp->kind == RtcpKind::unknown) continue;
    control_secret |= rtcp->encrypted();
    control_clear |= !rtcp->encrypted();
  }
  for (const MediaSource& source : application.media) {
    const MediaAssertion assertion = source.assertion(application.rtcp[index(source.sender)]);
    switch (assertion.state) {
      case MediaState::clear: media_clear = true; break;
      case MediaState::srtp_null: media_null = true; break;
      case MediaState::encrypted_unidentified: media_encrypted = true; break;
      case MediaState::srtp:
        media_declared |= assertion.basis == Basis::declared;
        media_srtp |= assertion.basis != Basis::declared;
        break;
      case MediaState::undecided: media_open = true; break;
    }
  }
}

void SeenOnLeg::add(const FlowProfile& flow) {
  const ApplicationProfile* application = flow.application.get();
  if (application != nullptr) add_media(*application);
  if (!flow.tls) {
    clear |= read_in_clear(flow);
    other_protection |= application != nullptr && !application->protections.empty();
    keys_agreed |= only_agrees_keys(flow);
    set_up |= application != nullptr && application->stun;
    unknown |= flow.protocols.empty() && flow.payload_bytes != 0;
    return;
  }
  const TlsProfile& tls = *flow.tls;
  pseudo |= tls.pseudo;
  if (tls.pseudo) return;
  if (application != nullptr && application->tls_for_login_alone()) {
    clear |= read_in_clear(flow);
    login_alone = true;
    return;
  }
  no_handshake |= !tls.established;
  if (!tls.established) return;
  dtls |= tls.dtls;
  const auto version = std::ranges::find(kVersionLabels, label(tls.version));
  if (version != kVersionLabels.end()) versions |= static_cast<std::uint8_t>(1U << (version - kVersionLabels.begin()));
  weak_resumption |= tls.client_auth.weak_lineage;
  if (tls.client_auth.basis == Basis::inferred) {
    certificate_unknown = true;
    return;
  }
  switch (tls.client_auth.status) {
    case ClientAuthStatus::mutual: with_certificate = true; break;
    case ClientAuthStatus::one_way:
    case ClientAuthStatus::declined: without_certificate = true; break;
    case ClientAuthStatus::none:
    case ClientAuthStatus::rejected:
    case ClientAuthStatus::not_observable: certificate_unknown = true; break;
  }
}

std::string SeenOnLeg::in_words() const {
  std::vector<std::string_view> labels;
  for (std::size_t i = 0; i < kVersionLabels.size(); ++i) {
    if ((versions >> i & 1) != 0)
      labels.push_back(kVersionLabels[i] == "ssl2" ? "SSL 2" : kVersionLabels[i] == "ssl3" ? "SSL 3" : kVersionLabels[i]);
  }
  std::vector<std::string> parts;
  if (!labels.empty()) {
    const bool named = labels.front().starts_with("SSL");
    std::string text = fmt::format("{}{}", named ? "" : dtls ? "DTLS " : "TLS ", fmt::join(labels, ", "));
    std::vector<std::string_view> certificates;
    if (with_certificate) certificates.push_back("with client certificate");
    if (without_certificate) certificates.push_back("without client certificate");
    if (certificate_unknown) certificates.push_back("client certificate not known");
    if (!certificates.empty()) text += fmt::format(" {}", fmt::join(certificates, " and "));
    parts.push_back(std::move(text));
  }
  if (weak_resumption) parts.emplace_back("resumed without extended master secret");
  if (no_handshake) parts.emplace_back("TLS without a whole handshake");
  if (login_alone) parts.emplace_back("TLS for the login alone");
  if (clear) parts.emplace_back("clear");
  if (other_protection) parts.emplace_back("encrypted by another protocol");
  if (keys_agreed && !other_protection) parts.emplace_back("key exchange of another protocol");
  if (media_clear) parts.emplace_back("RTP in clear");
  if (media_null) parts.emplace_back("SRTP that does not encrypt");
  if (media_srtp) parts.emplace_back("SRTP");
  if (media_declared) parts.emplace_back("SRTP by its signalling");
  if (media_encrypted) parts.emplace_back("RTP that looks encrypted");
  if (media_open) parts.emplace_back("RTP, too little to tell");
  const bool media = media_clear || media_null || media_srtp || media_declared || media_encrypted || media_open;
  if (control_clear && !media_clear) parts.emplace_back("RTCP in clear");
  if (control_secret && !media) parts.emplace_back("SRTCP");
  if (set_up && !media) parts.emplace_back("STUN or TURN without media");
  if (pseudo) parts.emplace_back("imitated TLS");
  if (unknown) parts.emplace_back("not recognised");
  return parts.empty() ? std::string{"nothing sent"} : fmt::format("{}", fmt::join(parts, "; "));
}

LegTable::LegTable(const std::vector<Asset>& assets, std::vector<Leg>& legs, std::size_t num_flows) : legs_{legs} {
  legs_.clear();
  legs_.reserve(num_flows);
  states_.reserve(num_flows);
  index_.reserve(num_flows / 2);  // its slots are used at random, so those that are not used cost memory too
  identity_.reserve(assets.size());
  std::map<std::pair<AssetKind, std::string_view>, std::uint32_t> first;
  for (std::uint32_t i = 0; i < assets.size(); ++i) {
    // An address is an asset once: only what the topology names can be several.
    const Asset& asset = assets[i];
    identity_.push_back(asset.kind == AssetKind::address ? i : first.try_emplace({asset.kind, asset.name}, i).first->second);
  }
}

std::uint32_t LegTable::find_or_add(const LegClass& leg_class, std::uint32_t client, std::uint32_t server, std::uint16_t server_port,
                                    Transport transport) {
  const std::uint16_t port = leg_class.dynamic_port ? std::uint16_t{0} : server_port;
  const auto identity = [this](std::uint32_t asset) { return asset < identity_.size() ? identity_[asset] : asset; };
  const LegKey key{.client = identity(client),
                   .server = identity(server),
                   .rest = static_cast<std::uint32_t>(leg_class.traffic_class) << 24 | static_cast<std::uint32_t>(transport) << 16 | port};
  const auto [place, fresh] = index_.try_emplace(key, static_cast<std::uint32_t>(legs_.size()));
  if (fresh) {
    Leg& leg = legs_.emplace_back();
    leg.traffic_class = leg_class.traffic_class;
    leg.client_asset = client;
    leg.server_asset = server;
    leg.server_port = port;
    leg.transport = transport;
    states_.push_back({.basis = leg_class.basis, .seen = {}});
  }
  return place->second;
}

void LegTable::finish(const std::vector<std::uint32_t>& place) {
  for (const auto& [key, finding] : findings_) {
    if (finding != kNoIndex) legs_[key.leg].findings.push_back(place[finding]);
  }
  std::map<SeenOnLeg, std::string> words;  // thousands of legs show the same, and mostly what the one before shows
  auto last = words.end();
  for (std::size_t i = 0; i < legs_.size(); ++i) {
    Leg& leg = legs_[i];
    std::ranges::sort(leg.findings);
    leg.number = static_cast<std::uint32_t>(i + 1);
    const SeenOnLeg& seen = states_[i].seen;
    if (last == words.end() || last->first != seen) last = words.try_emplace(seen).first;
    if (last->second.empty()) last->second = seen.in_words();
    leg.protection = last->second;
  }
}

}  // namespace sealtrace
