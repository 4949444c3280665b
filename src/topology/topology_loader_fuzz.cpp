// Any text is either a topology that can be linted and resolved, or an error whose every problem names a line of the text.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "topology/asset_resolver.hpp"
#include "topology/topology_lint.hpp"
#include "topology/topology_loader.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto num_lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n') + std::ranges::count(text, '\r') + 2);
  try {
    const Topology topology = parse_topology(text, "fuzz");
    for (const TopologyProblem& problem : lint_topology(topology)) {
      if (problem.line == 0 || problem.line > num_lines || problem.message.empty()) std::abort();
    }
    AssetResolver resolver{topology};
    for (const TopologyHost& host : topology.hosts) {
      for (const HostAddress& address : host.addresses) {
        const Asset& asset = resolver.assets()[resolver.resolve(address.address.network)];
        if (asset.kind == AssetKind::address || asset.name.empty()) std::abort();
      }
    }
  } catch (const TopologyError& error) {
    if (error.problems().empty()) std::abort();
    for (const TopologyProblem& problem : error.problems()) {
      if (problem.message.empty() || problem.line > num_lines) std::abort();
    }
  }
  return 0;
}
