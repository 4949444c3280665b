// AuditOptions: what `audit`, `live` and `certs` have in common, from the command line to checked values.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

#include "app/command.hpp"
#include "model/audit.hpp"

namespace sealtrace {

struct AuditOptions {
  std::vector<std::string> inputs;    ///< captures; of `live` none
  std::vector<std::string> policies;  ///< names or files; empty: the topology's product, else the default
  std::string topology;               ///< file; empty: none
  std::string filter;
  std::vector<std::string> key_logs;  ///< files
  bool ignore_secrets = false;
  bool verify_signatures = false;
  unsigned jobs = 1;
  std::vector<std::string> required_rows;
  std::vector<std::filesystem::path> outputs;
  std::string format = "text";  ///< of standard output
  Severity fail_on = Severity::high;
  bool strict = false;
  bool sign_off = false;
  bool force = false;
  bool quiet = false;
  bool fingerprints = false;
  std::vector<std::string> srtp_keys;  ///< files
  bool hash_files = true;
  bool color = false;
};

/// report_options describes, for help and parsing, the options about policies and reports; add_packet_options adds those about packets.
boost::program_options::options_description report_options();
void add_packet_options(boost::program_options::options_description& options);

/// parse_options reads `arguments` by `described` (and `positional` names for the rest). nullopt after --help was printed.
/// Throws UsageError, with the nearest option for one that is unknown.
std::optional<boost::program_options::variables_map> parse_options(
    const Arguments& arguments, std::string_view usage, const boost::program_options::options_description& described,
    const boost::program_options::positional_options_description& positional);

/// read_common checks the values of both, as far as they are described. Throws UsageError.
AuditOptions read_common(const boost::program_options::variables_map& values);

}  // namespace sealtrace
