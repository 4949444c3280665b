// Command: one subcommand of the program, and the errors that end it.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sealtrace {

/// ExitCode is what the process says to a script (docs/cli.md); precedence: internal, usage, unreadable, findings, incomplete, clean.
enum ExitCode : int { kExitClean = 0, kExitFindings = 1, kExitUsage = 2, kExitIncomplete = 3, kExitUnreadable = 4, kExitInternal = 70 };

/// UsageError ends a command before anything was judged: exit code 2. what() says what is wrong and what is expected.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// OutputError says that a report could not be written: exit code 2, since whoever asked for it has none.
class OutputError : public UsageError {
 public:
  using UsageError::UsageError;
};

/// Arguments are what follows the command's name.
using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view usage;    ///< arguments, as help shows them
  std::string_view summary;  ///< one line
  int (*run)(const Arguments& arguments);
};

/// commands lists every subcommand in the order of help.
std::span<const Command> commands();

int audit_command(const Arguments& arguments);
int live_command(const Arguments& arguments);
int certs_command(const Arguments& arguments);
int explain_command(const Arguments& arguments);
int topology_command(const Arguments& arguments);
int policy_command(const Arguments& arguments);

/// run is the whole program: it finds the command, runs it, and turns what goes wrong into one line and an exit code.
int run(const Arguments& arguments);

}  // namespace sealtrace
