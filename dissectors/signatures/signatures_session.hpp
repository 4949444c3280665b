// SignatureSession: tells by its first octets which protocol of the table a flow carries, and says what that means.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/signatures/once.hpp"
#include "dissectors/signatures/signature.hpp"

namespace sealtrace {

/// kSignaturesDissector asks the table. It is tentative: ProtocolRecognised is reported under the row's name, once a row is sure.
extern const Dissector kSignaturesDissector;

/// kMaxSignatures bounds the rows: what a session notes of them is a bit each.
inline constexpr std::size_t kMaxSignatures = 64;

class SignatureSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;
  void on_end(FactSink& facts) override;
  // A session of datagrams has never seen enough: another protocol may come on the same five-tuple, however many came before.

 private:
  void tell(std::size_t row, const Sight& sight, const Chunk& chunk, std::size_t length, FactSink& facts);

  struct Remembered {
    std::size_t row = 0;
    Memory memory;
  };
  std::vector<Remembered> memories_;  ///< of the rows that need one
  std::uint64_t recognised_ = 0;
  std::unique_ptr<Session> follower_;
  bool decided_ = false;  ///< streams: a row was found, or none
  Once once_;
};

}  // namespace sealtrace
