#include "crypto/srtp_authentication.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "wire/fixed_header.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kRtpHeaderBytes = 12;
constexpr std::size_t kRtcpHeadBytes = 8;
constexpr std::size_t kIndexBytes = 4;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kDigestBytes = 20;
constexpr std::size_t kGcmTagBytes = 16;
constexpr std::uint32_t kEncrypted = 0x8000'0000;

using Word = std::array<std::uint8_t, 4>;

Word octets_of(std::uint32_t word) {
  return {static_cast<std::uint8_t>(word >> 24), static_cast<std::uint8_t>(word >> 16), static_cast<std::uint8_t>(word >> 8),
          static_cast<std::uint8_t>(word)};
}

std::uint32_t word_at(Bytes octets, std::size_t offset) { return FixedHeader<4>::at(octets, offset).be32<0>(); }

EVP_MAC_CTX* new_hmac_sha1(Bytes key) {
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(hmac);
  std::array<char, 5> digest{"SHA1"};
  const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
  EVP_MAC_init(context, key.data(), key.size(), params.data());
  return context;
}

/// split_end takes the last `num_bytes` off `packet`; nothing, and an empty packet, when there are fewer.
Bytes split_end(Bytes& packet, std::size_t num_bytes) {
  const std::size_t at = packet.size() - std::min(packet.size(), num_bytes);
  const Bytes end = packet.subspan(at);
  packet = packet.first(at);
  return end;
}

}  // namespace

SrtpVerifier::SrtpVerifier(SrtpSessionKeys keys, std::size_t tag_bytes, SecretOctets mki)
    : keys_{std::move(keys)}, tag_bytes_{tag_bytes}, mki_{std::move(mki)} {
  if (!aead()) {
    mac_.reset(new_hmac_sha1(keys_.authentication.octets()));
    return;
  }
  opener_.emplace(keys_.encryption.size() == 16 ? "AES-128-GCM" : "AES-256-GCM", keys_.encryption.octets());
}

bool SrtpVerifier::hmac_holds(Bytes covered, Bytes suffix, Bytes tag) {
  std::array<std::uint8_t, kDigestBytes> digest{};
  std::size_t num_bytes = 0;
  const bool done = EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1 &&  // the same key again
                    EVP_MAC_update(mac_.get(), covered.data(), covered.size()) == 1 &&
                    EVP_MAC_update(mac_.get(), suffix.data(), suffix.size()) == 1 &&
                    EVP_MAC_final(mac_.get(), digest.data(), &num_bytes, digest.size()) == 1;
  return done && !tag.empty() && tag.size() <= num_bytes && std::ranges::equal(tag, Bytes{digest}.first(tag.size()));
}

bool SrtpVerifier::gcm_holds(const Sealed& sealed, std::uint32_t ssrc, std::uint32_t high, std::uint32_t low, bool rtcp) {
  // 00 00, SSRC, and 48 bits of index: of SRTP roll-over counter and sequence number, of SRTCP its own (RFC 7714 sections 8.1, 9.1).
  std::array<std::uint8_t, kNonceBytes> nonce{};
  std::ranges::copy(octets_of(ssrc), nonce.begin() + 2);
  if (rtcp) {
    std::ranges::copy(octets_of(low), nonce.begin() + 8);
  } else {
    std::ranges::copy(octets_of(high), nonce.begin() + 6);
    nonce[10] = static_cast<std::uint8_t>(low >> 8);
    nonce[11] = static_cast<std::uint8_t>(low);
  }
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] ^= keys_.salt.octets()[i];
  std::vector<std::uint8_t> plaintext;
  const bool holds = sealed.tag.size() == kGcmTagBytes &&
                     opener_->open(nonce, {sealed.first_aad, sealed.second_aad}, sealed.ciphertext, sealed.tag, plaintext);
  wipe(plaintext);
  return holds;
}

bool SrtpVerifier::rtp_holds(Bytes packet, std::size_t header_bytes, std::uint32_t roll_over_counter) {
  const auto fixed = FixedHeader<kRtpHeaderBytes>::at(packet);
  if (!fixed || packet.size() < header_bytes + mki_.size() + tag_bytes_) return false;
  const std::uint16_t sequence_number = fixed.be16<2>();
  const std::uint32_t ssrc = fixed.be32<8>();
  if (aead()) {  // ciphertext, tag, MKI (RFC 7714 section 8.2)
    if (!std::ranges::equal(split_end(packet, mki_.size()), mki_.octets())) return false;
    const Bytes tag = split_end(packet, tag_bytes_);
    return gcm_holds({.first_aad = packet.first(header_bytes), .second_aad = {}, .ciphertext = packet.subspan(header_bytes), .tag = tag},
                     ssrc, roll_over_counter, sequence_number, false);
  }
  const Bytes tag = split_end(packet, tag_bytes_);
  if (!std::ranges::equal(split_end(packet, mki_.size()), mki_.octets())) return false;
  return hmac_holds(packet, octets_of(roll_over_counter), tag);
}

bool SrtpVerifier::rtcp_holds(Bytes packet) {
  if (packet.size() < kRtcpHeadBytes + kIndexBytes + mki_.size() + tag_bytes_) return false;
  const std::uint32_t ssrc = word_at(packet, 4);
  if (aead()) {  // ciphertext, tag, index, MKI (RFC 7714 section 9.2); without encryption all of it is only authenticated (9.3)
    if (!std::ranges::equal(split_end(packet, mki_.size()), mki_.octets())) return false;
    const Bytes index = split_end(packet, kIndexBytes);
    const Bytes tag = split_end(packet, tag_bytes_);
    const std::uint32_t word = word_at(index, 0);
    const std::size_t num_clear = (word & kEncrypted) != 0 ? kRtcpHeadBytes : packet.size();
    return gcm_holds({.first_aad = packet.first(num_clear), .second_aad = index, .ciphertext = packet.subspan(num_clear), .tag = tag}, ssrc,
                     0, word & ~kEncrypted, true);
  }
  const Bytes tag = split_end(packet, tag_bytes_);
  if (!std::ranges::equal(split_end(packet, mki_.size()), mki_.octets())) return false;
  return hmac_holds(packet, {}, tag);
}

SrtpVerifier& SrtpAuthenticator::verifier(Epoch& last, SrtpStream stream, std::uint64_t index) {
  constexpr std::uint8_t kMaxRateLog2 = 24;  // RFC 3711 section 4.3.1
  const std::uint64_t number = key_.key_derivation_rate_log2 <= kMaxRateLog2 ? index >> key_.key_derivation_rate_log2 : 0;
  if (!last.verifier || last.number != number) {
    const SrtpSuiteTraits& suite = traits(key_.suite);
    const std::size_t tag_bytes = stream == SrtpStream::rtp ? suite.tag_bytes : suite.rtcp_tag_bytes;
    last.number = number;
    last.verifier = std::make_unique<SrtpVerifier>(derive_session_keys(key_, stream, number), tag_bytes, key_.mki);
  }
  return *last.verifier;
}

bool SrtpAuthenticator::rtp_holds(Bytes packet, std::size_t header_bytes, std::uint32_t roll_over_counter) {
  const auto fixed = FixedHeader<kRtpHeaderBytes>::at(packet);
  if (!fixed || !verifies_rtp()) return false;
  const std::uint64_t index = std::uint64_t{roll_over_counter} << 16 | fixed.be16<2>();
  const std::size_t overhead = std::size_t{traits(key_.suite).tag_bytes} + key_.mki.size();
  if (packet.size() < overhead) return false;
  const std::size_t num_clear = key_.unencrypted_srtp ? packet.size() - overhead : header_bytes;
  return verifier(rtp_, SrtpStream::rtp, index).rtp_holds(packet, num_clear, roll_over_counter);
}

std::uint32_t SrtpAuthenticator::rtcp_index(Bytes packet) const {
  const SrtpSuiteTraits& suite = traits(key_.suite);
  const bool index_last = suite.salt_bytes == kNonceBytes;  // AES-GCM: the tag stands before it
  const std::size_t behind = key_.mki.size() + (index_last ? 0 : suite.rtcp_tag_bytes);
  if (packet.size() < kRtcpHeadBytes + kIndexBytes + behind) return 0;
  return word_at(packet, packet.size() - behind - kIndexBytes);
}

bool SrtpAuthenticator::rtcp_holds(Bytes packet) {
  return has_lengths_of_suite(key_) && verifier(rtcp_, SrtpStream::rtcp, rtcp_index(packet) & ~kEncrypted).rtcp_holds(packet);
}

bool SrtpAuthenticator::rtcp_encrypted(Bytes packet) const { return traits(key_.suite).encrypts && (rtcp_index(packet) & kEncrypted) != 0; }

}  // namespace sealtrace
