// certs: certificates and inventories without packets, by the same rules.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "app/audit_run.hpp"
#include "app/certificate_examination.hpp"
#include "app/certs_plan.hpp"
#include "app/inventory.hpp"
#include "crypto/certificate_fields.hpp"
#include "crypto/digest.hpp"
#include "policy/judge_certificates.hpp"
#include "policy/pool_leaves.hpp"
#include "topology/topology_loader.hpp"

namespace sealtrace {
namespace po = boost::program_options;
namespace {

constexpr std::size_t kMaxPasswordBytes = 4096;

std::string without_line_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

/// read_password takes the password from where it does not show in a list of processes.
std::string read_password(const po::variables_map& values) {
  if (values.contains("password-env") && values.contains("password-fd")) throw UsageError{"give --password-env or --password-fd, not both"};
  if (values.contains("password-env")) {
    const std::string name = values["password-env"].as<std::string>();
    const char* const word = std::getenv(name.c_str());
    if (word == nullptr) throw UsageError{fmt::format("--password-env: there is no variable {}", name)};
    return word;
  }
  if (!values.contains("password-fd")) return {};
  std::string word;
  std::array<char, 256> piece{};
  for (;;) {
    const ssize_t length = ::read(values["password-fd"].as<int>(), piece.data(), piece.size());
    if (length < 0) throw UsageError{"--password-fd: nothing can be read from this descriptor"};
    if (length == 0 || word.size() > kMaxPasswordBytes) break;
    word.append(piece.data(), static_cast<std::size_t>(length));
  }
  return without_line_end(std::move(word));
}

/// read_seen lists the SHA-256 of the certificates that a stored audit (its NDJSON) saw somebody show as its own. Only our own records are
/// understood: a line is one, and the key stands in it once.
std::set<std::string> read_seen(const std::string& path) {
  std::ifstream file{path};
  if (!file) throw UsageError{fmt::format("{}: cannot be opened", path)};
  std::set<std::string> seen;
  std::string line;
  while (std::getline(file, line)) {
    constexpr std::string_view kKey = "\"sha256\":\"";
    constexpr std::size_t kDigits = 64;
    const bool leaf = line.starts_with("{\"record\":\"certificate\"") && line.find("\"seen_as_leaf\":true") != std::string::npos;
    const std::size_t at = line.find(kKey);
    if (leaf && at != std::string::npos && line.size() >= at + kKey.size() + kDigits) seen.insert(line.substr(at + kKey.size(), kDigits));
  }
  return seen;
}

CertificateSummary summary_of(const Inventory& inventory, std::size_t index) {
  CertificateSummary certificate;
  certificate.sources = inventory.named_in[index];
  const Bytes der = inventory.certificates[index];
  if (der.empty()) {
    const CertificateFields& listed = inventory.listed.at(static_cast<std::uint32_t>(index));
    certificate.fields = [&listed] { return listed; };
    certificate.not_after = listed.not_after;
    certificate.sha1 = inventory.thumbprints[index];
    return certificate;
  }
  certificate.sha256 = upper_hex(sha256(der));
  certificate.der_bytes = static_cast<std::uint32_t>(der.size());
  certificate.fields = [der] { return read_certificate(der); };
  certificate.not_after = read_not_after(der);
  return certificate;
}

/// all_laid: every certificate of which only a list speaks is somebody's for something, and so was judged.
bool all_laid(const Inventory& inventory) {
  std::set<std::uint32_t> used;
  for (const CertificateUse& use : inventory.uses) used.insert(use.chain.front());
  return std::ranges::all_of(inventory.listed, [&](const auto& each) { return used.contains(each.first); });
}

/// compare_with_wire says which certificates were seen and are not listed, and which are listed and were never seen.
void compare_with_wire(const AuditResult& result, const std::set<std::string>& seen) {
  std::set<std::string> listed;
  for (const CertificateSummary& certificate : result.certificates) {
    if (certificate.holders.empty()) continue;
    listed.insert(certificate.sha256);
    if (!seen.contains(certificate.sha256)) {
      fmt::print(stderr, "sealtrace: listed and never seen: {:.16}… of {}\n", certificate.sha256, certificate.holders.front());
    }
  }
  for (const std::string& sha256 : seen) {
    if (!listed.contains(sha256)) fmt::print(stderr, "sealtrace: seen and not listed: {:.16}…\n", sha256);
  }
}

int run_certs(const po::variables_map& values, const Arguments& arguments) {
  const AuditOptions options = read_common(values);
  if (options.inputs.empty())
    throw UsageError{"certs needs certificates: files, folders, lists of Get-CsCertificate, text of certutil; or 'plan TOPOLOGY'"};
  const AuditRun run{options, "certs", arguments};
  const Judgement& judgement = run.judgement();
  const Inventory inventory = read_inventory(options.inputs, judgement.topology, read_password(values));
  for (const std::string& problem : inventory.problems) fmt::print(stderr, "sealtrace: {}\n", problem);
  if (!options.quiet) {
    for (const std::string& note : inventory.notes) fmt::print(stderr, "sealtrace: {}\n", note);
  }
  AuditResult result = run.base();
  result.topology_name = judgement.topology.name;
  result.topology_sha256 = judgement.topology.sha256;
  for (std::size_t i = 0; i < inventory.certificates.size(); ++i) result.certificates.push_back(summary_of(inventory, i));
  const auto octets = [&](std::uint32_t index) -> Bytes { return inventory.certificates[index]; };
  const auto examined = examine_certificates(inventory.uses, result.certificates.size(), octets, judgement.trust, options.jobs);
  result.pool_leaves = pool_leaves(inventory.uses);
  const bool all_read = inventory.problems.empty() && all_laid(inventory);
  judge_by(result, judgement.policies, [&](const Policy& policy) {
    result.overall = all_read ? "pass" : "incomplete";
    result.exit_code = all_read ? kExitClean : kExitIncomplete;
    judge_certificates(result, policy, judgement.topology, judgement.options, inventory.uses, examined,
                       result.started.value_or(Timestamp{}));
  });
  if (inventory.uses.empty() && result.overall == "pass") {  // nobody's: nothing was judged
    result.overall = "incomplete";
    result.exit_code = kExitIncomplete;
  }
  if (inventory.num_files == 0) result.exit_code = kExitUnreadable;
  run.write(result);
  if (values.contains("wire")) compare_with_wire(result, read_seen(values["wire"].as<std::string>()));
  return result.exit_code;
}

}  // namespace

int certs_command(const Arguments& arguments) {
  if (!arguments.empty() && arguments.front() == "plan") {
    if (arguments.size() != 2 || arguments[1].starts_with('-')) throw UsageError{"certs plan takes a topology file"};
    fmt::print("{}", certificate_plan(load_topology(arguments[1])));
    return kExitClean;
  }
  po::options_description described = report_options();
  described.add_options()("password-env", po::value<std::string>()->value_name("NAME"),
                          "the variable that holds the password of PKCS #12 files")("password-fd", po::value<int>()->value_name("N"),
                                                                                    "the descriptor from which that password is read")(
      "wire", po::value<std::string>()->value_name("FILE.ndjson"), "an audit's records: say which certificates were seen or listed only")(
      "jobs,j", po::value<unsigned>()->value_name("N")->default_value(0),
      "threads for chains and keys; 0 is one for each processor; the report is the same for any number");
  po::positional_options_description positional;
  positional.add("input", -1);
  const auto values =
      parse_options(arguments,
                    "certs [OPTIONS] PATH... | certs plan TOPOLOGY\n\n"
                    "PATH is a file or a folder of files: certificates (PEM, DER, PKCS #7, PKCS #12), lists of Get-CsCertificate\n"
                    "(CSV, JSON), or what certutil -store, certutil -dump and openssl x509 -text print.",
                    described, positional);
  return values ? run_certs(*values, arguments) : kExitClean;
}

}  // namespace sealtrace
