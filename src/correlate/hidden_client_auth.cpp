#include "correlate/hidden_client_auth.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

#include "correlate/signature_size.hpp"

namespace sealtrace {
namespace {

using Sizes = std::span<const std::uint32_t>;

/// Suite is what the sizes depend on: the hash's octets are Finished's, the tag's are added to every record (RFC 8446 sections 4.4.4, 5.2).
struct Suite {
  CipherSuite code{};
  std::uint32_t hash_bytes = 0;
  std::uint32_t tag_bytes = 0;
};

constexpr auto kSuites = std::to_array<Suite>({
    {CipherSuite{0x1301}, 32, 16},  // AES-128-GCM
    {CipherSuite{0x1302}, 48, 16},  // AES-256-GCM
    {CipherSuite{0x1303}, 32, 16},  // ChaCha20-Poly1305
    {CipherSuite{0x1304}, 32, 16},  // AES-128-CCM
    {CipherSuite{0x1305}, 32, 8},   // AES-128-CCM-8
    {CipherSuite{0x00C6}, 32, 16},  // SM4-GCM (RFC 8998)
    {CipherSuite{0x00C7}, 32, 16},  // SM4-CCM
});

/// ErrorRates are upper bounds at 95 % over captures that were held out while the rule was made (docs/tls13.md): three over the number of
/// handshakes of which the claim was false, none of which was called so.
constexpr double kStrongMutualError = 3.0 / 571;    // full handshakes without client authentication
constexpr double kStrongOneWayError = 3.0 / 638;    // mutual and declined ones
constexpr double kStrongDeclinedError = 3.0 / 739;  // mutual ones and ones without a request
constexpr double kProbableError = 3.0 / 16;         // probable claims, all of them right

constexpr std::uint32_t kHeaderBytes = 4;              // of a handshake message
constexpr std::uint32_t kContentTypeBytes = 1;         // inside every protected record
constexpr std::uint32_t kAlertBytes = 2;               // of an alert
constexpr std::uint32_t kEmptyCertificateBytes = 8;    // header, empty context, empty list
constexpr std::uint32_t kSmallCertificateBytes = 126;  // no Certificate with an X.509 certificate in it is smaller, compressed or not
constexpr std::uint32_t kCertificateBytes = 300;       // Certificate that is not compressed: no leaf was smaller
constexpr std::uint32_t kSmallFlightBytes =
    397;  // Certificate of a leaf of 312 octets, the smallest measured, and a CertificateVerify of Ed25519
constexpr std::uint32_t kConstantPadding = 16;              // OpenJDK adds as many zeros to every record
constexpr std::uint32_t kSmallRequestBytes = 15;            // CertificateRequest: header, context, one extension
constexpr std::uint32_t kMostExtensionsBytes = 36;          // EncryptedExtensions of the stacks measured; more may hide a request
constexpr std::uint32_t kLeastTicketWithCertificate = 430;  // record with a NewSessionTicket that holds a client certificate
constexpr std::uint32_t kMostTicket = 4700;

/// Layer knows the sizes of one connection's records: what a message of `bytes` octets is on the wire with `padding` zeros.
struct Layer {
  std::uint32_t hash_bytes = 0;
  std::uint32_t tag_bytes = 0;
  std::uint32_t padding = 0;

  [[nodiscard]] std::uint32_t record(std::uint32_t bytes) const { return bytes + kContentTypeBytes + padding + tag_bytes; }
  [[nodiscard]] std::uint32_t message(std::uint32_t record_bytes) const { return record_bytes > record(0) ? record_bytes - record(0) : 0; }
  [[nodiscard]] std::uint32_t finished() const { return record(kHeaderBytes + hash_bytes); }
  [[nodiscard]] std::string_view key_of(std::uint32_t record_bytes) const { return signature_key(message(record_bytes)); }
  [[nodiscard]] bool certificate(std::uint32_t record_bytes) const { return message(record_bytes) >= kSmallCertificateBytes; }
  /// fits says that every record is long enough for the padding that this layer stands for.
  [[nodiscard]] bool fits(Sizes sizes) const {
    return std::ranges::all_of(sizes, [&](std::uint32_t size) { return size >= record(kAlertBytes); });
  }
};

const Suite* find_suite(CipherSuite code) {
  const auto found = std::ranges::find(kSuites, code, &Suite::code);
  return found == kSuites.end() ? nullptr : &*found;
}

/// alert_sized says that a record holds no more than an alert, padded like OpenJDK's or not at all.
bool alert_sized(const Suite& suite, std::uint32_t size) {
  const Layer plain{.hash_bytes = suite.hash_bytes, .tag_bytes = suite.tag_bytes};
  return size == plain.record(kAlertBytes) || size == plain.record(kAlertBytes) + kConstantPadding;
}

/// fragment_sized says that a record is as long as one that a small fragment limit has filled (RFC 6066 section 4, RFC 8449).
bool fragment_sized(const Layer& layer, std::uint32_t size) {
  const auto full = [](std::uint32_t bytes) { return bytes >= 256 && bytes <= 16384 && (bytes & (bytes - 1)) == 0; };
  const std::uint32_t bytes = layer.message(size);
  return full(bytes) || full(bytes + kContentTypeBytes);
}

/// Turns are the records in the order that matters: the server's before the client's flight, the client's, the server's answers.
struct Turns {
  std::vector<std::uint32_t> server_flight;
  std::vector<std::uint32_t> client;
  std::vector<std::size_t> server_before;  ///< for each of the client's: how many of the server's answers came before it
  std::vector<std::uint32_t> answers;
};

Turns take_turns(std::span<const EncryptedRecord> records) {
  Turns turns;
  for (const EncryptedRecord& record : records) {
    if (record.sender == Side::initiator) {
      turns.client.push_back(record.bytes);
      turns.server_before.push_back(turns.answers.size());
    } else {
      (turns.client.empty() ? turns.server_flight : turns.answers).push_back(record.bytes);
    }
  }
  return turns;
}

/// asked_of looks for the server's flight in records of their own: EncryptedExtensions, [CertificateRequest,] Certificate,
/// CertificateVerify, Finished. nullopt where they are not told apart: some stacks send their whole flight in one record.
std::optional<bool> asked_of(const Layer& layer, Sizes flight) {
  if (!layer.fits(flight)) return std::nullopt;
  for (std::size_t at = 1; at < flight.size(); ++at) {
    if (flight[at] != layer.finished() || layer.key_of(flight[at - 1]).empty()) continue;
    const Sizes before = flight.first(at - 1);
    const bool bare_extensions = !before.empty() && layer.message(before[0]) <= kMostExtensionsBytes;
    if (before.size() == 2 && bare_extensions && layer.certificate(before[1])) return false;
    const bool request_then_certificate = before.size() == 3 && layer.message(before[1]) >= kSmallRequestBytes &&
                                          !fragment_sized(layer, before[1]) && layer.certificate(before[2]);
    if (request_then_certificate) return true;
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<bool> asked_of(const Suite& suite, Sizes flight) {
  const Layer plain{.hash_bytes = suite.hash_bytes, .tag_bytes = suite.tag_bytes};
  const Layer padded{.hash_bytes = suite.hash_bytes, .tag_bytes = suite.tag_bytes, .padding = kConstantPadding};
  const std::optional<bool> by_plain = asked_of(plain, flight);
  const std::optional<bool> by_padded = asked_of(padded, flight);
  if (by_plain && by_padded && *by_plain != *by_padded) return std::nullopt;
  return by_plain ? by_plain : by_padded;
}

/// block_of is the largest block that all records fill, in octets; padding to blocks makes it large (RFC 8446 section 5.4).
std::uint32_t block_of(const Suite& suite, Sizes sizes) {
  std::uint32_t block = 0;
  for (const std::uint32_t size : sizes) block = std::gcd(block, size > suite.tag_bytes ? size - suite.tag_bytes : 1);
  return block;
}

bool all_same(Sizes sizes) { return std::ranges::adjacent_find(sizes, std::ranges::not_equal_to{}) == sizes.end(); }

/// padded_to_blocks says that records of different lengths all fill blocks of 32 octets or a larger multiple of 16.
bool padded_to_blocks(const Suite& suite, Sizes sizes) {
  const std::uint32_t block = block_of(suite, sizes);
  return sizes.size() > 1 && !all_same(sizes) && block >= 32 && block % 16 == 0;
}

/// Tickets are what the server's first answers say: two records of one length are two tickets, which may hold the client's certificate.
enum class Tickets : std::uint8_t { unknown, small, large };

Tickets tickets_of(Sizes answers) {
  if (answers.size() < 2 || answers[0] != answers[1] || (answers.size() > 2 && answers[2] == answers[0])) return Tickets::unknown;
  if (answers[0] > kMostTicket || answers[0] < 80) return Tickets::unknown;
  return answers[0] >= kLeastTicketWithCertificate ? Tickets::large : Tickets::small;
}

/// Reading is one attempt to read the client's records with one padding.
class Reading {
 public:
  Reading(const EncryptedFlight& flight, const Suite& suite, const Turns& turns, std::optional<bool> asked)
      : flight_{flight}, suite_{suite}, turns_{turns}, client_{turns.client}, asked_{asked} {}

  [[nodiscard]] HiddenClientAuth read() const {
    if (padded_to_blocks(suite_, client_)) return {};
    for (const std::uint32_t padding : {0U, kConstantPadding}) {
      const Layer layer{.hash_bytes = suite_.hash_bytes, .tag_bytes = suite_.tag_bytes, .padding = padding};
      if (!layer.fits(client_)) continue;
      if (client_[0] == layer.finished()) return without_certificate(layer);
      if (declines(layer)) return declined(layer);
      if (const auto end = separate_flight(layer)) return with_certificate(layer, *end);
    }
    return in_one_record();
  }

 private:
  [[nodiscard]] HiddenClientAuth claim(ClientAuthStatus status, InferenceStrength strength, double error_rate,
                                       std::string_view key = {}) const {
    return {.status = status, .strength = strength, .error_rate = error_rate, .asked = asked_, .key = key};
  }

  /// authenticates_later looks for certificate, signature and Finished behind the flight (RFC 8446 section 4.6.2).
  [[nodiscard]] bool authenticates_later(const Layer& layer) const {
    for (std::size_t at = 3; at < client_.size(); ++at) {
      if (client_[at] == layer.finished() && !layer.key_of(client_[at - 1]).empty() && layer.certificate(client_[at - 2])) return true;
    }
    return false;
  }

  /// not_mutual is a claim that the client showed no certificate. Where it may do so later, out of sight, the claim is never strong.
  [[nodiscard]] HiddenClientAuth not_mutual(const Layer& layer, ClientAuthStatus status, bool certain, double error_rate) const {
    if (!flight_.post_handshake_auth && certain) return claim(status, InferenceStrength::strong, error_rate);
    if (flight_.post_handshake_auth && authenticates_later(layer)) return {};
    return claim(status, InferenceStrength::probable, kProbableError);
  }

  /// Finished comes first and alone: keys change behind it, so that it shares no record with data (RFC 8446 section 5.1).
  [[nodiscard]] HiddenClientAuth without_certificate(const Layer& layer) const {
    if (asked_ == true) return {};
    return not_mutual(layer, ClientAuthStatus::one_way, true, kStrongOneWayError);
  }

  [[nodiscard]] bool declines_apart(const Layer& layer) const {
    return client_.size() > 1 && client_[0] == layer.record(kEmptyCertificateBytes) && client_[1] == layer.finished();
  }
  [[nodiscard]] bool declines(const Layer& layer) const {
    return declines_apart(layer) || client_[0] == layer.finished() + kEmptyCertificateBytes;
  }
  [[nodiscard]] HiddenClientAuth declined(const Layer& layer) const {
    if (asked_ == false) return {};
    // One record alone says little of a client that pads: Finished and a few zeros look the same.
    return not_mutual(layer, ClientAuthStatus::declined, declines_apart(layer) || asked_ == true, kStrongDeclinedError);
  }

  /// separate_flight gives the place of Finished behind a certificate, whole or in equal fragments, and a signature.
  [[nodiscard]] std::optional<std::size_t> separate_flight(const Layer& layer) const {
    const auto end = std::ranges::find(client_, layer.finished());
    const auto at = static_cast<std::size_t>(end - client_.begin());
    if (end == client_.end() || at < 2 || layer.key_of(client_[at - 1]).empty()) return std::nullopt;
    const Sizes certificate = client_.first(at - 1);
    const bool whole = certificate.size() == 1 && layer.certificate(certificate[0]);
    const bool fragments = certificate.size() > 1 && layer.certificate(certificate[0]) && all_same(certificate.first(at - 2)) &&
                           certificate.back() <= certificate[0];
    return whole || fragments ? std::optional{at} : std::nullopt;
  }

  /// went_on says that the server answered the flight that ends with the client's record `at`, and not with an alert.
  [[nodiscard]] bool went_on(std::size_t at) const {
    const Sizes answers = Sizes{turns_.answers}.subspan(turns_.server_before[at]);
    return !answers.empty() && !alert_sized(suite_, answers[0]);
  }

  /// server_flight_seen guards the order of the two sides: the server's certificate was seen before the client's flight.
  [[nodiscard]] bool server_flight_seen() const {
    return std::accumulate(turns_.server_flight.begin(), turns_.server_flight.end(), 0U) >= kSmallFlightBytes;
  }

  [[nodiscard]] HiddenClientAuth with_certificate(const Layer& layer, std::size_t end) const {
    if (asked_ == false || flight_.raw_public_keys || !server_flight_seen() || !went_on(end)) return {};
    const std::string_view key = layer.key_of(client_[end - 1]);
    const bool small = layer.message(client_[0]) < kCertificateBytes;  // compressed, or no certificate
    if (small) return claim(ClientAuthStatus::mutual, InferenceStrength::probable, kProbableError, key);
    return claim(ClientAuthStatus::mutual, InferenceStrength::strong, kStrongMutualError, key);
  }

  /// in_one_record judges a first record large enough for certificate, signature and Finished together. A padded Finished may be as
  /// large: witnesses must say that the client does not pad, was asked, or was given tickets that hold its certificate.
  [[nodiscard]] HiddenClientAuth in_one_record() const {
    const Layer plain{.hash_bytes = suite_.hash_bytes, .tag_bytes = suite_.tag_bytes};
    const std::uint32_t block = block_of(suite_, client_);
    const bool blocks = block >= 32 && (block % 16 == 0 || block >= 100);
    if (client_[0] < plain.finished() + kSmallFlightBytes || blocks || (client_[0] - suite_.tag_bytes) % 64 == 0) return {};
    if (asked_ == false || flight_.raw_public_keys || !server_flight_seen() || !went_on(0)) return {};
    if (std::ranges::count(client_, client_[0]) > 1) return {};  // padded alike: what is large is not the certificate
    const Tickets tickets = tickets_of(turns_.answers);
    if (tickets == Tickets::small) return {};
    const bool pads_nothing = std::ranges::find(client_, plain.record(kAlertBytes)) != client_.end();
    const int witnesses = int{pads_nothing} + int{asked_ == true} + int{tickets == Tickets::large};
    const bool round = (client_[0] - suite_.tag_bytes) % 100 == 0;  // what is padded to blocks no power of two
    if (witnesses >= 2 && !round) return claim(ClientAuthStatus::mutual, InferenceStrength::strong, kStrongMutualError);
    if (witnesses >= 1) return claim(ClientAuthStatus::mutual, InferenceStrength::probable, kProbableError);
    return {};
  }

  const EncryptedFlight& flight_;
  const Suite& suite_;
  const Turns& turns_;
  Sizes client_;
  std::optional<bool> asked_;
};

}  // namespace

HiddenClientAuth infer_client_auth(const EncryptedFlight& flight) {
  const Suite* suite = find_suite(flight.cipher_suite);
  const Turns turns = take_turns(flight.records);
  // Early data that the server refused stands before the flight and may have any size.
  if (suite == nullptr || turns.client.empty() || flight.pre_shared_key || flight.early_data_offered) return {};
  const std::optional<bool> asked = asked_of(*suite, turns.server_flight);
  HiddenClientAuth auth = Reading{flight, *suite, turns, asked}.read();
  auth.asked = asked;
  return auth;
}

}  // namespace sealtrace
