#include "capture/frame_filter.hpp"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <array>
#include <utility>

#include "capture/link_type.hpp"

namespace sealtrace {
namespace {

constexpr int kSnaplen = 262'144;  // octets; what a passing frame keeps, which nobody looks at

/// Compiled is libpcap's outcome: a program, or its words.
struct Compiled {
  bpf_program program{};
  bool ok = false;
  std::string error;
};

Compiled compile(const std::string& expression, LinkType link_type) {
  Compiled compiled;
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle{pcap_open_dead(dlt_of(link_type), kSnaplen), &pcap_close};
  if (!handle) {
    compiled.error = "no memory";
    return compiled;
  }
  compiled.ok = pcap_compile(handle.get(), &compiled.program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0;
  if (!compiled.ok) compiled.error = pcap_geterr(handle.get());
  return compiled;
}

}  // namespace

FrameFilter::FrameFilter(std::string expression) : expression_{std::move(expression)} {
  if (passes_all()) return;
  std::string first_error;
  // Ethernet's words come first: they are about what nearly every capture is.
  constexpr std::array kTried{LinkType::ethernet, LinkType::raw, LinkType::linux_sll, LinkType::null, LinkType::ppp};
  for (const LinkType link_type : kTried) {
    Compiled compiled = compile(expression_, link_type);
    if (compiled.ok) {
      pcap_freecode(&compiled.program);
      return;
    }
    if (first_error.empty()) first_error = compiled.error;
  }
  throw CaptureError{fmt::format("the filter \"{}\" cannot be compiled: {}", expression_, first_error)};
}

FrameFilter::Answer FrameFilter::ask(const PacketView& packet) {
  if (passes_all()) return Answer::pass;
  if (last_program_ == nullptr || packet.link_type != last_link_type_) {
    last_program_ = program_for(packet.link_type);
    last_link_type_ = packet.link_type;
  }
  if (last_program_ == nullptr) return Answer::not_for_link_type;
  const auto captured_bytes = static_cast<unsigned>(packet.data.size());
  return bpf_filter(last_program_->bf_insns, packet.data.data(), packet.wire_bytes, captured_bytes) != 0 ? Answer::pass : Answer::drop;
}

const bpf_program* FrameFilter::program_for(LinkType link_type) {
  const auto found = programs_.find(link_type);
  if (found != programs_.end()) return found->second.get();
  const Compiled compiled = compile(expression_, link_type);
  Program program;
  if (compiled.ok) {
    program = Program{new bpf_program{compiled.program}, [](bpf_program* owned) {
                        pcap_freecode(owned);
                        delete owned;
                      }};
  }
  return programs_.emplace(link_type, std::move(program)).first->second.get();
}

}  // namespace sealtrace
