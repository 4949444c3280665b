// SpecimenSession: follows one SOCKS 5 connection until its method is negotiated.
#pragma once

#include "dissect/session.hpp"

namespace sealtrace {

/// kSpecimenDissector recognises a stream that is a whole greeting.
extern const Dissector kSpecimenDissector;

/// SpecimenSession reads one message of each side, the greeting of who opened the stream and the selection of the other.
class SpecimenSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;
};

}  // namespace sealtrace
