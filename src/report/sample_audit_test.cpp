#include "report/sample_audit.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace sealtrace {

namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNine{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5} + 9h};

Timestamp at(std::chrono::nanoseconds after_nine) { return kNine + after_nine; }
Timestamp day(int year, unsigned month, unsigned of_month) {
  return std::chrono::sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
}

RoleSet roles(std::initializer_list<Role> list) {
  RoleSet set;
  for (const Role role : list) set.set(static_cast<std::size_t>(role));
  return set;
}

Endpoint endpoint(std::string_view address, std::uint16_t port) { return {*IpAddress::parse(address), port}; }

Evidence in_frame(std::uint64_t frame, std::uint32_t capture = 0) {
  return {.capture = CaptureId{capture}, .frame = FrameNumber{frame}, .offset = 54, .length = 90};
}

std::string hash_of(char digit) { return std::string(64, digit); }

enum AssetIndex : std::uint32_t { kMediation, kGateway, kFrontEnd1, kFrontEnd2, kClients, kEdge, kPartner, kStranger };

Asset asset(AssetKind kind, std::string name, std::initializer_list<Role> has, std::string zone = "internal") {
  Asset made;
  made.kind = kind;
  made.name = std::move(name);
  made.roles = roles(has);
  made.zone = std::move(zone);
  return made;
}

std::vector<Asset> sample_assets() {
  return {
      asset(AssetKind::host, "med01.contoso.com", {Role::mediation_server}),
      asset(AssetKind::host, "gw1.contoso.com", {Role::pstn_gateway}),
      asset(AssetKind::host, "fe01.contoso.com", {Role::front_end}),
      asset(AssetKind::host, "fe02.contoso.com", {Role::front_end}),
      asset(AssetKind::network, "clients-hq", {Role::client}),
      asset(AssetKind::host, "edge01.contoso.com", {Role::edge_access}, "perimeter"),
      asset(AssetKind::partner, "fabrikam.com", {Role::federated_partner}, "external"),
      asset(AssetKind::address, "10.0.1.77", {}),
  };
}

std::vector<CaptureSummary> sample_captures() {
  CaptureSummary trunk;
  trunk.name = "trunk.pcapng";
  trunk.sha256 = "9C1185A5C5E9FC54612808977EE8F548B2258D31DDEFB6F5F4C7A4A6D2C0B1E7";
  trunk.format = "pcapng";
  trunk.compression = "zstd";
  trunk.link_types = {"Ethernet"};
  trunk.interfaces = {"mirror0"};
  trunk.frames = 41'873;
  trunk.bytes = 28'104'221;
  trunk.first_time = at(1us);
  trunk.last_time = at(42min + 13s + 120ms);
  trunk.dropped_by_kernel = 0;
  trunk.dropped_by_interface = 0;
  trunk.num_interfaces = 1;
  CaptureSummary edge;
  edge.name = "edge-outside.pcap";
  edge.sha256 = "2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12A4C1F2D9B7DDAB5C0D5E8F31";
  edge.format = "pcap";
  edge.link_types = {"Ethernet"};
  edge.frames = 6'340;
  edge.bytes = 3'301'007;
  edge.first_time = at(2min);
  edge.last_time = at(31min + 5s);
  edge.snaplen = 262'144;
  edge.num_interfaces = 1;
  edge.complete = false;
  edge.damage = {{"ip_header_malformed", 3}};
  return {trunk, edge};
}

CertificateSummary certificate(std::string subject, std::string name, char digit, Timestamp not_after, std::uint64_t num_flows) {
  CertificateSummary summary;
  CertificateFields fields;
  summary.sha256 = hash_of(digit);
  summary.der_bytes = 1'214;
  fields.subject = std::move(subject);
  fields.issuer = "CN=Contoso Issuing CA 2,DC=contoso,DC=com";
  fields.serial = "5A00000012F3";
  fields.not_before = day(2025, 1, 20);
  fields.not_after = not_after;
  fields.public_key_algorithm = "RSA";
  fields.public_key_bits = 2048;
  fields.signature_algorithm = "sha256WithRSAEncryption";
  fields.dns_names = {std::move(name)};
  fields.extended_key_usage = {"serverAuth", "clientAuth"};
  fields.key_usage = {"digitalSignature", "keyEncipherment"};
  fields.crl_distribution_points = {"http://pki.contoso.com/issuing2.crl"};
  fields.certificate_authority = false;
  fields.public_key_sha256 = hash_of('7');
  summary.not_after = fields.not_after;
  summary.fields = [fields] { return fields; };
  summary.seen_as_leaf = true;
  summary.seen_as_server = true;
  summary.num_flows = num_flows;
  summary.first_seen = at(1ms);
  summary.last_seen = at(40min);
  summary.first_evidence = in_frame(14);
  return summary;
}

/// edit_fields changes what a certificate's fields will say.
template <typename Edit>
void edit_fields(CertificateSummary& certificate, Edit edit) {
  CertificateFields fields = certificate.fields();
  edit(fields);
  certificate.fields = [fields] { return fields; };
}

std::vector<CertificateSummary> sample_certificates() {
  std::vector<CertificateSummary> list;
  list.push_back(certificate("CN=gw1.contoso.com,O=Contoso\\, Ltd,C=US", "gw1.contoso.com", 'A', day(2027, 1, 20), 12));
  list.push_back(certificate("CN=fe01.contoso.com,O=Contoso\\, Ltd,C=US", "fe01.contoso.com", 'B', day(2026, 11, 2), 341));
  list.push_back(certificate("CN=fe02.contoso.com,O=Contoso\\, Ltd,C=US", "fe02.contoso.com", 'C', day(2026, 11, 2), 18));
  list.back().seen_as_client = true;
  list.push_back(certificate("CN=sip.fabrikam.com", "sip.fabrikam.com", 'D', day(2025, 12, 31), 3));
  edit_fields(list.back(), [](CertificateFields& fields) {
    fields.issuer = "CN=Public Trust TLS CA,O=Public Trust,C=US";
    fields.public_key_algorithm = "EC";
    fields.public_key_bits = 256;
    fields.curve = "P-256";
  });
  list.push_back(certificate("CN=Contoso Issuing CA 2,DC=contoso,DC=com", "", 'E', day(2034, 1, 20), 371));
  edit_fields(list.back(), [](CertificateFields& fields) {
    fields.dns_names.clear();
    fields.issuer = "CN=Contoso Root CA,DC=contoso,DC=com";
    fields.public_key_bits = 4096;
    fields.certificate_authority = true;
  });
  list.back().seen_as_leaf = false;
  return list;
}

/// flow is a TCP flow with everything seen.
FlowProfile flow(std::uint64_t id, Endpoint client, Endpoint server, std::uint32_t client_asset, std::uint32_t server_asset,
                 std::uint64_t first_frame) {
  FlowProfile profile;
  profile.id = FlowId{id};
  profile.closed = CloseReason::tcp_close;
  profile.start_seen = profile.initiator_seen = profile.responder_seen = profile.responder_accepted = true;
  profile.initiator = {.endpoint = client, .asset = client_asset, .packets = 30, .bytes = 9'000};
  profile.responder = {.endpoint = server, .asset = server_asset, .packets = 28, .bytes = 8'000};
  profile.first_frame = FrameNumber{first_frame};
  profile.last_frame = FrameNumber{first_frame + 68};
  profile.start = at(1us * first_frame);
  profile.end = at(9s + 120ms);
  profile.payload_bytes = 14'200;
  return profile;
}

TlsProfile& add_tls(FlowProfile& profile, TlsVersion version, std::uint16_t suite) {
  profile.protocols = {"tls"};
  profile.tls = std::make_unique<TlsProfile>();
  TlsProfile& tls = *profile.tls;
  tls.client_hello_seen = tls.server_hello_seen = tls.established = true;
  tls.version = version;
  tls.cipher_suite = CipherSuite{suite};
  tls.group = NamedGroup{29};
  tls.extended_master_secret = tls.secure_renegotiation = true;
  tls.supported_versions = {0x0303};
  tls.history = "CsxkrnXKVcFcf";
  const std::uint64_t first = static_cast<std::uint64_t>(profile.first_frame);
  tls.frames.client_hello = in_frame(first + 3);
  tls.frames.server_hello = in_frame(first + 5);
  return tls;
}

std::vector<FlowProfile> sample_flows() {
  std::vector<FlowProfile> flows;
  flows.push_back(flow(1, endpoint("10.0.1.20", 51044), endpoint("10.9.0.5", 5067), kMediation, kGateway, 12));
  TlsProfile& declined = add_tls(flows.back(), TlsVersion::tls1_2, 0xC030);
  declined.server_name = "gw1.contoso.com";
  declined.server_chain = {CertificateId{0}, CertificateId{4}};
  declined.client_auth = {.requested = true, .presented = false, .certificate_verify_seen = false, .status = ClientAuthStatus::declined};
  declined.frames.certificate_request = in_frame(17);

  flows.push_back(flow(2, endpoint("10.20.4.9", 60112), endpoint("10.0.1.11", 5061), kClients, kFrontEnd1, 90));
  flows.back().encapsulation.vlans = {100};
  flows.back().encapsulation.num_vlans = 1;
  TlsProfile& one_way = add_tls(flows.back(), TlsVersion::tls1_2, 0xC02F);
  one_way.server_name = "fe01.contoso.com";
  one_way.server_chain = {CertificateId{1}, CertificateId{4}};
  one_way.client_auth = {.requested = false, .presented = false, .certificate_verify_seen = false, .status = ClientAuthStatus::one_way};

  flows.push_back(flow(3, endpoint("10.0.1.12", 49822), endpoint("10.0.1.11", 5061), kFrontEnd2, kFrontEnd1, 200));
  TlsProfile& mutual = add_tls(flows.back(), TlsVersion::tls1_2, 0xC030);
  mutual.server_chain = {CertificateId{1}, CertificateId{4}};
  mutual.client_chain = {CertificateId{2}, CertificateId{4}};
  mutual.client_auth = {.requested = true, .presented = true, .certificate_verify_seen = true, .status = ClientAuthStatus::mutual};

  flows.push_back(flow(4, endpoint("203.0.113.7", 40122), endpoint("192.0.2.10", 5061), kPartner, kEdge, 31));
  flows.back().first_capture = flows.back().last_capture = CaptureId{1};
  flows.back().encapsulation.tunnels = {Tunnel::erspan};
  flows.back().encapsulation.num_tunnels = 1;
  TlsProfile& hidden = add_tls(flows.back(), TlsVersion::tls1_3, 0x1302);
  hidden.history = "CsxN";
  hidden.supported_versions = {0x0A0A, 0x0304, 0x0303};
  hidden.client_auth.status = ClientAuthStatus::not_observable;
  hidden.client_auth.cause = NotObservableCause::encrypted;

  flows.push_back(flow(5, endpoint("10.0.1.12", 49901), endpoint("10.0.1.11", 5061), kFrontEnd2, kFrontEnd1, 400));
  TlsProfile& resumed = add_tls(flows.back(), TlsVersion::tls1_2, 0xC030);
  resumed.resumption = Resumption::session_ticket;
  resumed.history = "CsxcFXf";
  resumed.client_auth.status = ClientAuthStatus::mutual;
  resumed.client_auth.basis = Basis::lineage;
  resumed.client_auth.lineage = FlowId{3};

  flows.push_back(flow(6, endpoint("10.0.1.77", 50555), endpoint("10.0.1.11", 5061), kStranger, kFrontEnd1, 512));
  flows.back().closed = CloseReason::end_of_capture;
  flows.back().missing_bytes = 2'896;
  TlsProfile& aborted = add_tls(flows.back(), TlsVersion::none, 0);
  aborted.server_hello_seen = aborted.established = false;
  aborted.cipher_suite = {};
  aborted.group = {};
  aborted.history = "CA";
  aborted.client_auth = {};
  aborted.alerts = {
      {.sender = Side::responder, .level = AlertLevel::fatal, .description = AlertDescription{40}, .evidence = in_frame(515)}};

  flows.push_back(flow(7, endpoint("fd00::20", 50002), endpoint("fd00::5", 40000), kNoAsset, kNoAsset, 600));
  flows.back().transport = Transport::udp;
  flows.back().closed = CloseReason::timed_out;
  return flows;
}

std::vector<JudgedFlow> sample_judgements() {
  const auto judged = [](TrafficClass traffic_class, std::uint32_t leg, OneOrMore<Result> results) {
    return JudgedFlow{.classification = {.traffic_class = traffic_class, .leg = leg, .basis = "topology"}, .results = std::move(results)};
  };
  return {
      judged(TrafficClass::mediation_gateway_signalling, 0,
             {{.rule = "mediation-gateway-signalling",
               .status = Status::fail,
               .severity = Severity::high,
               .reason = "tls_without_client_certificate",
               .finding = 0}}),
      judged(TrafficClass::client_to_server, 1,
             {{.rule = "client-to-server", .status = Status::pass, .severity = Severity::critical, .reason = "tls_established"}}),
      judged(TrafficClass::server_to_server, 2,
             {{.rule = "server-to-server", .status = Status::pass, .severity = Severity::critical, .reason = "mutual_tls"}}),
      judged(TrafficClass::federation_sip, 3,
             {{.rule = "federation-sip",
               .status = Status::inconclusive,
               .severity = Severity::critical,
               .cause = NotObservableCause::encrypted,
               .reason = "client_certificate_encrypted",
               .finding = 2}}),
      judged(TrafficClass::server_to_server, 2,
             {{.rule = "server-to-server", .status = Status::pass, .severity = Severity::critical, .reason = "mutual_tls"}}),
      {.classification = {.traffic_class = TrafficClass::unknown, .basis = "content"}, .results = {}},
      {.classification = {.traffic_class = TrafficClass::unknown, .basis = "content"}, .results = {}},
  };
}

Leg leg(std::uint32_t number, TrafficClass traffic_class, std::uint32_t client, std::uint32_t server, std::uint16_t port, Status status,
        std::string protection, std::string_view required, Coverage coverage, SeldomMany<std::uint32_t> findings = {}) {
  Leg made;
  made.number = number;
  made.traffic_class = traffic_class;
  made.client_asset = client;
  made.server_asset = server;
  made.server_port = port;
  made.status = status;
  made.protection = std::move(protection);
  made.required = required;
  made.findings = std::move(findings);
  made.first_seen = at(12us);
  made.last_seen = at(40min + 2s);
  made.coverage = coverage;
  return made;
}

std::vector<Leg> sample_legs() {
  return {
      leg(1, TrafficClass::mediation_gateway_signalling, kMediation, kGateway, 5067, Status::fail,
          "TLS 1.2, client certificate requested and declined", "MTLS where TLS is configured",
          {.num_flows = 14, .num_decided = 12, .num_exempt = 2}, {0}),
      leg(2, TrafficClass::client_to_server, kClients, kFrontEnd1, 5061, Status::pass, "TLS 1.2", "TLS",
          {.num_flows = 341, .num_decided = 338, .num_exempt = 3}),
      leg(3, TrafficClass::server_to_server, kFrontEnd2, kFrontEnd1, 5061, Status::pass, "MTLS 1.2", "MTLS",
          {.num_flows = 18, .num_decided = 18}),
      leg(4, TrafficClass::federation_sip, kPartner, kEdge, 5061, Status::inconclusive, "TLS 1.3, client certificate not visible", "MTLS",
          {.num_flows = 3, .num_undecided = 3}, {2}),
      leg(5, TrafficClass::mediation_gateway_signalling, kGateway, kMediation, 5068, Status::accepted_risk, "no TLS (SIP over TCP)",
          "MTLS where TLS is configured", {.num_flows = 4, .num_decided = 4}, {1}),
  };
}

std::vector<Finding> sample_findings() {
  Finding fail;
  fail.id = "F-1c0ffee5";
  fail.rule = "mediation-gateway-signalling";
  fail.status = Status::fail;
  fail.severity = Severity::high;
  fail.reason = "tls_without_client_certificate";
  fail.title = "Mediation Server to gateway: TLS without a client certificate";
  fail.message = "The gateway asked for a certificate, the Mediation Server sent an empty Certificate message, and the session went on.";
  fail.why =
      "TLS on this leg is optional, but once it is configured both ends must prove who they are. Without a client certificate any host "
      "that reaches the "
      "gateway's port can place calls as the Mediation Server.";
  fail.remedy =
      "Assign a certificate with server and client authentication to the Mediation Server (Set-CsCertificate -Type Default), and set the "
      "gateway to require "
      "and verify it.";
  fail.verify = "sealtrace audit --policy lync-2013 --topology contoso.yaml --filter 'host 10.9.0.5 and port 5067' NEW.pcapng";
  fail.legs = {0};
  fail.evidence = {
      {.where = in_frame(17),
       .time = at(4'310us),
       .what = "CertificateRequest from gw1.contoso.com",
       .display_filter = "frame.number == 17"},
      {.where = in_frame(19),
       .time = at(6'002us),
       .what = "Certificate message without a certificate from med01.contoso.com",
       .display_filter = "frame.number == 19 && tls.handshake.type == 11"},
      {.where = in_frame(22),
       .time = at(7'450us + 7ns),
       .what = "ChangeCipherSpec and Finished from gw1.contoso.com: the session went on",
       .display_filter = "frame.number == 22"},
      {.where = in_frame(940), .time = at(2min), .what = "the same in a later session", .display_filter = "frame.number == 940"},
  };
  fail.num_flows = 12;
  fail.first_seen = at(12us);
  fail.last_seen = at(40min + 2s);

  Finding risk;
  risk.id = "F-5eed0a11";
  risk.rule = "mediation-gateway-signalling";
  risk.status = Status::accepted_risk;
  risk.severity = Severity::high;
  risk.reason = "clear_signalling";
  risk.title = "Gateway to Mediation Server: signalling in the clear";
  risk.message = "SIP over TCP without TLS.";
  risk.why = "The document permits it, and it must be reported: whoever sees this leg reads and alters every call's signalling.";
  risk.remedy = "Set the trunk's listening port to TLS, or record a waiver with its compensating control.";
  risk.legs = {4};
  risk.evidence = {
      {.where = in_frame(2'201), .time = at(5min), .what = "SIP request in the clear", .display_filter = "frame.number == 2201"}};
  risk.num_flows = 4;
  risk.first_seen = at(5min);
  risk.last_seen = at(31min);

  Finding open;
  open.id = "F-0ddba11a";
  open.rule = "federation-sip";
  open.status = Status::inconclusive;
  open.severity = Severity::critical;
  open.reason = "client_certificate_encrypted";
  open.title = "Federation: whether both sides proved a certificate is not visible";
  open.message = "TLS 1.3 encrypts the certificate messages.";
  open.remedy = "Give the key log of edge01.contoso.com with --keylog.";
  open.legs = {3};
  open.evidence = {
      {.where = in_frame(36, 1), .time = at(2min + 1s), .what = "ServerHello selects TLS 1.3", .display_filter = "frame.number == 36"}};
  open.num_flows = 3;
  open.first_seen = at(2min + 1s);
  open.last_seen = at(29min);
  return {fail, risk, open};
}

RowVerdict row(std::string id, std::string title, std::string required, Status status, bool expected,
               std::map<Status, std::uint64_t> legs = {}, Coverage coverage = {}, std::string note = {},
               std::uint32_t worst_finding = 0xFFFFFFFF) {
  RowVerdict verdict;
  verdict.id = std::move(id);
  verdict.title = std::move(title);
  verdict.required = std::move(required);
  verdict.expected = expected;
  verdict.status = status;
  verdict.note = std::move(note);
  verdict.num_legs = std::move(legs);
  verdict.coverage = coverage;
  verdict.worst_finding = worst_finding;
  verdict.document = "Encryption for Lync Server 2013";
  verdict.clause = "Traffic protection table";
  return verdict;
}

std::vector<RowVerdict> sample_rows() {
  return {
      row("server-to-server", "Server to server", "MTLS", Status::pass, true, {{Status::pass, 1}}, {.num_flows = 18, .num_decided = 18}),
      row("client-to-server", "Client to server", "TLS", Status::pass, true, {{Status::pass, 1}},
          {.num_flows = 341, .num_decided = 338, .num_exempt = 3}),
      row("mediation-gateway-signalling", "Mediation Server to gateway, signalling", "MTLS where TLS is configured", Status::fail, true,
          {{Status::fail, 1}, {Status::accepted_risk, 1}}, {.num_flows = 18, .num_decided = 16, .num_exempt = 2}, "", 0),
      row("mediation-gateway-media", "Mediation Server to gateway, media", "SRTP or an accepted risk", Status::not_observed, true, {}, {},
          "media is not read by this version"),
      row("federation-sip", "Federation", "MTLS", Status::inconclusive, true, {{Status::inconclusive, 1}},
          {.num_flows = 3, .num_undecided = 3}, "", 2),
      row("web-conferencing", "Web conferencing", "TLS", Status::not_observed, true),
      row("infrastructure", "Database, file store, directory", "–", Status::not_applicable, false, {}, {},
          "cannot be MTLS SIP; judged only where the site asks for it"),
      row("federation-xmpp", "XMPP federation", "TLS", Status::not_observed, false),
      row("persistent-chat", "Persistent Chat", "MTLS", Status::not_observed, false),
      row("audio-video-media", "Audio and video media", "SRTP", Status::not_observed, false, {}, {}, "media is not read by this version"),
  };
}

}  // namespace

AuditResult sample_audit() {
  AuditResult audit;
  audit.tool_version = "0.1.0";
  audit.command = {"sealtrace", "audit", "--topology", "contoso.yaml", "trunk.pcapng", "edge-outside.pcap"};
  audit.policies = {{.name = "lync-2013", .sha256 = "4355A46B19D348DC2F57C046F8EF63D4538EBB936000F3C9EE954A27460DD865"}};
  audit.topology_name = "Contoso";
  audit.topology_sha256 = "53C234E5E8472B6AC51C1AE1CAB3FE06FAD053BEB8EBFD8977B010655BFDD3C3";
  audit.captures = sample_captures();
  audit.certificates = sample_certificates();
  audit.assets = sample_assets();
  audit.flows = sample_flows();
  audit.judged = sample_judgements();
  audit.legs = sample_legs();
  audit.findings = sample_findings();
  audit.rows = sample_rows();
  audit.proposals = {{.address = "10.0.1.20",
                      .name = "med01.contoso.com",
                      .role = "mediation-server",
                      .strength = ProposalStrength::strong,
                      .reasons = {{.what = "calls itself \"RTCC/5.0.0.0 MediationServer\", in SIP requests of its own",
                                   .strength = ProposalStrength::strong,
                                   .where = {.capture = CaptureId{0}, .frame = FrameNumber{88}}},
                                  {.what = "accepts TLS on 5070, the port where Mediation Servers listen for Front Ends",
                                   .strength = ProposalStrength::probable,
                                   .where = {.capture = CaptureId{1}, .frame = FrameNumber{140}}}},
                      .num_reasons = 5},
                     {.address = "fd00::12",
                      .name = {},
                      .role = "front-end or director",
                      .strength = ProposalStrength::probable,
                      .reasons = {{.what = "is sent SIP REGISTER requests", .strength = ProposalStrength::probable, .where = {}}},
                      .num_reasons = 1},
                     {.address = "fd00::12",
                      .name = {},
                      .role = "director",
                      .strength = ProposalStrength::possible,
                      .reasons = {{.what = "is asked for as \"dir01.contoso.com\", a common name of Directors",
                                   .strength = ProposalStrength::possible,
                                   .where = {.capture = CaptureId{0}, .frame = FrameNumber{9}}}},
                      .num_reasons = 1},
                     {.address = "fd00::13",
                      .name = {},
                      .role = "sql-back-end",
                      .strength = ProposalStrength::strong,
                      .reasons = {{.what = "speaks TDS, the protocol of SQL Server, as server on 1433",
                                   .strength = ProposalStrength::strong,
                                   .where = {}}},
                      .num_reasons = 1},
                     {.address = "10.0.1.77",
                      .name = {},
                      .role = "client or phone",
                      .strength = ProposalStrength::possible,
                      .reasons = {{.what = "opens TLS without a client certificate to 5061, as clients do",
                                   .strength = ProposalStrength::possible,
                                   .where = {.capture = CaptureId{0}, .frame = FrameNumber{12}}}},
                      .num_reasons = 1}};
  audit.duplicate_frames = 1'204;
  audit.overall = "fail";
  audit.exit_code = 1;
  return audit;
}

std::string hostile_text() {
  return "\x1b[2J\x1b]0;owned\x07"  // clears the screen, sets the title
         " \xE2\x80\xAE"
         "cod.exe\xE2\x80\xAC"        // U+202E, U+202C: shown backwards
         " \xFF\xC0\xAF\xED\xA0\x80"  // never UTF-8, an overlong form, a surrogate
         " <b>\"quoted\"</b>\\\r\nline \xC2\x9B"
         "1m"                                                                // U+009B, the C1 form of ESC [
         " \xF3\xA0\x81\x81 a\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81 end";  // a tag character, five marks on one letter
}

TEST(SampleAudit, is_consistent_within_itself) {
  const AuditResult audit = sample_audit();
  EXPECT_EQ(audit.flows.size(), audit.judged.size());
  for (const JudgedFlow& judged : audit.judged) {
    for (const Result& result : judged.results) EXPECT_TRUE(result.finding == 0xFFFFFFFF || result.finding < audit.findings.size());
  }
  for (const Finding& finding : audit.findings) {
    for (const std::uint32_t index : finding.legs) EXPECT_LT(index, audit.legs.size());
  }
}

}  // namespace sealtrace
