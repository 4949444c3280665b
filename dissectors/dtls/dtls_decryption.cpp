#include "dissectors/dtls/dtls_decryption.hpp"

#include <algorithm>
#include <utility>

#include "crypto/dtls_srtp_keys.hpp"
#include "dissect/decrypted.hpp"

namespace sealtrace {
namespace {

/// kMaxLooks bounds the protected records of an association at which secrets are looked for again: who writes them does so at once.
constexpr unsigned kMaxLooks = 64;
/// kMaxEpochs is how many epochs have keys at a time: the current one and the one before, whose records may come late.
constexpr std::size_t kMaxEpochs = 2;
/// kMaxInnerAlerts bounds the alerts that are opened, of each side: the first ones tell why a session ended.
constexpr std::uint8_t kMaxInnerAlerts = 16;

/// in_one_fragment is a message as transcripts have it: as if it had come in one fragment (RFC 6347 section 4.2.6).
std::vector<std::uint8_t> in_one_fragment(const HandshakeMessage& message) {
  const std::size_t size = message.body.size();
  const auto octet = [](std::size_t number, int shift) { return static_cast<std::uint8_t>(number >> shift); };
  std::vector<std::uint8_t> octets{static_cast<std::uint8_t>(message.type),
                                   octet(size, 16),
                                   octet(size, 8),
                                   octet(size, 0),
                                   octet(message.message_seq, 8),
                                   octet(message.message_seq, 0),
                                   0,
                                   0,
                                   0,
                                   octet(size, 16),
                                   octet(size, 8),
                                   octet(size, 0)};
  octets.insert(octets.end(), message.body.begin(), message.body.end());
  return octets;
}

Fact fact_at(Side sender, const HandshakeMessage& message, FactBody body) {
  return {.body = std::move(body), .sender = sender, .time = message.time, .evidence = message.evidence};
}

}  // namespace

bool DtlsDecryption::wanted(const Services& services, Bytes client_hello) {
  return services.verify_signatures || (services.keys != nullptr && services.keys->may_open(hello_random_of(client_hello)));
}

bool DtlsDecryption::begins_another(Bytes client_hello) const {
  return !std::ranges::equal(proof_.client_random(), hello_random_of(client_hello));
}

Bytes DtlsDecryption::master_secret() const { return secrets_ ? (*secrets_)[TlsSecretLabel::client_random].octets() : Bytes{}; }

Check DtlsDecryption::on_clear_message(Side sender, const HandshakeMessage& message, FactSink& facts) {
  if (stopped_) return Check::not_made;
  const bool follows = order_.follows(sender, message.type, message.message_seq);
  if (message.type == HandshakeType::client_hello || message.type == HandshakeType::server_hello) {
    on_hello(sender, message, 0, facts);
    if (!follows) proof_.missed();
    return Check::not_made;
  }
  if (!follows) proof_.missed();
  const Check check = proof_.on_message(message.type, in_one_fragment(message), message.body, sender == client_, master_secret());
  for (const Side side : {client_, other(client_)}) deliver_finished(side, false, facts);
  return check;
}

/// on_hello takes a hello of `epoch`: the keys that it leads to are of the one behind.
void DtlsDecryption::on_hello(Side sender, const HandshakeMessage& message, std::uint16_t epoch, FactSink& facts) {
  const std::vector<std::uint8_t> octets = in_one_fragment(message);
  if (message.type == HandshakeType::client_hello) {
    if (sender != client_) return;
    proof_.on_client_hello(octets, message.body);
    secrets_.reset();
    awaited_.reset();
    return;
  }
  const auto hello = parse_server_hello(message.body);
  if (!hello || sender == client_) return proof_.add(octets);
  proof_.on_server_hello(octets, *hello);
  const auto keyed = static_cast<std::uint16_t>(epoch + 1);
  awaited_.reset();
  if (find_secrets()) return make_keys(keyed, *hello, message, facts);
  if (services_.keys == nullptr || !services_.keys->more_may_come()) return;
  num_looks_ = 0;
  awaited_.emplace(Awaited{.epoch = keyed, .server_hello = message});
}

/// find_secrets looks for the master secret of the handshake under way, which peers have after its ServerHello alone.
bool DtlsDecryption::find_secrets() {
  if (master_secret().empty() && services_.keys != nullptr) secrets_ = services_.keys->find(proof_.client_random());
  return !master_secret().empty();
}

/// use_late_secrets makes the keys that the ServerHello had no secrets for, once they are there.
void DtlsDecryption::use_late_secrets(const Fact& here, FactSink& facts) {
  if (num_looks_++ == kMaxLooks) return awaited_.reset();
  if (!find_secrets()) return;
  const Awaited awaited = *std::exchange(awaited_, std::nullopt);
  if (const auto hello = parse_server_hello(awaited.server_hello.body)) make_keys(awaited.epoch, *hello, awaited.server_hello, facts);
  if (awaited.handshake_passed) fail(here, facts);
}

void DtlsDecryption::make_keys(std::uint16_t epoch, const ServerHello& hello, const HandshakeMessage& message, FactSink& facts) {
  const TlsVersion version = proof_.version();
  if (master_secret().empty() || (version != TlsVersion::tls1_1 && version != TlsVersion::tls1_2)) return;
  std::erase_if(epochs_, [epoch](const Epoch& before) { return before.number >= epoch; });
  if (epochs_.size() == kMaxEpochs) epochs_.erase(epochs_.begin());
  const auto form = find_cipher_form(proof_.suite(), version);
  if (form && hello.compression_method == 0) {
    Epoch& keys = epochs_.emplace_back(Epoch{.number = epoch, .protection = {}});
    for (const Side side : {client_, other(client_)}) {
      keys.protection[index(side)] = TlsRecordProtection::for_tls12(
          *form, version, tls12_key_block(*form, version, master_secret(), proof_.client_random(), proof_.server_random(), side == client_),
          proof_.encrypt_then_mac());
    }
  }
  if (!hello.use_srtp) return;
  const auto keys = dtls_srtp_keys({.profile = *hello.use_srtp,
                                    .hash = proof_.hash(),
                                    .master_secret = master_secret(),
                                    .client_random = proof_.client_random(),
                                    .server_random = proof_.server_random(),
                                    .mki = hello.srtp_mki});
  if (!keys) return;
  facts.report(decrypted(fact_at(client_, message, Boxed<SrtpKeyExported>{{.key = keys->client, .cipher_suite = proof_.suite()}})));
  facts.report(decrypted(fact_at(other(client_), message, Boxed<SrtpKeyExported>{{.key = keys->server, .cipher_suite = proof_.suite()}})));
}

std::optional<OpenedRecord> DtlsDecryption::open(Side sender, const DtlsRecord& record) {
  const auto keys = std::ranges::find(epochs_, record.header.epoch, &Epoch::number);
  if (keys == epochs_.end() || !keys->protection[index(sender)]) return std::nullopt;
  const std::uint64_t number = std::uint64_t{record.header.epoch} << 48 | record.header.sequence_number;
  const auto octet = [](std::uint16_t value, int shift) { return static_cast<std::uint8_t>(value >> shift); };
  const std::uint16_t version = record.header.legacy_record_version;
  const std::uint16_t length = record.header.length;
  const std::array<std::uint8_t, 5> header{static_cast<std::uint8_t>(record.header.type), octet(version, 8), octet(version, 0),
                                           octet(length, 8), octet(length, 0)};
  return keys->protection[index(sender)]->open_numbered(number, header, record.fragment);
}

void DtlsDecryption::on_record(const Chunk& chunk, const DtlsRecord& record, FactSink& facts) {
  const ContentType type = record.header.type;
  const Side sender = chunk.sender;
  const Fact here = chunk.fact(TlsFinished{}, record.fragment_offset, record.fragment.size());
  if (awaited_) use_late_secrets(here, facts);
  if (awaited_) awaited_->handshake_passed |= type == ContentType::handshake;
  Half& side = half(sender);
  const bool expected = type == ContentType::handshake || (type == ContentType::alert && side.num_alerts < kMaxInnerAlerts) ||
                        (type == ContentType::application_data && !side.data_reported);
  const bool has_keys = std::ranges::find(epochs_, record.header.epoch, &Epoch::number) != epochs_.end();
  if (stopped_ || !expected || (!has_keys && !(opened_ && type == ContentType::handshake))) return;
  const auto report = [&](FactBody body) {
    Fact fact = here;
    fact.body = std::move(body);
    facts.report(decrypted(std::move(fact)));
  };
  const auto opened = record.whole() ? open(sender, record) : std::nullopt;
  if (!opened) {
    // Of a side that was read before, receivers drop what does not authenticate; but a handshake could hide in it, or in what has no keys.
    if (type == ContentType::handshake || !side.opened) fail(here, facts);
    return;
  }
  side.opened = opened_ = true;
  if (type == ContentType::handshake) return on_handshake(chunk, record, opened->content, facts);
  deliver_finished(sender, true, facts);
  if (type == ContentType::application_data) {
    side.data_reported = true;
    return report(TlsApplicationData{.record_bytes = static_cast<std::uint16_t>(opened->content.size())});
  }
  ++side.num_alerts;
  if (const auto alert = parse_alert(opened->content)) {
    report(TlsAlert{.encrypted = false, .level = alert->level, .description = alert->description});
  }
}

void DtlsDecryption::on_handshake(const Chunk& chunk, const DtlsRecord& record, Bytes content, FactSink& facts) {
  const Fact here = chunk.fact(TlsFinished{}, record.fragment_offset, record.fragment.size());
  // A message may put other keys in the place of those that opened its record, and with them goes the buffer that it lies in.
  const std::vector<std::uint8_t> own{content.begin(), content.end()};
  for (Bytes rest{own}; !rest.empty() && !stopped_;) {
    const auto header = parse_dtls_handshake_header(rest);
    if (!header || kDtlsHandshakeHeaderBytes + header->fragment_length > rest.size()) return stop(here, facts);
    const HandshakeFragment fragment{.header = *header,
                                     .body = rest.subspan(kDtlsHandshakeHeaderBytes, header->fragment_length),
                                     .legacy_record_version = record.header.legacy_record_version,
                                     .evidence = here.evidence,
                                     .time = here.time};
    on_fragment(chunk.sender, record.header.epoch, fragment, facts);
    rest = rest.subspan(kDtlsHandshakeHeaderBytes + header->fragment_length);
  }
}

/// on_fragment takes the Finished of the handshake in the clear, and every message of a renegotiation.
void DtlsDecryption::on_fragment(Side sender, std::uint16_t epoch, const HandshakeFragment& fragment, FactSink& facts) {
  Half& side = half(sender);
  const HandshakeType type = fragment.header.msg_type;
  const Fact here{.body = TlsFinished{}, .sender = sender, .time = fragment.time, .evidence = fragment.evidence};
  const bool renegotiates = inner_.epoch != 0;
  if (type == HandshakeType::finished && (!renegotiates || epoch == inner_.epoch)) {
    // Of the handshake that this epoch came from. Retransmissions are those of it that come again.
    PartialMessage message{fragment};
    if (renegotiates || message.add(fragment) != Added::taken || !message.complete()) return;
    side.finished = message.take();
    return deliver_finished(sender, false, facts);
  }
  const bool begins = type == HandshakeType::hello_request || type == HandshakeType::client_hello;
  if (!side.renegotiates && !begins) return stop(here, facts);
  if (!side.renegotiates || (type == HandshakeType::client_hello && fragment.header.message_seq == 0 && epoch != inner_.epoch)) {
    side.renegotiates = true;
    side.queue = MessageQueue{};
  }
  const Added added = side.queue.add(fragment);
  if (added == Added::conflicting || added == Added::over_budget) return stop(here, facts);
  if (type == HandshakeType::client_hello) inner_.epoch = epoch;
  while (auto message = side.queue.next()) {
    on_inner_message(sender, *message, facts);
    if (stopped_) return;
  }
}

/// deliver_finished checks a Finished once its sender's messages before it are in, or `late`, when they will not come.
void DtlsDecryption::deliver_finished(Side sender, bool late, FactSink& facts) {
  Half& side = half(sender);
  const auto next = order_.next_seq(sender);
  if (!side.finished || !next || (side.finished->message_seq > *next && !late)) return;
  const HandshakeMessage message = std::move(*std::exchange(side.finished, std::nullopt));
  if (message.message_seq < *next) return;  // sent again
  if (!order_.follows(sender, message.type, message.message_seq)) proof_.missed();
  const Check check = proof_.on_message(message.type, in_one_fragment(message), message.body, sender == client_, master_secret());
  facts.report(decrypted(fact_at(sender, message, TlsFinished{.verify_data = check})));
  if (proof_.complete()) proof_.forget();
  deliver_finished(other(sender), false, facts);
}

void DtlsDecryption::on_inner_message(Side sender, const HandshakeMessage& message, FactSink& facts) {
  const Fact here = fact_at(sender, message, TlsFinished{});
  if (!inner_.order.follows(sender, message.type, message.message_seq)) return stop(here, facts);
  Check check = Check::not_made;
  if (message.type == HandshakeType::client_hello || message.type == HandshakeType::server_hello) {
    on_hello(sender, message, inner_.epoch, facts);
    if (message.type == HandshakeType::client_hello) {  // the server's answer begins its own numbers
      half(other(sender)).renegotiates = true;
      half(other(sender)).queue = MessageQueue{};
    }
  } else {
    check = proof_.on_message(message.type, in_one_fragment(message), message.body, sender == client_, master_secret());
    if (proof_.is_missing() && message.type != HandshakeType::hello_request) return stop(here, facts);
  }
  DecryptedSink checked{facts, check, true};
  inner_.messages.on_message(sender, message, checked);
}

void DtlsDecryption::stop(const Fact& shown_by, FactSink& facts) {
  stopped_ = true;
  proof_.missed();
  fail(shown_by, facts);
}

void DtlsDecryption::fail(Fact shown_by, FactSink& facts) {
  if (std::exchange(failed_, true)) return;
  shown_by.body = MessageUnreadable{.field = "protected record", .malformed = false};
  facts.report(decrypted(std::move(shown_by)));
}

}  // namespace sealtrace
