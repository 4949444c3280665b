#include "correlate/hidden_renegotiation.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace sealtrace {
namespace {

using enum ClientAuthStatus;

/// Lengths of one side's records; 0 is its ChangeCipherSpec.
using Lengths = std::vector<std::uint16_t>;

struct Case {
  std::string_view name;
  Lengths client;
  Lengths server;
  ClientAuthStatus status = none;
};

// With AES-GCM 24 octets are added to every message, so that Finished (16) is 40 long; with ChaCha20 16, and 32.
const Lengths kServerGcm{28, 110, 950, 180, 70, 28, 0, 40};
const Case kCases[] = {
    {"a certificate, a key exchange and a signature are mutual", {220, 1100, 61, 288, 0, 40}, kServerGcm, mutual},
    {"a P-256 signature", {220, 1100, 61, 103, 0, 40}, kServerGcm, mutual},
    {"ChaCha20 adds fewer octets", {212, 1092, 53, 280, 0, 32}, {102, 942, 172, 20, 0, 32}, mutual},
    {"an empty certificate and a key exchange are declined", {220, 31, 61, 0, 40}, kServerGcm, declined},
    {"a key exchange alone is one-way", {220, 61, 0, 40}, kServerGcm, one_way},
    {"an RSA key exchange alone is one-way", {220, 286, 0, 40}, kServerGcm, one_way},
    {"one record that is no key exchange may hold anything", {220, 1450, 0, 40}, kServerGcm, none},
    {"an empty certificate and a key exchange in one record", {220, 68, 0, 40}, kServerGcm, none},
    {"a certificate without a signature", {220, 1100, 61, 0, 40}, kServerGcm, none},
    {"a signature of no known length", {220, 1100, 61, 300, 0, 40}, kServerGcm, none},
    {"a certificate too small to be one", {220, 200, 61, 288, 0, 40}, kServerGcm, none},
    {"padding to blocks hides the lengths", {240, 1120, 80, 304, 0, 64}, {80, 0, 64}, none},
    {"the server did not finish", {220, 1100, 61, 288, 0, 40}, {28, 110, 950, 180, 70, 28}, none},
    {"the client did not finish", {220, 1100, 61, 288, 0}, kServerGcm, none},
    {"records behind Finished begin another one", {220, 1100, 61, 288, 0, 40, 220}, kServerGcm, none},
    {"two renegotiations", {220, 61, 0, 40, 220, 61, 0, 40}, kServerGcm, none},
    {"a resumption has no flight", {220, 0, 40}, {110, 0, 40}, none},
    {"nothing", {}, {}, none},
};

RenegotiationFlight flight_of(const Lengths& lengths) {
  RenegotiationFlight flight;
  for (const std::uint16_t length : lengths) {
    if (length == 0) {
      flight.on_switch();
    } else {
      flight.on_record(length);
    }
  }
  return flight;
}

TEST(HiddenRenegotiation, FollowsTheTable) {
  for (const Case& row : kCases) {
    EXPECT_EQ(to_string(infer_renegotiation(flight_of(row.client), flight_of(row.server))), to_string(row.status)) << row.name;
  }
}

TEST(HiddenRenegotiation, OfALostRecordNothingBecomesMutual) {
  for (const Case& row : kCases) {
    if (row.status == mutual || row.name.starts_with("records behind")) continue;  // the loss of what came later cannot be seen here
    for (std::size_t at = 0; at < row.client.size(); ++at) {
      Lengths left = row.client;
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(at));
      EXPECT_NE(infer_renegotiation(flight_of(left), flight_of(row.server)), mutual) << row.name << " without " << at;
    }
  }
}

}  // namespace
}  // namespace sealtrace
