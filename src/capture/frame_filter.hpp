// FrameFilter: a BPF expression, applied to frames of files.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "capture/packet_source.hpp"

struct bpf_program;

namespace sealtrace {

/// FrameFilter compiles its expression once for each link type that it meets. It sees outer headers only.
class FrameFilter {
 public:
  enum class Answer : std::uint8_t { pass, drop, not_for_link_type };

  /// An empty `expression` passes everything. Throws CaptureError, with libpcap's words, when it compiles for no link type.
  explicit FrameFilter(std::string expression);

  [[nodiscard]] bool passes_all() const { return expression_.empty(); }
  /// ask says whether the frame passes. An expression that makes no sense for its link type passes nothing of it.
  Answer ask(const PacketView& packet);

 private:
  using Program = std::unique_ptr<bpf_program, std::function<void(bpf_program*)>>;

  const bpf_program* program_for(LinkType link_type);

  std::string expression_;
  std::map<LinkType, Program> programs_;  // null where it does not compile; as many as link types are met, 65,536 at most
  LinkType last_link_type_{};
  const bpf_program* last_program_ = nullptr;
};

}  // namespace sealtrace
