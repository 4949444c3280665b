// A DTLS 1.2 association whose secrets are known, behind its hellos: what is inside its records, and records that nobody sealed.
//
// Input: records, each behind a head of one octet (the sender in the top bit; the next says that the octets are sealed, the next that they
// are cut by the snaplen, then three bits of the type and two of the epoch), an octet of the sequence number, and two octets of length.
// Oracle: only what was sealed is read with secrets, and no Finished verifies that was not; evidence lies inside its datagram; the same
// datagrams give the same facts; records sent together give the same facts as records sent one by one; secrets change nothing of what is in
// clear.
#include <algorithm>
#include <array>

#include "crypto/tls_record_protection.hpp"
#include "crypto/tls_record_seal.hpp"
#include "dissectors/dtls/dtls_fuzzed.hpp"

namespace {

using namespace sealtrace;
using namespace sealtrace::testing::dtls;

constexpr std::uint16_t kSuite = 0x009C;  // TLS_RSA_WITH_AES_128_GCM_SHA256
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kMasterSecretBytes = 48;
constexpr std::uint8_t kClientOctet = 0xC1;
constexpr std::uint8_t kServerOctet = 0x5E;
constexpr std::uint8_t kMasterOctet = 0x3A;

void append(std::vector<std::uint8_t>& octets, std::initializer_list<int> more) {
  for (const int octet : more) octets.push_back(static_cast<std::uint8_t>(octet));
}

std::vector<std::uint8_t> record_of(std::uint8_t type, std::uint16_t epoch, std::uint8_t sequence, Bytes fragment) {
  std::vector<std::uint8_t> record;
  append(record, {type, 0xFE, 0xFD, epoch >> 8, epoch & 0xFF, 0, 0, 0, 0, 0, sequence});
  append(record, {static_cast<int>(fragment.size() >> 8), static_cast<int>(fragment.size() & 0xFF)});
  record.insert(record.end(), fragment.begin(), fragment.end());
  return record;
}

/// hello_of is a hello with one suite and use_srtp (SRTP_AES128_CM_SHA1_80) in one fragment.
std::vector<std::uint8_t> hello_of(bool client) {
  std::vector<std::uint8_t> body;
  append(body, {0xFE, 0xFD});
  body.insert(body.end(), kRandomBytes, client ? kClientOctet : kServerOctet);
  append(body, {0});              // session_id
  if (client) append(body, {0});  // cookie
  if (client) append(body, {0, 2});
  append(body, {kSuite >> 8, kSuite & 0xFF});
  if (client) append(body, {1});
  append(body, {0, 0, 9, 0, 14, 0, 5, 0, 2, 0, 1, 0});
  std::vector<std::uint8_t> message;
  const int length = static_cast<int>(body.size());
  append(message, {client ? 1 : 2, 0, 0, length, 0, 0, 0, 0, 0, 0, 0, length});
  message.insert(message.end(), body.begin(), body.end());
  return record_of(22, 0, 0, message);
}

/// seal makes a record as the sender does (RFC 5288 section 3).
std::vector<std::uint8_t> seal(Side sender, std::uint8_t type, std::uint16_t epoch, std::uint8_t sequence, Bytes content) {
  const std::vector<std::uint8_t> master(kMasterSecretBytes, kMasterOctet);
  const std::vector<std::uint8_t> client_random(kRandomBytes, kClientOctet);
  const std::vector<std::uint8_t> server_random(kRandomBytes, kServerOctet);
  static const std::array<TlsKeyBlock, 2> keys = [&] {
    const auto of = [&](bool client) {
      return tls12_key_block(*find_cipher_form(CipherSuite{kSuite}, TlsVersion::tls1_2), TlsVersion::tls1_2, master, client_random,
                             server_random, client);
    };
    return std::array{of(true), of(false)};
  }();
  const TlsKeyBlock& mine = keys[index(sender)];
  std::vector<std::uint8_t> number;
  append(number, {epoch >> 8, epoch & 0xFF, 0, 0, 0, 0, 0, sequence});
  std::vector<std::uint8_t> additional = number;
  append(additional, {type, 0xFE, 0xFD, static_cast<int>(content.size() >> 8), static_cast<int>(content.size() & 0xFF)});
  return record_of(type, epoch, sequence, testing::seal_aes128_gcm(mine, number, additional, content));
}

struct Script {
  FuzzedDatagrams datagrams{{.sender = Side::initiator, .octets = hello_of(true)}, {.sender = Side::responder, .octets = hello_of(false)}};
  bool sealed = false;
};

Script script_of(Bytes input) {
  Script script;
  ParseScope scope;
  ByteReader reader{input, scope};
  while (reader.more()) {
    const std::uint8_t head = reader.u8("head");
    const std::uint8_t sequence = reader.u8("sequence_number");
    const std::size_t length = reader.u16("length");
    const Bytes octets = reader.bytes(std::min({length, reader.remaining(), std::size_t{4096}}), "octets");
    const Side sender = (head & 0x80) != 0 ? Side::responder : Side::initiator;
    const auto type = static_cast<std::uint8_t>(20 + (head >> 2 & 7) % 5);  // not tls12_cid, which ends with its datagram
    const auto epoch = static_cast<std::uint16_t>(head & 3);
    const bool sealed = (head & 0x40) != 0 && epoch != 0;
    const bool cut = (head & 0x20) != 0;
    std::vector<std::uint8_t> record = sealed ? seal(sender, type, epoch, sequence, octets) : record_of(type, epoch, sequence, octets);
    if (cut) record.resize(record.size() - std::min<std::size_t>(record.size() - 1, sequence));
    script.sealed |= sealed && epoch == 1;
    script.datagrams.push_back({.sender = sender, .cut = cut, .octets = std::move(record)});
  }
  return script;
}

const KeyRing& secrets() {
  static const KeyRing* const ring = [] {
    auto* const keys = new KeyRing;  // lives as long as the program
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto hex = [&](std::size_t num_octets, std::uint8_t octet) {
      std::string text;
      for (std::size_t i = 0; i < num_octets; ++i) text += {kDigits[octet >> 4], kDigits[octet & 15]};
      return text;
    };
    const std::string line = "CLIENT_RANDOM " + hex(kRandomBytes, kClientOctet) + " " + hex(kMasterSecretBytes, kMasterOctet) + "\n";
    require(keys->add(line).secrets == 1);
    return keys;
  }();
  return *ring;
}

bool tells_of_reading(const Fact& fact) {
  const bool of_keys =
      std::holds_alternative<Boxed<SrtpKeyExported>>(fact.body) || std::holds_alternative<Boxed<MessageUnreadable>>(fact.body);
  return fact.decrypted && !of_keys;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 1U << 14;
  const Script script = script_of({data, std::min(size, kMaxInput)});
  const Said said = said_of(script.datagrams, &secrets());
  require(script.sealed || std::ranges::none_of(said.facts, tells_of_reading));
  for (const Fact& fact : said.facts) {
    const auto* const finished = std::get_if<TlsFinished>(&fact.body);
    require(finished == nullptr || finished->verify_data != Check::passed || fact.decrypted);
  }
  require(said.kinds == said_of(script.datagrams, &secrets()).kinds);
  FuzzedDatagrams together;
  for (const FuzzedDatagram& datagram : script.datagrams) {
    const bool joins = !together.empty() && together.back().sender == datagram.sender && !together.back().cut && !datagram.cut;
    if (joins) {
      together.back().octets.insert(together.back().octets.end(), datagram.octets.begin(), datagram.octets.end());
    } else {
      together.push_back(datagram);
    }
  }
  require(said.kinds == said_of(together, &secrets()).kinds);
  // What shows without secrets is the same with them.
  std::vector<std::size_t> in_clear = said.kinds;
  std::erase_if(in_clear, [](std::size_t kind) { return (kind & 1U) != 0; });
  require(in_clear == said_of(script.datagrams, nullptr).kinds);
  return 0;
}
