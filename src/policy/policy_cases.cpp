#include "policy/policy_cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "model/tls_numbers.hpp"
#include "policy/judge.hpp"
#include "policy/policy_extends.hpp"
#include "policy/policy_loader.hpp"
#include "policy/suite_names.hpp"
#include "yaml/yaml_map.hpp"
#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

constexpr std::uint64_t kFormatVersion = 1;

constexpr std::array<std::string_view, 2> kTransports{"tcp", "udp"};
constexpr std::array<std::string_view, 5> kCloses{"end-of-capture", "tcp-close", "timed-out", "reused", "evicted"};
constexpr std::array<std::string_view, 16> kProtocols{"sip", "http", "xmpp", "ldap", "smb",  "tds",  "postgresql", "mysql",
                                                      "dns", "rtp",  "stun", "ssh",  "psom", "dhcp", "ntp",        "kerberos"};
constexpr std::array<std::string_view, 6> kAuthStatuses{"none", "mutual", "one_way", "declined", "rejected", "not_observable"};
constexpr std::array<std::string_view, 7> kBases{"key_verified", "decrypted", "decoded", "lineage", "declared", "inferred", "assumed"};
constexpr std::array<std::string_view, 12> kCauseNames{"none",       "encrypted",       "resumed",         "renegotiated",
                                                       "mid_stream", "client_not_seen", "server_not_seen", "gap",
                                                       "truncated",  "unreadable",      "still_running",   "conflicting"};
constexpr std::array<std::string_view, 3> kStrengths{"none", "probable", "strong"};
constexpr std::array<std::string_view, 7> kVersionNames{"none", "ssl2", "ssl3", "1.0", "1.1", "1.2", "1.3"};
constexpr std::array kVersions{TlsVersion::none,   TlsVersion::ssl2,   TlsVersion::ssl3,  TlsVersion::tls1_0,
                               TlsVersion::tls1_1, TlsVersion::tls1_2, TlsVersion::tls1_3};
constexpr std::string_view kUsualCipher = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";

/// What packets alone tell, in the order of MediaProtection, and what keys do.
constexpr std::array<std::string_view, 5> kMediaProtections{"undecided", "clear", "encrypted_unidentified", "srtp", "srtp_null"};
constexpr std::size_t kSrtp = 3;

/// CaseReader reads one case; what is absent stands for the ordinary: a whole TCP connection, an established TLS 1.2 session.
class CaseReader {
 public:
  explicit CaseReader(YamlProblems& problems) : problems_{problems} {}

  PolicyCase read(const YamlNode& node) {
    const YamlMap map{
        node,
        "a case",
        {"name", "client", "server", "port", "transport", "flow", "tls", "application", "trunk", "partner", "settings", "expect"},
        problems_};
    PolicyCase fresh;
    fresh.line = node.where.line;
    fresh.name = map.required_text("name").value_or("");
    fresh.ends = {end(map.find("client"), "client.example"), end(map.find("server"), "server.example")};
    read_flow(map, fresh.flow);
    if (const YamlNode* tls = map.find("tls")) fresh.flow.tls = read_tls(*tls);
    if (const YamlNode* trunk = map.find("trunk")) read_trunk(*trunk, fresh);
    if (const YamlNode* application = map.find("application")) read_application(*application, fresh.flow);
    if (const YamlNode* partner = map.find("partner")) read_partner(*partner, fresh);
    if (const YamlNode* settings = map.find("settings")) read_settings(*settings, fresh.topology.settings);
    if (const YamlNode* expect = map.required("expect")) fresh.expected = read_expected(*expect);
    return fresh;
  }

 private:
  Asset end(const YamlNode* node, std::string name) {
    Asset asset{.kind = AssetKind::host, .name = std::move(name), .roles = {}, .zone = "internal", .domain = {}};
    if (node == nullptr) {
      asset.kind = AssetKind::address;
      return asset;
    }
    const YamlMap map{*node, "an end", {"roles", "zone", "hides_sources"}, problems_};
    for (const YamlNode& item : map.items("roles")) {
      const std::optional<std::string> role_name = scalar_text(item, "roles", problems_);
      if (!role_name) continue;
      if (const std::optional<Role> role = find_role(*role_name)) {
        asset.roles.set(static_cast<std::size_t>(*role));
      } else {
        add_unknown_name(problems_, item.where, "role", *role_name, kRoleNames);
      }
    }
    asset.zone = map.text("zone").value_or("internal");
    asset.hides_sources = map.flag("hides_sources").value_or(false);
    return asset;
  }

  void read_flow(const YamlMap& case_map, FlowProfile& flow) {
    flow.transport = case_map.choice("transport", kTransports).value_or(0) == 0 ? Transport::tcp : Transport::udp;
    flow.initiator.endpoint.port = 50'000;
    flow.responder.endpoint.port = static_cast<std::uint16_t>(case_map.number("port", 1, 65535).value_or(0));
    static_cast<void>(case_map.required("port"));
    flow.initiator.asset = 0;
    flow.responder.asset = 1;
    flow.start_seen = flow.initiator_seen = flow.responder_seen = flow.responder_accepted = true;
    flow.payload_bytes = 4000;
    flow.closed = CloseReason::tcp_close;
    flow.first_frame = FrameNumber{1};
    flow.last_frame = FrameNumber{20};
    const YamlNode* node = case_map.find("flow");
    if (node == nullptr) return;
    const YamlMap map{
        *node,
        "a flow",
        {"start_seen", "client_seen", "server_seen", "truncated", "conflicting", "missing_bytes", "payload_bytes", "closed", "protocols"},
        problems_};
    flow.start_seen = map.flag("start_seen").value_or(flow.start_seen);
    flow.initiator_seen = map.flag("client_seen").value_or(flow.initiator_seen);
    flow.responder_seen = map.flag("server_seen").value_or(flow.responder_seen);
    flow.truncated = map.flag("truncated").value_or(false);
    flow.conflicting = map.flag("conflicting").value_or(false);
    flow.missing_bytes = map.number("missing_bytes", 0, 1'000'000).value_or(0);
    flow.payload_bytes = map.number("payload_bytes", 0, 1'000'000).value_or(flow.payload_bytes);
    flow.closed = static_cast<CloseReason>(map.choice("closed", kCloses).value_or(static_cast<std::size_t>(flow.closed)));
    for (const YamlNode& item : map.items("protocols")) {
      const auto found = std::ranges::find(kProtocols, item.text);
      if (found == kProtocols.end())
        add_unknown_name(problems_, item.where, "protocol", item.text, kProtocols);
      else
        flow.protocols.push_back(*found);
    }
  }

  /// names reads a list of words that must be among `known`, and gives their places.
  template <std::size_t kSize>
  std::vector<std::size_t> names(const YamlMap& map, std::string_view key, const std::array<std::string_view, kSize>& known) {
    std::vector<std::size_t> places;
    for (const YamlNode& item : map.items(key)) {
      const auto found = std::ranges::find(known, item.text);
      if (found == known.end()) {
        add_unknown_name(problems_, item.where, key, item.text, known);
      } else {
        places.push_back(static_cast<std::size_t>(found - known.begin()));
      }
    }
    return places;
  }

  void read_application(const YamlNode& node, FlowProfile& flow) {
    const YamlMap map{node,
                      "an application",
                      {"clear", "credentials", "protections", "paths", "redirects", "media", "media_protection", "declared", "stun",
                       "instant_message", "presence", "desktop_sharing", "sips", "starttls", "stripped"},
                      problems_};
    const TimedEvidence seen{Evidence{.frame = FrameNumber{4}}};
    const auto note_if = [&](std::string_view key, SeldomSeen& first) {
      if (map.flag(key).value_or(false)) first = seen;
    };
    auto application = std::make_unique<ApplicationProfile>();
    const auto recognise = [&](std::string_view protocol) {
      if (std::ranges::find(flow.protocols, protocol) == flow.protocols.end()) flow.protocols.push_back(protocol);
    };
    for (const std::size_t place : names(map, "clear", kProtocols)) {
      recognise(kProtocols[place]);
      application->clear.push_back({.protocol = kProtocols[place], .what = "message", .sender = Side::initiator, .first = seen});
    }
    for (const std::size_t place : names(map, "credentials", kAuthenticationSchemeNames)) {
      application->credentials.push_back({.scheme = static_cast<AuthenticationScheme>(place), .sender = Side::initiator, .first = seen});
    }
    for (const std::size_t place : names(map, "protections", kProtocols)) {
      recognise(kProtocols[place]);
      application->protections.push_back(
          {.protocol = kProtocols[place], .how = "encryption of its own", .first = seen, .by = {true, true}});
    }
    for (const std::size_t place : names(map, "paths", kHttpPathClassNames)) {
      HttpProfile& http = application->http ? *application->http : application->http.emplace();
      http.paths.set(place);
      http.first_of_path.emplace_back(static_cast<HttpPathClass>(place), seen);
      ++http.num_requests;
      ++http.num_responses;
    }
    if (application->http) application->http->num_redirects_to_https = map.number("redirects", 0, 1000).value_or(0);
    if (map.flag("media").value_or(false)) {
      recognise("rtp");
      MediaSource& source = application->media.emplace_back();
      source.rtp = {.ssrc = 1, .num_packets = 10};
      source.first = seen;
      if (const auto protection = map.choice("media_protection", kMediaProtections); protection && *protection != 0) {
        if (*protection >= kSrtp) {
          source.keys =
              MediaKeyTrial{.num_keys = 1, .num_samples = 1, .num_verified = 1, .encrypts = *protection == kSrtp, .verified = seen};
        } else {
          source.decisions.push_back({.verdict = {.ssrc = 1, .protection = static_cast<MediaProtection>(*protection)}, .decided = seen});
        }
      }
    }
    if (const YamlNode* declared = map.find("declared")) read_declared(*declared, *application);
    if (map.flag("stun").value_or(false)) {
      recognise("stun");
      application->stun.emplace();
    }
    if (std::ranges::find(flow.protocols, std::string_view{"sip"}) != flow.protocols.end()) {
      SipProfile& sip = application->sip.emplace();
      note_if("instant_message", sip.instant_message);
      note_if("presence", sip.presence);
      note_if("desktop_sharing", sip.desktop_sharing);
      note_if("sips", sip.sips);
    }
    if (std::ranges::find(flow.protocols, std::string_view{"xmpp"}) != flow.protocols.end()) application->xmpp.emplace();
    if (const auto dialect = map.choice("starttls", kProtocols)) {
      SeenUpgrade& upgrade = application->upgrades.emplace_back();
      upgrade.dialect = kProtocols[*dialect];
      const bool stripped = map.flag("stripped").value_or(false);
      (stripped ? upgrade.absent : flow.tls ? upgrade.accepted : upgrade.offered) = seen;
      if (stripped) upgrade.stripped = EarlierOffer{.flow = FlowId{1}, .where = seen};
    }
    flow.application = std::move(application);
  }

  /// read_declared reads what signalling said of the flow's media.
  void read_declared(const YamlNode& node, ApplicationProfile& application) {
    const YamlMap map{node,
                      "a declaration",
                      {"agreement", "keying", "key_readable", "key_reused", "fell_back", "unencrypted", "unauthenticated",
                       "unencrypted_rtcp", "short_tag", "suite", "clear_rtcp", "fingerprint_mismatch", "digits"},
                      problems_};
    for (MediaSource& source : application.media) {
      DeclaredMedia& declared = source.declared.emplace();
      declared.agreement = static_cast<Agreement>(map.choice("agreement", kAgreementNames).value_or(0));
      declared.keying = static_cast<MediaKeying>(map.choice("keying", kMediaKeyingNames).value_or(0));
      declared.answer = Evidence{.frame = FrameNumber{4}};
      declared.key_readable = map.flag("key_readable").value_or(false);
      declared.key_reused = map.flag("key_reused").value_or(false);
      declared.fell_back = map.flag("fell_back").value_or(false);
      declared.unencrypted_srtp = map.flag("unencrypted").value_or(false);
      declared.unauthenticated_srtp = map.flag("unauthenticated").value_or(false);
      declared.unencrypted_srtcp = map.flag("unencrypted_rtcp").value_or(false);
      declared.short_tag = map.flag("short_tag").value_or(false);
      declared.suite = map.text("suite").value_or("");
      declared.crypto_suite = find_srtp_suite(declared.suite);
      declared.fingerprint_mismatch = map.flag("fingerprint_mismatch").value_or(false);
      if (map.flag("clear_rtcp").value_or(false)) source.clear_control = ClearControl{.flow = FlowId{1}, .shown = declared.answer};
      if (!map.flag("digits").value_or(false)) continue;
      declared.telephone_event_types.set(101);
      source.rtp.payload_types[0] = 101;
      source.rtp.num_payload_types = 1;
    }
  }

  void read_partner(const YamlNode& node, PolicyCase& fresh) {
    const YamlMap map{node, "a partner", {"kind", "xmpp_tls"}, problems_};
    fresh.ends[0].domain = fresh.ends[0].name;
    TopologyPartner& partner = fresh.topology.partners.emplace_back();
    partner.domain = fresh.ends[0].domain;
    partner.kind = map.text("kind").value_or("xmpp");
    partner.xmpp_tls = map.text("xmpp_tls").value_or("");
  }

  void read_settings(const YamlNode& node, TopologySettings& settings) {
    const YamlMap map{node, "settings", {"internal_im_tcp", "fips", "um_security", "encryption_level"}, problems_};
    settings.internal_im_tcp = map.text("internal_im_tcp").value_or(settings.internal_im_tcp);
    settings.encryption_level = map.text("encryption_level").value_or(settings.encryption_level);
    settings.fips = map.flag("fips").value_or(false);
    settings.um_security = map.text("um_security").value_or(settings.um_security);
  }

  std::unique_ptr<TlsProfile> read_tls(const YamlNode& node) {
    const YamlMap map{node,
                      "tls",
                      {"version", "cipher", "established", "pseudo", "joined_mid_stream", "damaged", "clear_bytes_before", "fatal_alert",
                       "client_auth", "group", "dh_bits", "server_signature", "client_signature", "compression", "extended_master_secret",
                       "secure_renegotiation", "fallback", "downgraded"},
                      problems_};
    auto tls = std::make_unique<TlsProfile>();
    tls->established = map.flag("established").value_or(true);
    tls->pseudo = map.flag("pseudo").value_or(false);
    tls->joined_mid_stream = map.flag("joined_mid_stream").value_or(false);
    tls->handshake_damaged = map.flag("damaged").value_or(false);
    tls->clear_bytes_before = map.number("clear_bytes_before", 0, 1'000'000).value_or(0);
    tls->client_hello_seen = tls->server_hello_seen = !tls->joined_mid_stream;
    tls->version = kVersions[map.choice("version", kVersionNames).value_or(5)];
    if (map.flag("fatal_alert").value_or(false))
      tls->alerts.push_back({.sender = Side::responder, .encrypted = false, .level = AlertLevel::fatal, .description = {}, .evidence = {}});
    const std::string cipher = map.text("cipher").value_or(std::string{kUsualCipher});
    if (const std::optional<CipherSuite> code = find_suite_named(cipher)) {
      tls->cipher_suite = *code;
    } else if (cipher == "unassigned") {
      tls->cipher_suite = CipherSuite{0xFEFD};
    } else {
      problems_.add(map.find("cipher")->where, fmt::format("{} is no IANA name of a suite", in_quotes(cipher)));
    }
    read_negotiation(map, *tls);
    tls->frames.client_hello = Evidence{.frame = FrameNumber{4}};
    tls->frames.server_hello = Evidence{.frame = FrameNumber{5}};
    read_client_auth(map.find("client_auth"), tls->client_auth);
    return tls;
  }

  /// read_negotiation reads what the policy may make findings of; groups and signature schemes by their names.
  void read_negotiation(const YamlMap& map, TlsProfile& tls) {
    tls.group = named<NamedGroup>(map, "group", group_name);
    tls.server_signature = named<SignatureScheme>(map, "server_signature", signature_scheme_name);
    tls.client_signature = named<SignatureScheme>(map, "client_signature", signature_scheme_name);
    tls.dh_prime_bits = static_cast<std::uint16_t>(map.number("dh_bits", 0, 16384).value_or(0));
    tls.compression_method = map.flag("compression").value_or(false) ? 1 : 0;
    tls.extended_master_secret = map.flag("extended_master_secret").value_or(true);
    tls.secure_renegotiation = map.flag("secure_renegotiation").value_or(true);
    tls.fallback_scsv = map.flag("fallback").value_or(false);
    if (!map.flag("downgraded").value_or(false)) return;
    tls.downgrade_sentinel = DowngradeSentinel::to_tls1_2;
    tls.supported_versions.push_back(static_cast<std::uint16_t>(TlsVersion::tls1_3));
  }

  /// named finds the number that `name_of` gives this name; 0 where nothing is stated.
  template <typename Number>
  Number named(const YamlMap& map, std::string_view key, std::string_view (*name_of)(Number)) {
    const std::optional<std::string> name = map.text(key);
    if (!name) return {};
    for (unsigned number = 1; number <= 0xFFFF; ++number) {
      if (name_of(static_cast<Number>(number)) == *name) return static_cast<Number>(number);
    }
    problems_.add(map.find(key)->where, fmt::format("{} is no IANA name", in_quotes(*name)));
    return {};
  }

  void read_client_auth(const YamlNode* node, ClientAuth& auth) {
    auth = {};
    auth.requested = auth.presented = auth.certificate_verify_seen = false;
    auth.status = ClientAuthStatus::one_way;
    if (node == nullptr) return;
    const YamlMap map{*node, "client_auth", {"status", "basis", "cause", "strength", "proved", "weak_lineage"}, problems_};
    auth.status = static_cast<ClientAuthStatus>(map.choice("status", kAuthStatuses).value_or(0));
    auth.basis = static_cast<Basis>(map.choice("basis", kBases).value_or(static_cast<std::size_t>(Basis::decoded)));
    auth.cause = static_cast<NotObservableCause>(map.choice("cause", kCauseNames).value_or(0));
    auth.strength = static_cast<InferenceStrength>(map.choice("strength", kStrengths).value_or(0));
    auth.weak_lineage = map.flag("weak_lineage").value_or(false);
    if (auth.basis == Basis::lineage) auth.lineage = FlowId{7};
    const bool mutual = auth.status == ClientAuthStatus::mutual;
    auth.requested = mutual || auth.status == ClientAuthStatus::declined;
    auth.presented = auth.certificate_verify_seen = map.flag("proved").value_or(mutual);
  }

  void read_trunk(const YamlNode& node, PolicyCase& fresh) {
    const YamlMap map{node, "a trunk", {"port", "transport", "srtp_mode"}, problems_};
    fresh.topology.trunks.push_back({.gateway = fresh.ends[1].name,
                                     .mediation = fresh.ends[0].name,
                                     .port = static_cast<std::uint16_t>(map.number("port", 1, 65535).value_or(0)),
                                     .transport = map.text("transport").value_or(""),
                                     .srtp_mode = map.text("srtp_mode") == "required" ? SrtpMode::required : SrtpMode::unset});
  }

  ExpectedVerdict read_expected(const YamlNode& node) {
    const YamlMap map{node, "an expected verdict", {"class", "basis", "row", "status", "reason", "severity"}, problems_};
    ExpectedVerdict expected;
    expected.traffic_class = map.text("class").value_or("");
    expected.basis = map.text("basis").value_or("");
    expected.row = map.text("row").value_or("");
    expected.status = map.text("status").value_or("");
    expected.reason = map.text("reason").value_or("");
    expected.severity = map.text("severity").value_or("");
    return expected;
  }

  YamlProblems& problems_;
};

}  // namespace

std::vector<PolicyCase> parse_cases(std::string_view text, std::string_view source) {
  YamlProblems problems;
  std::vector<PolicyCase> cases;
  if (std::optional<YamlNode> root = parse_yaml(text, problems)) {
    const YamlNode whole = resolve_extended_cases(std::move(*root), embedded_policies(), problems);
    if (!problems.empty()) throw_policy_error(problems, source);
    const YamlMap file{whole, "the cases", {"policy_cases", "extends", "cases"}, problems};
    if (file.required("policy_cases") != nullptr) static_cast<void>(file.number("policy_cases", kFormatVersion, kFormatVersion));
    static_cast<void>(file.required("cases"));
    CaseReader reader{problems};
    std::set<std::string> names;
    for (const YamlNode& node : file.items("cases")) {
      cases.push_back(reader.read(node));
      if (!names.insert(cases.back().name).second)
        problems.add(node.where, fmt::format("the case {} stands here a second time", in_quotes(cases.back().name)));
    }
  }
  if (!problems.empty()) throw_policy_error(problems, source);
  return cases;
}

CaseOutcome run_case(PolicyCase policy_case, const Policy& policy) {
  AuditResult result;
  result.assets = std::move(policy_case.ends);
  result.flows.push_back(std::move(policy_case.flow));
  judge(result, policy, policy_case.topology, {});

  const JudgedFlow& judged = result.judged.front();
  ExpectedVerdict found{.traffic_class = std::string{to_string(judged.classification.traffic_class)},
                        .basis = std::string{judged.classification.basis},
                        .row = {},
                        .status = {},
                        .reason = {},
                        .severity = {}};
  const auto worst = std::ranges::max_element(judged.results, {}, [](const Result& answer) { return badness(answer.status); });
  if (worst != judged.results.end()) {
    found.row = worst->rule;
    found.status = to_string(worst->status);
    found.reason = worst->reason;
    found.severity = to_string(worst->severity);
  }
  CaseOutcome outcome{.name = policy_case.name, .line = policy_case.line, .message = {}, .row = found.row, .reason = found.reason};
  const ExpectedVerdict& expected = policy_case.expected;
  const auto compare = [&](std::string_view what, const std::string& wanted, const std::string& got) {
    if (wanted.empty() || wanted == got) return;
    outcome.message +=
        fmt::format("{}{}: expected {}, found {}", outcome.message.empty() ? "" : "; ", what, wanted, got.empty() ? "nothing" : got);
  };
  compare("class", expected.traffic_class, found.traffic_class);
  compare("basis", expected.basis, found.basis);
  compare("row", expected.row, found.row);
  compare("status", expected.status, found.status);
  compare("reason", expected.reason, found.reason);
  compare("severity", expected.severity, found.severity);
  return outcome;
}

}  // namespace sealtrace
