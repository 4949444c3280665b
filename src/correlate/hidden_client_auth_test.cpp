#include "correlate/hidden_client_auth.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string_view>
#include <vector>

namespace sealtrace {
namespace {

using enum ClientAuthStatus;
constexpr auto strong = InferenceStrength::strong;
constexpr auto probable = InferenceStrength::probable;

constexpr CipherSuite kAes128{0x1301};
constexpr CipherSuite kAes256{0x1302};
constexpr CipherSuite kCcm8{0x1305};

/// Sent is a run of records: positive sizes are the client's, negative ones the server's.
using Sent = std::vector<int>;

struct Hellos {
  CipherSuite suite = kAes128;
  bool early_data = false;
  bool later_auth = false;
  bool raw_keys = false;
  bool psk = false;
};

struct Case {
  std::string_view name;
  Sent sent;
  Hellos hellos;
  ClientAuthStatus status = ClientAuthStatus::none;
  InferenceStrength strength = InferenceStrength::none;
  std::string_view key;
};

const Hellos kPlain{};
const Hellos kLater{.later_auth = true};
const Hellos kRaw{.raw_keys = true};
const Hellos kEarly{.early_data = true};
const Hellos kPsk{.psk = true};
const Hellos kSha384{.suite = kAes256};
const Hellos kShortTag{.suite = kCcm8};
const Hellos kUnknown{.suite = CipherSuite{0x13F0}};
constexpr auto kNothing = ClientAuthStatus::none;
constexpr auto kNone = InferenceStrength::none;

// A server's flight: 27 EncryptedExtensions, 62 CertificateRequest, 900 Certificate, 281 CertificateVerify, 53 Finished.
const Case kCases[] = {
    // the client's flight in records of their own
    {"a certificate, a signature and Finished are mutual",
     {-27, -62, -900, -281, -53, 1100, 281, 53, -600, -600},
     kPlain,
     mutual,
     strong,
     "rsa_2048"},
    {"a P-256 key signs shorter", {-27, -62, -900, -281, -53, 700, 95, 53, -600}, kPlain, mutual, strong, "ecdsa_p256"},
    {"an Ed25519 key signs in 64 octets", {-27, -62, -900, -281, -53, 700, 89, 53, -600}, kPlain, mutual, strong, "ed25519"},
    {"a P-521 key", {-27, -62, -900, -281, -53, 700, 162, 53, -600}, kPlain, mutual, strong, "ecdsa_p521"},
    {"SHA-384 has a longer Finished", {-27, -62, -900, -281, -69, 1100, 281, 69, -600}, kSha384, mutual, strong, "rsa_2048"},
    {"a short tag makes every record shorter", {-19, -54, -892, -273, -45, 1092, 273, 45, -600}, kShortTag, mutual, strong, "rsa_2048"},
    {"a client that pads by sixteen is read as such",
     {-27, -62, -900, -281, -53, 1116, 297, 69, 300, -600},
     kPlain,
     mutual,
     strong,
     "rsa_2048"},
    {"a certificate in equal fragments", {-27, -62, -900, -281, -53, 529, 529, 300, 281, 53, -600}, kPlain, mutual, strong, "rsa_2048"},
    {"data in the segment of Finished changes nothing", {-1500, 1100, 281, 53, 400, -600}, kPlain, mutual, strong, "rsa_2048"},
    {"the server's first answer is an alert", {-27, -62, -900, -281, -53, 1100, 281, 53, -19}, kPlain, kNothing, kNone, ""},
    {"the server does not answer", {-27, -62, -900, -281, -53, 1100, 281, 53, 400}, kPlain, kNothing, kNone, ""},
    {"what the server sent before the client's Finished is no answer",
     {-27, -62, -900, -281, -53, 1100, 281, -700, 53},
     kPlain,
     kNothing,
     kNone,
     ""},
    {"the server's flight was not seen", {1100, 281, 53, -27, -900, -600}, kPlain, kNothing, kNone, ""},
    {"the server did not ask", {-27, -900, -281, -53, 1100, 281, 53, -600}, kPlain, kNothing, kNone, ""},
    {"a signature of a length that no kind of key has is probable at most",
     {-27, -62, -900, -281, -53, 1100, 300, 53, -600},
     kPlain,
     mutual,
     probable,
     ""},
    {"what stands before the signature is too small for a certificate",
     {-27, -62, -900, -281, -53, 120, 281, 53, -600},
     kPlain,
     kNothing,
     kNone,
     ""},
    {"a certificate so small is compressed, or none",
     {-27, -62, -900, -281, -53, 200, 281, 53, -600},
     kPlain,
     mutual,
     probable,
     "rsa_2048"},
    {"fragments of unlike lengths are probable at most",
     {-27, -62, -900, -281, -53, 529, 400, 300, 281, 53, -600},
     kPlain,
     mutual,
     probable,
     ""},
    {"a bare key may stand for the certificate", {-27, -62, -900, -281, -53, 700, 281, 53, -600}, kRaw, kNothing, kNone, ""},
    {"early data may have any size", {-27, -62, -900, -281, -53, 1100, 281, 53, -600}, kEarly, kNothing, kNone, ""},
    {"a PSK leaves no room for certificates", {-27, -53, 53, -600}, kPsk, kNothing, kNone, ""},
    {"a suite whose sizes nobody knows", {-27, -62, -900, -281, -53, 1100, 281, 53, -600}, kUnknown, kNothing, kNone, ""},
    // Finished alone
    {"Finished first and alone is one-way", {-27, -900, -281, -53, 53, 400, -600}, kPlain, one_way, strong, ""},
    {"one-way, and data that imitates a certificate and a signature",
     {-27, -900, -281, -53, 53, 1100, 281, 53, -600},
     kPlain,
     one_way,
     strong,
     ""},
    {"one-way with SHA-384", {-1500, 69, 400, -600}, kSha384, one_way, strong, ""},
    {"one-way, padded by sixteen", {-1500, 69, 400, -600}, kPlain, one_way, strong, ""},
    {"sixteen zeros in one record and none in another are no constant", {-1500, 69, 30, -600}, kPlain, kNothing, kNone, ""},
    {"asked, and Finished first: a contradiction", {-27, -62, -900, -281, -53, 53, 400, -600}, kPlain, kNothing, kNone, ""},
    {"a client that may authenticate later is one-way so far", {-1500, 53, 400, -600}, kLater, one_way, probable, ""},
    {"a client that seems to authenticate later", {-1500, 53, 400, -600, 1100, 281, 53}, kLater, kNothing, kNone, ""},
    // an empty certificate
    {"an empty certificate is declined", {-27, -62, -900, -281, -53, 25, 53, 400, -600}, kPlain, declined, strong, ""},
    {"declined in one record with Finished", {-27, -62, -900, -281, -53, 61, 400, -600}, kPlain, declined, strong, ""},
    {"one record may be Finished and eight zeros, where nobody saw a request", {-1500, 61, 400, -600}, kPlain, declined, probable, ""},
    {"declined and refused", {-27, -62, -900, -281, -53, 25, 53, -19}, kPlain, declined, strong, ""},
    {"nobody asked, so nobody declined", {-27, -900, -281, -53, 25, 53, -600}, kPlain, kNothing, kNone, ""},
    // all in one record
    {"one record, a request and an alert without padding are mutual",
     {-27, -62, -900, -281, -53, 1500, 400, -600, 19},
     kPlain,
     mutual,
     strong,
     ""},
    {"one record and a request", {-27, -62, -900, -281, -53, 1500, 401, -600}, kPlain, mutual, probable, ""},
    {"one record, an alert without padding and tickets that hold a certificate",
     {-1500, 1500, 401, -900, -900, 19},
     kPlain,
     mutual,
     strong,
     ""},
    {"one record and an alert without padding", {-1500, 1500, 401, -600, 19}, kPlain, mutual, probable, ""},
    {"one record and no witness", {-1500, 1500, 401, -600}, kPlain, kNothing, kNone, ""},
    {"one record and tickets without a certificate", {-27, -62, -900, -281, -53, 1500, 401, -250, -250, 19}, kPlain, kNothing, kNone, ""},
    {"one record, nobody asked: Finished is padded", {-27, -900, -281, -53, 1500, 401, -600, 19}, kPlain, kNothing, kNone, ""},
    {"one record of a multiple of 64", {-27, -62, -900, -281, -53, 528, 401, -600, 19}, kPlain, kNothing, kNone, ""},
    {"two records of one length", {-27, -62, -900, -281, -53, 500, 500, 401, -600, 19}, kPlain, kNothing, kNone, ""},
    {"one record and a server that answers with an alert", {-27, -62, -900, -281, -53, 1500, -19, 19}, kPlain, kNothing, kNone, ""},
    {"one record too small for a certificate", {-27, -62, -900, -281, -53, 300, 401, -600, 19}, kPlain, kNothing, kNone, ""},
    {"one record of a multiple of 100 is probable at most", {-27, -62, -900, -281, -53, 1016, 401, -600, 19}, kPlain, mutual, probable, ""},
    {"one record, and data as long as a signature", {-27, -62, -900, -281, -53, 1500, 281, -600, 19}, kPlain, mutual, strong, ""},
    // padding to blocks
    {"blocks of 32 hide Finished", {-1500, 80, 432, -600, 48}, kPlain, kNothing, kNone, ""},
    {"blocks of 512 hide a certificate", {-27, -62, -900, -281, -53, 1040, 528, 528, -600, 528}, kPlain, kNothing, kNone, ""},
    {"Finished may not be padded where data is", {-1500, 80, 144, 272, -600}, kPlain, kNothing, kNone, ""},
    {"nothing of the client", {-1500}, kPlain, kNothing, kNone, ""},
    {"nothing at all", {}, kPlain, kNothing, kNone, ""},
};

EncryptedFlight flight_of(const Sent& sent, const Hellos& hellos) {
  EncryptedFlight flight;
  flight.cipher_suite = hellos.suite;
  flight.early_data_offered = hellos.early_data;
  flight.post_handshake_auth = hellos.later_auth;
  flight.raw_public_keys = hellos.raw_keys;
  flight.pre_shared_key = hellos.psk;
  for (const int size : sent) {
    flight.records.push_back({.sender = size > 0 ? Side::initiator : Side::responder, .bytes = static_cast<std::uint16_t>(std::abs(size))});
  }
  return flight;
}

TEST(HiddenClientAuth, FollowsTheTable) {
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    const HiddenClientAuth auth = infer_client_auth(flight_of(row.sent, row.hellos));
    EXPECT_EQ(to_string(auth.status), to_string(row.status));
    EXPECT_EQ(auth.strength, row.strength);
    EXPECT_EQ(auth.key, row.key);
    EXPECT_EQ(auth.error_rate > 0, row.strength != kNone);
    EXPECT_LT(auth.error_rate, row.strength == strong ? 0.01 : 0.2);
  }
}

TEST(HiddenClientAuth, ACaptureThatEndsEarlierIsNeverStronglyMutualWhereTheWholeIsNot) {
  for (const Case& row : kCases) {
    // Later records that show padding or a refusal cannot be foreseen from fewer.
    if (row.strength == strong || row.name.starts_with("two records")) continue;
    SCOPED_TRACE(row.name);
    for (std::size_t length = 0; length < row.sent.size(); ++length) {
      const Sent prefix(row.sent.begin(), row.sent.begin() + static_cast<std::ptrdiff_t>(length));
      const HiddenClientAuth auth = infer_client_auth(flight_of(prefix, row.hellos));
      EXPECT_FALSE(auth.status == mutual && auth.strength == strong) << "at " << length;
    }
  }
}

/// Model is a client that pads, as RFC 8446 section 5.4 lets it: `pad` gives the length of what is encrypted from the least length.
struct Model {
  std::string_view name;
  int (*pad)(int bytes, std::mt19937& random);
};

constexpr int kAead = 17;

int to_block(int bytes, int block) { return (bytes + block - 1) / block * block; }

const Model kModels[] = {
    {"to 16", [](int bytes, std::mt19937&) { return to_block(bytes + 1, 16) - 1; }},
    {"to 32", [](int bytes, std::mt19937&) { return to_block(bytes + 1, 32) - 1; }},
    {"to 100", [](int bytes, std::mt19937&) { return to_block(bytes + 1, 100) - 1; }},
    {"to 512", [](int bytes, std::mt19937&) { return to_block(bytes + 1, 512) - 1; }},
    {"to 1000", [](int bytes, std::mt19937&) { return to_block(bytes + 1, 1000) - 1; }},
    {"to 4096", [](int bytes, std::mt19937&) { return to_block(bytes + 1, 4096) - 1; }},
    {"by 7", [](int bytes, std::mt19937&) { return bytes + 7; }},
    {"by 300", [](int bytes, std::mt19937&) { return bytes + 300; }},
    {"by up to 255", [](int bytes, std::mt19937& random) { return bytes + std::uniform_int_distribution{0, 255}(random); }},
    {"by up to 15", [](int bytes, std::mt19937& random) { return bytes + std::uniform_int_distribution{0, 15}(random); }},
    {"to a power of two",
     [](int bytes, std::mt19937&) {
       int power = 1;
       while (power < bytes + 1) power *= 2;
       return power - 1;
     }},
};

TEST(HiddenClientAuth, PaddingWithoutACertificateIsNeverCalledMutual) {
  std::mt19937 random{20260105};
  const auto any = [&](int least, int most) { return std::uniform_int_distribution{least, most}(random); };
  for (const Model& model : kModels) {
    SCOPED_TRACE(model.name);
    int declined_by_chance = 0;
    for (int round = 0; round < 4000; ++round) {
      const bool asked = round % 2 != 0;
      const bool handshake_only = any(0, 1) != 0;
      const bool apart = any(0, 1) != 0;
      Sent sent = apart ? (asked ? Sent{-27, -62, -900, -281, -53} : Sent{-27, -900, -281, -53}) : Sent{-1500};
      const auto handshake = [&](int bytes) { sent.push_back(model.pad(bytes, random) + kAead); };
      const auto data = [&](int bytes) { sent.push_back((handshake_only ? bytes : model.pad(bytes, random)) + kAead); };
      const bool one_record = any(0, 1) != 0;
      if (asked && one_record) handshake(8 + 36);
      if (asked && !one_record) handshake(8);
      if (!asked || !one_record) handshake(36);
      for (int request = any(1, 4); request > 0; --request) data(!handshake_only && any(0, 3) == 0 ? 264 : any(1, 1500));
      sent.push_back(-any(100, 1500));
      data(2);
      const HiddenClientAuth auth = infer_client_auth(flight_of(sent, kPlain));
      EXPECT_FALSE(auth.status == mutual && auth.strength == strong) << ::testing::PrintToString(sent);
      declined_by_chance += !asked && auth.status == declined && auth.strength == strong;
    }
    EXPECT_EQ(declined_by_chance, 0);
  }
}

}  // namespace
}  // namespace sealtrace
