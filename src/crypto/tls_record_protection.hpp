// TlsRecordProtection: one direction of a TLS connection under one key, to open its records (RFC 8446 section 5.2, RFC 5246 section 6.2.3).
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/aead.hpp"
#include "crypto/tls_key_schedule.hpp"
#include "model/secret_octets.hpp"
#include "model/tls_numbers.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// TlsCipherForm is how a suite protects records, of TLS and of the DTLS made of it.
struct TlsCipherForm {
  enum class Kind : std::uint8_t { gcm, ccm, chacha20_poly1305, cbc };
  Kind kind{};
  const char* cipher = nullptr;  ///< OpenSSL's name
  const char* mac = nullptr;     ///< CBC: the hash of the MAC, OpenSSL's name
  std::uint8_t key_bytes = 0;
  std::uint8_t iv_bytes = 0;   ///< of the key block in TLS 1.2: salt, IV, or a block
  std::uint8_t tag_bytes = 0;  ///< AEAD
  std::uint8_t mac_bytes = 0;  ///< CBC
  TlsHash hash{};              ///< of the key schedule
};

/// find_cipher_form gives the form of a suite as negotiated by `version`; nothing where records cannot be opened (stream ciphers, SSL,
/// suites that nobody assigned).
std::optional<TlsCipherForm> find_cipher_form(CipherSuite suite, TlsVersion version);

/// TlsKeyBlock is one side's share of a key block (RFC 5246 section 6.3).
struct TlsKeyBlock {
  SecretOctets mac_key;
  SecretOctets key;
  SecretOctets iv;
};

/// tls12_key_block derives the share of one side (RFC 5246 section 6.3). The IV is empty where records bring their own.
TlsKeyBlock tls12_key_block(const TlsCipherForm& form, TlsVersion version, Bytes master_secret, Bytes client_random, Bytes server_random,
                            bool of_client);

/// OpenedRecord is a record's content. `content` lives until the next call of open. `padding_bytes` are TLS 1.3's zeros.
struct OpenedRecord {
  std::uint8_t type = 0;
  Bytes content;
  std::size_t padding_bytes = 0;
};

class TlsRecordProtection {
 public:
  /// for_tls13 takes a traffic secret (RFC 8446 section 7.3).
  static std::optional<TlsRecordProtection> for_tls13(const TlsCipherForm& form, Bytes traffic_secret);
  static std::optional<TlsRecordProtection> for_tls12(const TlsCipherForm& form, TlsVersion version, TlsKeyBlock keys,
                                                      bool encrypt_then_mac);

  TlsRecordProtection(TlsRecordProtection&&) noexcept = default;
  TlsRecordProtection& operator=(TlsRecordProtection&&) noexcept = default;
  ~TlsRecordProtection() { wipe(plain_); }

  /// open authenticates and decrypts one fragment, in the order of the records. `header` is the five octets before it. Nothing, and the
  /// sequence number stays, when it does not open.
  std::optional<OpenedRecord> open(Bytes header, Bytes fragment);
  /// open_numbered opens a record of DTLS, which brings its number: epoch and sequence number (RFC 6347 section 4.1.2.1). `header` is as
  /// TLS has it: type, version, length.
  std::optional<OpenedRecord> open_numbered(std::uint64_t sequence, Bytes header, Bytes fragment);
  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }

 private:
  TlsRecordProtection(const TlsCipherForm& form, TlsVersion version, TlsKeyBlock keys, bool encrypt_then_mac);

  [[nodiscard]] bool ready() const { return ready_; }
  std::optional<OpenedRecord> open_aead(Bytes header, Bytes fragment);
  std::optional<OpenedRecord> open_cbc(Bytes header, Bytes fragment);
  [[nodiscard]] bool mac_is_right(Bytes header, Bytes covered, Bytes mac) const;

  TlsCipherForm form_;
  TlsVersion version_;
  bool encrypt_then_mac_;
  TlsKeyBlock keys_;
  bool ready_ = false;
  std::optional<AeadOpener> opener_;
  CipherContext context_;  ///< CBC
  std::uint64_t sequence_ = 0;
  std::vector<std::uint8_t> plain_;
  std::vector<std::uint8_t> last_block_;  ///< TLS 1.0: the next record's IV
};

}  // namespace sealtrace
