#include "crypto/tls_record_protection.hpp"

#include <openssl/hmac.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace sealtrace {
namespace {

using Kind = TlsCipherForm::Kind;

constexpr std::size_t kHeaderBytes = 5;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kExplicitNonceBytes = 8;  // RFC 5288 section 3

struct NamedForm {
  std::string_view suffix;  // of IANA's name
  TlsCipherForm form;
};

/// kForms: RFC 8446 appendix B.4 and, behind "_WITH_", RFC 5246 appendix C, RFC 5288, 6655, 7905, 4132, 6367.
constexpr std::array<NamedForm, 22> kForms{{
    {"AES_128_GCM_SHA256", {Kind::gcm, "AES-128-GCM", nullptr, 16, 4, 16, 0, TlsHash::sha256}},
    {"AES_256_GCM_SHA384", {Kind::gcm, "AES-256-GCM", nullptr, 32, 4, 16, 0, TlsHash::sha384}},
    {"CHACHA20_POLY1305_SHA256", {Kind::chacha20_poly1305, "ChaCha20-Poly1305", nullptr, 32, 12, 16, 0, TlsHash::sha256}},
    {"AES_128_CCM", {Kind::ccm, "AES-128-CCM", nullptr, 16, 4, 16, 0, TlsHash::sha256}},
    {"AES_256_CCM", {Kind::ccm, "AES-256-CCM", nullptr, 32, 4, 16, 0, TlsHash::sha256}},
    {"AES_128_CCM_8", {Kind::ccm, "AES-128-CCM", nullptr, 16, 4, 8, 0, TlsHash::sha256}},
    {"AES_256_CCM_8", {Kind::ccm, "AES-256-CCM", nullptr, 32, 4, 8, 0, TlsHash::sha256}},
    {"AES_128_CCM_SHA256", {Kind::ccm, "AES-128-CCM", nullptr, 16, 4, 16, 0, TlsHash::sha256}},
    {"AES_128_CCM_8_SHA256", {Kind::ccm, "AES-128-CCM", nullptr, 16, 4, 8, 0, TlsHash::sha256}},
    {"AES_128_CBC_SHA", {Kind::cbc, "AES-128-CBC", "SHA1", 16, 16, 0, 20, TlsHash::sha256}},
    {"AES_256_CBC_SHA", {Kind::cbc, "AES-256-CBC", "SHA1", 32, 16, 0, 20, TlsHash::sha256}},
    {"AES_128_CBC_SHA256", {Kind::cbc, "AES-128-CBC", "SHA256", 16, 16, 0, 32, TlsHash::sha256}},
    {"AES_256_CBC_SHA256", {Kind::cbc, "AES-256-CBC", "SHA256", 32, 16, 0, 32, TlsHash::sha256}},
    {"AES_256_CBC_SHA384", {Kind::cbc, "AES-256-CBC", "SHA384", 32, 16, 0, 48, TlsHash::sha384}},
    {"3DES_EDE_CBC_SHA", {Kind::cbc, "DES-EDE3-CBC", "SHA1", 24, 8, 0, 20, TlsHash::sha256}},
    {"CAMELLIA_128_CBC_SHA", {Kind::cbc, "CAMELLIA-128-CBC", "SHA1", 16, 16, 0, 20, TlsHash::sha256}},
    {"CAMELLIA_256_CBC_SHA", {Kind::cbc, "CAMELLIA-256-CBC", "SHA1", 32, 16, 0, 20, TlsHash::sha256}},
    {"CAMELLIA_128_CBC_SHA256", {Kind::cbc, "CAMELLIA-128-CBC", "SHA256", 16, 16, 0, 32, TlsHash::sha256}},
    {"CAMELLIA_256_CBC_SHA256", {Kind::cbc, "CAMELLIA-256-CBC", "SHA256", 32, 16, 0, 32, TlsHash::sha256}},
    {"CAMELLIA_256_CBC_SHA384", {Kind::cbc, "CAMELLIA-256-CBC", "SHA384", 32, 16, 0, 48, TlsHash::sha384}},
    {"ARIA_128_GCM_SHA256", {Kind::gcm, "ARIA-128-GCM", nullptr, 16, 4, 16, 0, TlsHash::sha256}},
    {"ARIA_256_GCM_SHA384", {Kind::gcm, "ARIA-256-GCM", nullptr, 32, 4, 16, 0, TlsHash::sha384}},
}};

void append_u64(std::vector<std::uint8_t>& octets, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) octets.push_back(static_cast<std::uint8_t>(number >> shift));
}

/// numbered is seq_num | type | version | length, what the MAC and the AEADs of TLS 1.2 cover besides the content.
std::vector<std::uint8_t> numbered(std::uint64_t sequence, Bytes header, std::size_t content_bytes) {
  std::vector<std::uint8_t> octets;
  append_u64(octets, sequence);
  octets.insert(octets.end(), header.begin(), header.begin() + 3);
  octets.push_back(static_cast<std::uint8_t>(content_bytes >> 8));
  octets.push_back(static_cast<std::uint8_t>(content_bytes));
  return octets;
}

/// with_sequence is RFC 8446 section 5.3's nonce: the IV with the sequence number over its last eight octets.
std::array<std::uint8_t, kNonceBytes> with_sequence(Bytes iv, std::uint64_t sequence) {
  std::array<std::uint8_t, kNonceBytes> nonce{};
  std::ranges::copy(iv.first(kNonceBytes), nonce.begin());
  for (std::size_t i = 0; i < 8; ++i) nonce[kNonceBytes - 1 - i] ^= static_cast<std::uint8_t>(sequence >> (8 * i));
  return nonce;
}

}  // namespace

std::optional<TlsCipherForm> find_cipher_form(CipherSuite suite, TlsVersion any_version) {
  const TlsVersion version = tls_of(any_version);
  const CipherSuiteInfo* const info = find_cipher_suite(suite);
  if (info == nullptr) return std::nullopt;
  constexpr std::string_view kWith = "_WITH_";
  constexpr std::string_view kPrefix = "TLS_";
  const std::size_t with = info->name.find(kWith);
  const bool tls13 = version == TlsVersion::tls1_3;
  const bool older = version == TlsVersion::tls1_0 || version == TlsVersion::tls1_1 || version == TlsVersion::tls1_2;
  if ((!tls13 && !older) || tls13 != (with == std::string_view::npos) || !info->name.starts_with(kPrefix)) return std::nullopt;
  const std::string_view suffix = info->name.substr(tls13 ? kPrefix.size() : with + kWith.size());
  const auto known = std::ranges::find(kForms, suffix, &NamedForm::suffix);
  if (known == kForms.end()) return std::nullopt;
  TlsCipherForm form = known->form;
  if (tls13) form.iv_bytes = kNonceBytes;
  if (version == TlsVersion::tls1_0 || version == TlsVersion::tls1_1) {
    if (form.kind != Kind::cbc) return std::nullopt;  // AEADs came with TLS 1.2
    form.hash = TlsHash::md5_sha1;
  }
  return form;
}

TlsKeyBlock tls12_key_block(const TlsCipherForm& form, TlsVersion version, Bytes master_secret, Bytes client_random, Bytes server_random,
                            bool of_client) {
  std::vector<std::uint8_t> seed{server_random.begin(), server_random.end()};
  seed.insert(seed.end(), client_random.begin(), client_random.end());
  const bool explicit_iv = form.kind == Kind::cbc && version != TlsVersion::tls1_0;
  const std::size_t iv_bytes = explicit_iv ? 0 : form.iv_bytes;
  const std::size_t bytes = 2 * (std::size_t{form.mac_bytes} + form.key_bytes + iv_bytes);
  const SecretOctets block = tls_prf(form.hash, master_secret, "key expansion", seed, bytes);
  std::size_t at = 0;
  const auto share = [&](std::size_t length) {
    const std::size_t begin = at + (of_client ? 0 : length);
    at += 2 * length;
    return SecretOctets{block.octets().subspan(begin, length)};
  };
  TlsKeyBlock keys;
  keys.mac_key = share(form.mac_bytes);
  keys.key = share(form.key_bytes);
  keys.iv = share(iv_bytes);
  return keys;
}

TlsRecordProtection::TlsRecordProtection(const TlsCipherForm& form, TlsVersion version, TlsKeyBlock keys, bool encrypt_then_mac)
    : form_{form}, version_{version}, encrypt_then_mac_{encrypt_then_mac}, keys_{std::move(keys)} {
  if (form_.kind != Kind::cbc) {
    opener_.emplace(form_.cipher, keys_.key.octets());
    ready_ = opener_->ready();
    return;
  }
  const EVP_CIPHER* const cipher = fetched_cipher(form_.cipher);
  context_.reset(EVP_CIPHER_CTX_new());
  ready_ = cipher != nullptr && context_ != nullptr && keys_.key.size() == form_.key_bytes &&
           EVP_DecryptInit_ex2(context_.get(), cipher, nullptr, nullptr, nullptr) == 1;
  if (version_ == TlsVersion::tls1_0) last_block_.assign(keys_.iv.octets().begin(), keys_.iv.octets().end());
}

std::optional<TlsRecordProtection> TlsRecordProtection::for_tls13(const TlsCipherForm& form, Bytes traffic_secret) {
  if (traffic_secret.size() != hash_bytes(form.hash)) return std::nullopt;
  TlsKeyBlock keys;
  keys.key = hkdf_expand_label(form.hash, traffic_secret, "key", form.key_bytes);
  keys.iv = hkdf_expand_label(form.hash, traffic_secret, "iv", kNonceBytes);
  TlsRecordProtection protection{form, TlsVersion::tls1_3, std::move(keys), false};
  if (!protection.ready()) return std::nullopt;
  return protection;
}

std::optional<TlsRecordProtection> TlsRecordProtection::for_tls12(const TlsCipherForm& form, TlsVersion version, TlsKeyBlock keys,
                                                                  bool encrypt_then_mac) {
  TlsRecordProtection protection{form, version, std::move(keys), encrypt_then_mac};
  if (!protection.ready()) return std::nullopt;
  return protection;
}

std::optional<OpenedRecord> TlsRecordProtection::open(Bytes header, Bytes fragment) {
  if (header.size() != kHeaderBytes) return std::nullopt;
  std::optional<OpenedRecord> record = form_.kind == Kind::cbc ? open_cbc(header, fragment) : open_aead(header, fragment);
  if (record) ++sequence_;
  return record;
}

std::optional<OpenedRecord> TlsRecordProtection::open_numbered(std::uint64_t sequence, Bytes header, Bytes fragment) {
  sequence_ = sequence;
  return open(header, fragment);
}

std::optional<OpenedRecord> TlsRecordProtection::open_aead(Bytes header, Bytes fragment) {
  const bool tls13 = version_ == TlsVersion::tls1_3;
  const bool explicit_nonce = !tls13 && form_.kind != Kind::chacha20_poly1305;
  const std::size_t before = explicit_nonce ? kExplicitNonceBytes : 0;
  if (fragment.size() < before + form_.tag_bytes) return std::nullopt;
  const Bytes cipher_text = fragment.subspan(before, fragment.size() - before - form_.tag_bytes);
  const Bytes tag = fragment.last(form_.tag_bytes);
  std::array<std::uint8_t, kNonceBytes> nonce{};
  if (explicit_nonce) {
    const Bytes salt = keys_.iv.octets();
    std::ranges::copy(salt, nonce.begin());
    std::ranges::copy(fragment.first(before), nonce.begin() + static_cast<std::ptrdiff_t>(salt.size()));
  } else {
    nonce = with_sequence(keys_.iv.octets(), sequence_);
  }
  const std::vector<std::uint8_t> additional =
      tls13 ? std::vector<std::uint8_t>{header.begin(), header.end()} : numbered(sequence_, header, cipher_text.size());
  if (!opener_->open(nonce, {additional}, cipher_text, tag, plain_)) return std::nullopt;
  if (!tls13) return OpenedRecord{.type = header[0], .content = plain_, .padding_bytes = 0};
  const auto last = std::ranges::find_if(plain_.rbegin(), plain_.rend(), [](std::uint8_t octet) { return octet != 0; });
  if (last == plain_.rend()) return std::nullopt;  // RFC 8446 section 5.4: no content type
  const auto padding = static_cast<std::size_t>(last - plain_.rbegin());
  return OpenedRecord{.type = *last, .content = Bytes{plain_}.first(plain_.size() - padding - 1), .padding_bytes = padding};
}

std::optional<OpenedRecord> TlsRecordProtection::open_cbc(Bytes header, Bytes fragment) {
  const std::size_t block = form_.iv_bytes;
  Bytes body = fragment;
  if (encrypt_then_mac_) {  // RFC 7366: the MAC covers the IV and what is encrypted
    if (fragment.size() < form_.mac_bytes) return std::nullopt;
    body = fragment.first(fragment.size() - form_.mac_bytes);
    if (!mac_is_right(header, body, fragment.last(form_.mac_bytes))) return std::nullopt;
  }
  std::vector<std::uint8_t> iv = last_block_;
  if (version_ != TlsVersion::tls1_0) {
    if (body.size() < block) return std::nullopt;
    iv.assign(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(block));
    body = body.subspan(block);
  }
  if (body.empty() || body.size() % block != 0 || iv.size() != block) return std::nullopt;
  wipe(plain_);
  plain_.resize(body.size() + block);
  int length = 0;
  EVP_CIPHER_CTX* const context = context_.get();
  if (EVP_DecryptInit_ex2(context, nullptr, keys_.key.octets().data(), iv.data(), nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(context, 0) != 1 ||
      EVP_DecryptUpdate(context, plain_.data(), &length, body.data(), static_cast<int>(body.size())) != 1 ||
      static_cast<std::size_t>(length) != body.size()) {
    return std::nullopt;
  }
  plain_.resize(body.size());
  const std::size_t padding = std::size_t{plain_.back()} + 1;
  const std::size_t mac_bytes = encrypt_then_mac_ ? 0 : form_.mac_bytes;
  if (plain_.size() < padding + mac_bytes) return std::nullopt;
  const Bytes content = Bytes{plain_}.first(plain_.size() - padding - mac_bytes);
  if (!encrypt_then_mac_ && !mac_is_right(header, content, Bytes{plain_}.subspan(content.size(), mac_bytes))) return std::nullopt;
  if (version_ == TlsVersion::tls1_0) last_block_.assign(body.end() - static_cast<std::ptrdiff_t>(block), body.end());
  return OpenedRecord{.type = header[0], .content = content, .padding_bytes = 0};
}

bool TlsRecordProtection::mac_is_right(Bytes header, Bytes covered, Bytes mac) const {
  std::vector<std::uint8_t> octets = numbered(sequence_, header, covered.size());
  octets.insert(octets.end(), covered.begin(), covered.end());
  const Owned<EVP_MD, EVP_MD_free> method{EVP_MD_fetch(nullptr, form_.mac, nullptr)};
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> output{};
  unsigned length = 0;
  if (method == nullptr || HMAC(method.get(), keys_.mac_key.octets().data(), static_cast<int>(keys_.mac_key.size()), octets.data(),
                                octets.size(), output.data(), &length) == nullptr) {
    return false;
  }
  wipe(octets);
  return std::ranges::equal(mac, Bytes{output}.first(length));
}

}  // namespace sealtrace
