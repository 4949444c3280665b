// DnsSession: names and addresses that answers tell, over UDP and TCP.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dissect/session.hpp"
#include "dissectors/dns/dns_parse.hpp"

namespace sealtrace {

/// kDnsDissector and its kin recognise messages in the form of DNS. Multicast DNS and LLMNR are told by their ports, since their form is
/// the same; the NetBIOS name service by its names, or by its port.
extern const Dissector kDnsDissector;
extern const Dissector kMdnsDissector;
extern const Dissector kLlmnrDissector;
extern const Dissector kNbnsDissector;

/// kMaxDnsAnswersPerFlow bounds the answers told of one flow, each once: a resolver that keeps one port for all its questions would else
/// use up what the flow may tell (FlowLimits::max_facts_per_flow).
inline constexpr std::size_t kMaxDnsAnswersPerFlow = 64;

/// DnsSession follows one flow. `done` once nothing new can be told.
class DnsSession final : public Session {
 public:
  DnsSession(StaticText name, std::uint64_t hash_key) : name_{name}, hash_key_{hash_key} {}
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;
  Datagram on_datagram(const Chunk& chunk, FactSink& facts) override;

 private:
  void tell(DnsMessage&& message, const Chunk& chunk, std::size_t length, FactSink& facts);
  [[nodiscard]] bool seen_enough() const { return answers_full_ && told_[0] && told_[1]; }

  StaticText name_;
  std::uint64_t hash_key_;
  std::array<bool, 2> told_{};          ///< by kind: query, response
  std::array<bool, 2> lost_{};          ///< by side: the place in the stream is not known after a gap
  std::vector<std::uint64_t> answers_;  ///< hashes of those told
  bool answers_full_ = false;
};

}  // namespace sealtrace
