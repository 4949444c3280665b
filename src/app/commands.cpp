#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "app/command.hpp"
#include "app/version.hpp"
#include "capture/packet_source.hpp"
#include "policy/policy_loader.hpp"
#include "topology/topology_loader.hpp"
#include "yaml/yaml_text.hpp"

namespace sealtrace {
namespace {

constexpr std::array kCommands{
    Command{"audit", "CAPTURE...", "audit files, folders of rotated files, or - for standard input", audit_command},
    Command{"live", "-i INTERFACE", "audit an interface until a time, a count or an interrupt", live_command},
    Command{"certs", "PATH... | plan TOPOLOGY", "check certificates and inventories of servers without packets", certs_command},
    Command{"explain", "ROW | REASON", "the rule, its source, what it means, how to fix it, how to verify", explain_command},
    Command{"topology", "lint FILE", "check a topology file", topology_command},
    Command{"policy", "list | show | lint | test", "what the policies demand, in plain words", policy_command},
};

void print_help() {
  fmt::print("sealtrace {}: a passive auditor of traffic encryption\n\nusage: sealtrace COMMAND [OPTIONS] ...\n\ncommands:\n", kVersion);
  for (const Command& command : kCommands) fmt::print("  {:<36}{}\n", fmt::format("{} {}", command.name, command.usage), command.summary);
  fmt::print(
      "\n'sealtrace COMMAND --help' lists its options.\n\n"
      "exit codes: 0 nothing to report, 1 findings, 2 usage or policy error, 3 open questions remain, 4 no input could be read, 70 "
      "internal error\n");
}

int run_command(const Arguments& arguments) {
  if (arguments.empty()) {
    print_help();
    return kExitUsage;
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_help();
    return kExitClean;
  }
  if (name == "--version" || name == "version") {
    fmt::print("sealtrace {}\n", kVersion);
    return kExitClean;
  }
  const auto command = std::ranges::find(kCommands, name, &Command::name);
  if (command != kCommands.end()) return command->run({arguments.begin() + 1, arguments.end()});
  std::vector<std::string_view> names;
  for (const Command& known : kCommands) names.push_back(known.name);
  throw UsageError{unknown_name("command", name, names)};
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

int run(const Arguments& arguments) {
  try {
    const int code = run_command(arguments);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw OutputError{"standard output could not be written"};
    return code;
  } catch (const UsageError& error) {
    fmt::print(stderr, "sealtrace: {}\n", error.what());
    return kExitUsage;
  } catch (const TopologyError& error) {
    fmt::print(stderr, "sealtrace: {}\n", error.what());
    return kExitUsage;
  } catch (const PolicyError& error) {
    fmt::print(stderr, "sealtrace: {}\n", error.what());
    return kExitUsage;
  } catch (const CaptureError& error) {
    fmt::print(stderr, "sealtrace: {}\n", error.what());
    return kExitUnreadable;
  } catch (const std::exception& error) {
    fmt::print(stderr, "sealtrace: internal error: {}\n", error.what());
    return kExitInternal;
  }
}

}  // namespace sealtrace
