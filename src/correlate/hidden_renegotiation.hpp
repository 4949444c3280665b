// Renegotiation inside the encryption of TLS 1.2 and below, inferred from the lengths of its handshake records (docs/evidence.md).
#pragma once

#include <cstdint>
#include <vector>

#include "model/flow_profile.hpp"

namespace sealtrace {

/// RenegotiationFlight is what one side sent of a second handshake: its encrypted handshake records, and where its ChangeCipherSpec stood.
struct RenegotiationFlight {
  std::vector<std::uint16_t> records;  ///< lengths, in order; bounded by what a session reports
  std::size_t before_switch = 0;       ///< how many of them came before the ChangeCipherSpec
  std::uint8_t num_switches = 0;       ///< ChangeCipherSpec messages

  void on_record(std::uint16_t bytes) { records.push_back(bytes); }
  void on_switch() {
    if (num_switches < UINT8_MAX) ++num_switches;
    before_switch = records.size();
  }
};

/// infer_renegotiation says what one renegotiation that both sides completed shows: mutual, one_way or declined, never more than probable;
/// `none` where the lengths do not tell. For suites that add the same number of octets to every message (AEAD, RFC 5246 section 6.2.3.3).
ClientAuthStatus infer_renegotiation(const RenegotiationFlight& client, const RenegotiationFlight& server);

}  // namespace sealtrace
