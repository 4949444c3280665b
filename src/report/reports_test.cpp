// Whole reports: goldens of the sample audit, and what must hold for every audit. SEALTRACE_UPDATE_GOLDENS=1 rewrites the goldens.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "report/formats.hpp"
#include "report/ndjson.hpp"
#include "report/sample_audit.hpp"
#include "report/terminal_text.hpp"
#include "report/test_digests.hpp"
#include "report/utf8.hpp"

namespace sealtrace {

namespace {

std::string render(std::string_view format, const AuditResult& audit, ReportOptions options = {}) {
  options.hashers = test_hashers();
  return render_to_string(**format_by_name(format), audit, options);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string{SEALTRACE_SOURCE_DIR} + "/src/report/testdata/" + name;
  if (std::getenv("SEALTRACE_UPDATE_GOLDENS") != nullptr) std::ofstream{path, std::ios::binary} << text;
  std::ostringstream golden;
  golden << std::ifstream{path, std::ios::binary}.rdbuf();
  EXPECT_EQ(text, golden.str()) << "differs from " << path;
}

/// fingerprinted_audit is the sample with a hello kept, as with --fingerprints.
AuditResult fingerprinted_audit() {
  AuditResult audit = sample_audit();
  TlsProfile& tls = *audit.flows.front().tls;
  tls.client_hello = std::make_unique<TlsClientHello>();
  tls.client_hello->legacy_version = 0x0303;
  tls.client_hello->cipher_suites = {CipherSuite{0xC030}};
  tls.server_hello = std::make_unique<TlsServerHello>();
  tls.server_hello->legacy_version = 0x0303;
  tls.server_hello->version = TlsVersion::tls1_2;
  tls.server_hello->cipher_suite = CipherSuite{0xC030};
  return audit;
}

/// hostile_audit has text of a peer wherever a peer, a file name or a policy can put it.
AuditResult hostile_audit() {
  AuditResult audit = sample_audit();
  const std::string hostile = hostile_text();
  audit.tool_version += hostile;
  audit.topology_name = hostile;
  audit.command.push_back(hostile);
  for (CaptureSummary& capture : audit.captures) {
    capture.name = capture.error = hostile;
    capture.interfaces = capture.link_types = {hostile};
    capture.damage[hostile] = 1;
  }
  for (CertificateSummary& certificate : audit.certificates) {
    CertificateFields fields = certificate.fields();
    fields.subject = fields.issuer = fields.serial = fields.error = fields.public_key_algorithm = fields.curve = hostile;
    fields.dns_names = fields.other_names = fields.key_usage = {hostile};
    certificate.fields = [fields] { return fields; };
  }
  for (Asset& asset : audit.assets) asset.name = hostile;
  for (FlowProfile& flow : audit.flows) {
    if (flow.tls) flow.tls->server_name = flow.tls->next_protocol = hostile;
  }
  for (Leg& leg : audit.legs) leg.protection = hostile;
  for (Finding& finding : audit.findings) {
    finding.title = finding.message = finding.why = finding.remedy = finding.verify = finding.waiver = hostile;
    for (FindingEvidence& evidence : finding.evidence) evidence.what = evidence.display_filter = hostile;
  }
  for (RowVerdict& row : audit.rows) row.title = row.required = row.note = row.document = row.clause = hostile;
  for (RoleProposal& proposal : audit.proposals) {
    proposal.address = proposal.name = proposal.role = hostile;
    for (ProposalReason& reason : proposal.reasons) reason.what = hostile;
  }
  audit.budgets_exceeded[hostile] = 7;
  return audit;
}

/// expect_fit_to_print checks that nothing in `text` steers a display but line feeds.
void expect_fit_to_print(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text, at);
    ASSERT_TRUE(character.valid) << "not UTF-8 at octet " << at;
    ASSERT_TRUE(character.code == U'\n' || !steers_display(character.code)) << "a control character at octet " << at;
    at += character.num_bytes;
  }
}

TEST(Reports, of_the_sample_audit_are_the_goldens) {
  expect_golden("sample.txt", render("text", sample_audit()));
  expect_golden("sample.json", render("json", sample_audit()));
  expect_golden("sample.ndjson", render("ndjson", fingerprinted_audit()));
}

TEST(Reports, are_the_same_octets_each_time) {
  for (const ReportFormat& format : report_formats()) {
    EXPECT_EQ(render(format.name, sample_audit()), render(format.name, sample_audit()));
  }
}

TEST(Reports, let_no_hostile_text_steer_a_terminal) {
  const AuditResult audit = hostile_audit();
  for (const ReportFormat& format : report_formats()) expect_fit_to_print(render(format.name, audit));
}

TEST(Reports, of_an_empty_audit_say_so) {
  const AuditResult empty;
  const std::string text = render("text", empty);
  EXPECT_NE(text.find("no topology given"), std::string::npos);
  EXPECT_NE(text.find("INCOMPLETE"), std::string::npos);
  EXPECT_EQ(lines_of(render("ndjson", empty)).size(), 2U);  // audit, summary
}

TEST(Reports, survive_indexes_that_point_nowhere) {
  AuditResult audit = sample_audit();
  audit.assets.clear();
  audit.captures.clear();
  audit.certificates.clear();
  audit.legs.clear();
  audit.findings.clear();
  audit.judged.resize(2);
  for (const ReportFormat& format : report_formats()) EXPECT_FALSE(render(format.name, audit).empty());
  audit = sample_audit();
  audit.assets.clear();
  for (Finding& finding : audit.findings) finding.legs = {99};
  for (Leg& leg : audit.legs) leg.findings = {99};
  for (const ReportFormat& format : report_formats()) EXPECT_FALSE(render(format.name, audit).empty());
}

TEST(TextReport, keeps_within_every_width) {
  for (const AuditResult& audit : {sample_audit(), hostile_audit()}) {
    for (const std::size_t width : {80U, 97U, 100U, 120U, 140U}) {
      for (const std::string& line : lines_of(render("text", audit, {.width = width, .sign_off = true})))
        EXPECT_LE(columns(line), width) << line;
    }
  }
}

TEST(TextReport, brings_a_width_out_of_range_into_it) {
  EXPECT_EQ(render("text", sample_audit(), {.width = 1}), render("text", sample_audit(), {.width = kMinWidth}));
  EXPECT_EQ(render("text", sample_audit(), {.width = 10'000}), render("text", sample_audit(), {.width = kMaxWidth}));
}

TEST(TextReport, says_the_same_without_colour) {
  const std::string coloured = render("text", sample_audit(), {.color = true});
  EXPECT_NE(coloured.find("\x1b[1;31m"), std::string::npos);
  const std::string stripped = std::regex_replace(coloured, std::regex{"\x1b\\[[0-9;]*m"}, "");
  const std::string plain = render("text", sample_audit());
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  const std::vector<std::string> stripped_lines = lines_of(stripped);
  const std::vector<std::string> plain_lines = lines_of(plain);
  ASSERT_EQ(stripped_lines.size(), plain_lines.size());
  for (std::size_t i = 0; i < plain_lines.size(); ++i) {
    EXPECT_EQ(stripped_lines[i].substr(0, stripped_lines[i].find_last_not_of(' ') + 1), plain_lines[i]);
  }
}

TEST(TextReport, is_pure_ascii_when_asked) {
  const std::string text = render("text", hostile_audit(), {.unicode = false, .sign_off = true});
  for (const char c : text) ASSERT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7F));
}

TEST(TextReport, puts_the_table_before_the_findings_and_the_verdict_last) {
  const std::string text = render("text", sample_audit());
  EXPECT_LT(text.find("TRAFFIC PROTECTION"), text.find("FINDINGS"));
  EXPECT_LT(text.find("FINDINGS"), text.find("LEGS"));
  EXPECT_LT(text.find("LEGS"), text.find("WHAT COULD NOT BE SEEN"));
  EXPECT_NE(text.rfind("Exit code 1"), std::string::npos);
  EXPECT_EQ(text.find('\n', text.rfind("Exit code 1")), text.size() - 1);
}

TEST(TextReport, calls_an_audit_compliant_only_when_something_was_expected_and_nothing_stayed_open) {
  AuditResult audit = sample_audit();
  audit.overall = "pass";
  audit.exit_code = 0;
  EXPECT_NE(render("text", audit).find("? NO FAILURE SEEN"), std::string::npos);  // federation is inconclusive
  for (RowVerdict& row : audit.rows) row.status = Status::pass;
  EXPECT_NE(render("text", audit).find("✓ COMPLIANT"), std::string::npos);
  for (RowVerdict& row : audit.rows) row.expected = false;
  EXPECT_NE(render("text", audit).find("? NO FAILURE SEEN"), std::string::npos);
}

TEST(TextReport, cuts_long_lists_and_says_so) {
  AuditResult audit = sample_audit();
  const Leg one_leg = audit.legs.front();
  const Finding one_finding = audit.findings.front();
  audit.legs.assign(5'000, one_leg);
  audit.findings.assign(3'000, one_finding);
  const std::string text = render("text", audit);
  EXPECT_NE(text.find("and 4,940 more"), std::string::npos);
  EXPECT_NE(text.find("and 2,950 more"), std::string::npos);
  EXPECT_LT(lines_of(text).size(), 2'500U);
}

TEST(Ndjson, has_its_records_in_the_contract_s_order) {
  std::vector<std::string> kinds;
  const std::regex kind{R"re(^\{"record":"([a-z]+)","schema_version":"1\.0",)re"};
  for (const std::string& line : lines_of(render("ndjson", sample_audit()))) {
    std::smatch match;
    ASSERT_TRUE(std::regex_search(line, match, kind)) << line;
    if (kinds.empty() || kinds.back() != match[1]) kinds.push_back(match[1]);
  }
  EXPECT_EQ(kinds, (std::vector<std::string>{"audit", "capture", "certificate", "flow", "leg", "finding", "row", "summary"}));
}

/// tls_of is the record of a flow with this session, and the sample's first flow around it.
std::string record_with(const std::function<void(TlsProfile&)>& change) {
  AuditResult audit = sample_audit();
  audit.flows.resize(1);
  change(*audit.flows.front().tls);
  for (const std::string& line : lines_of(render("ndjson", audit))) {
    if (line.starts_with(R"({"record":"flow")")) return line;
  }
  return {};
}

TEST(FlowRecord, has_no_client_auth_when_the_handshake_never_came_to_a_certificate) {
  EXPECT_EQ(record_with([](TlsProfile& tls) { tls.client_auth = {}; }).find("client_auth"), std::string::npos);
}

TEST(FlowRecord, states_what_was_seen_of_client_authentication_even_without_a_status) {
  const std::string record = record_with([](TlsProfile& tls) {
    tls.client_auth = {};
    tls.client_auth.requested = true;
  });
  EXPECT_NE(record.find(R"("client_auth":{"requested":true})"), std::string::npos);
}

TEST(FlowRecord, gives_an_inferred_status_its_strength) {
  const std::string record = record_with([](TlsProfile& tls) {
    tls.client_auth = {};
    tls.client_auth.status = ClientAuthStatus::mutual;
    tls.client_auth.basis = Basis::inferred;
    tls.client_auth.strength = InferenceStrength::probable;
  });
  EXPECT_NE(record.find(R"("client_auth":{"status":"mutual","basis":"inferred","strength":"probable"})"), std::string::npos);
}

TEST(FlowRecord, gives_an_unobservable_status_its_cause) {
  const std::string record = record_with([](TlsProfile& tls) {
    tls.client_auth = {};
    tls.client_auth.status = ClientAuthStatus::not_observable;
    tls.client_auth.cause = NotObservableCause::resumed;
  });
  EXPECT_NE(record.find(R"("client_auth":{"status":"not_observable","cause":"resumed"})"), std::string::npos);
}

TEST(FlowRecord, leaves_out_what_only_a_server_hello_decides) {
  const std::string record = record_with([](TlsProfile& tls) { tls.server_hello_seen = false; });
  for (const std::string_view key : {R"("version":)", R"("cipher":)", R"("cipher_code":)", R"("resumed":)", R"("hello_retry":)"}) {
    EXPECT_EQ(record.find(key, record.find("\"tls\"")), std::string::npos) << key;
  }
}

TEST(FlowRecord, states_an_unassigned_suite_by_its_number_alone) {
  const std::string record = record_with([](TlsProfile& tls) { tls.cipher_suite = CipherSuite{0x4A4B}; });
  EXPECT_EQ(record.find(R"("cipher":)"), std::string::npos);
  EXPECT_NE(record.find(R"("cipher_code":19019)"), std::string::npos);
}

TEST(FlowRecord, calls_dtls_by_its_own_version_and_protocol) {
  const std::string record = record_with([](TlsProfile& tls) {
    tls.dtls = true;
    tls.version = TlsVersion::dtls1_2;
    tls.use_srtp = 0x0007;
  });
  EXPECT_NE(record.find(R"("version_protocol":"dtls","version":"1.2")"), std::string::npos);
  EXPECT_NE(record.find(R"("use_srtp":"0x0007")"), std::string::npos);
}

// The model holds keyed hashes of session ids and tickets; not even these are written.
TEST(FlowRecord, writes_nothing_of_session_ids_and_tickets) {
  const OpaqueHash marked{0xDEADBEEFCAFEF00DU};
  const auto marks = [&](TlsProfile& tls) { tls.session_id = tls.offered_session_id = tls.offered_ticket = tls.issued_ticket = marked; };
  EXPECT_EQ(record_with(marks), record_with([](TlsProfile&) {}));
}

TEST(Formats, are_found_by_name_and_by_ending) {
  EXPECT_EQ((*format_by_name("ndjson"))->name, "ndjson");
  EXPECT_EQ((*format_by_ending("out/audit.ndjson"))->name, "ndjson");
  EXPECT_EQ((*format_by_ending("AUDIT.TXT"))->name, "text");
  EXPECT_EQ((*format_by_ending("a.ndjson.json"))->name, "json");
}

TEST(Formats, say_what_there_is_when_there_is_no_such_one) {
  EXPECT_EQ(format_by_name("pdf").error(), "there is no format \"pdf\"; there are: text, json, ndjson");
  EXPECT_EQ(format_by_ending("x.html").error(), "\"x.html\": the ending names no format; there are: .txt, .json, .ndjson");
  EXPECT_FALSE(format_by_ending("folder.json/report"));
  EXPECT_FALSE(format_by_ending(""));
  EXPECT_FALSE(format_by_name("\x1b[2J").error().find("\\u{1B}") == std::string::npos);
}

}  // namespace

}  // namespace sealtrace
