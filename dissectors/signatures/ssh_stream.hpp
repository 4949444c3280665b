// SshStream: SSH until both sides have taken their keys into use (RFC 4253).
#pragma once

#include <array>

#include "dissect/session.hpp"

namespace sealtrace {

/// SshStream reads the version lines and the packets up to SSH_MSG_NEWKEYS, which are not encrypted. Only when both sides have sent it, and
/// not both listed the cipher "none", is what follows protected.
class SshStream final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  struct Half {
    bool version_read = false;
    bool lost = false;
    bool lists_none = false;
    bool new_keys = false;
  };
  std::array<Half, 2> halves_;
};

}  // namespace sealtrace
