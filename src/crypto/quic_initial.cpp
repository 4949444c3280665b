#include "crypto/quic_initial.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <new>
#include <string>
#include <string_view>

#include "crypto/aead.hpp"
#include "crypto/tls_key_schedule.hpp"
#include "model/quic_version.hpp"

namespace sealtrace {
namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kSampleBytes = 16;
constexpr std::size_t kMaxPacketNumberBytes = 4;

/// VersionKeys is what a version puts into the derivation.
struct VersionKeys {
  std::uint32_t first_version;
  std::uint32_t last_version;
  std::array<std::uint8_t, 20> salt;
  std::string_view prefix;  ///< of the labels
};

constexpr std::array kVersions{
    VersionKeys{kQuicVersion1,
                kQuicVersion1,
                {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a},
                "quic"},
    VersionKeys{kQuicVersion2,
                kQuicVersion2,
                {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
                "quicv2"},
    VersionKeys{0xff00001d,
                0xff000022,
                {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99},
                "quic"},
    VersionKeys{0xff000017,
                0xff00001c,
                {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02},
                "quic"},
    VersionKeys{0xfaceb002,
                0xfaceb002,
                {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02},
                "quic"},
};

const VersionKeys* find_version(std::uint32_t version) {
  const auto found = std::ranges::find_if(
      kVersions, [version](const VersionKeys& each) { return each.first_version <= version && version <= each.last_version; });
  return found == kVersions.end() ? nullptr : &*found;
}

/// header_mask is RFC 9001 section 5.4.3.
std::array<std::uint8_t, kSampleBytes> header_mask(const QuicPacketProtection& protection, Bytes sample) {
  const CipherContext context{EVP_CIPHER_CTX_new()};
  if (!context) throw std::bad_alloc{};
  std::array<std::uint8_t, kSampleBytes> mask{};
  int length = 0;
  EVP_EncryptInit_ex2(context.get(), fetched_cipher("AES-128-ECB"), protection.header_key.data(), nullptr, nullptr);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  EVP_EncryptUpdate(context.get(), mask.data(), &length, sample.data(), static_cast<int>(kSampleBytes));
  return mask;
}

std::optional<std::vector<std::uint8_t>> open_payload(const QuicPacketProtection& protection, std::uint64_t packet_number, Bytes header,
                                                      Bytes sealed) {
  std::array<std::uint8_t, 12> nonce = protection.iv;
  for (std::size_t i = 0; i < sizeof packet_number; ++i) {
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(packet_number >> (8 * i));
  }
  std::vector<std::uint8_t> payload;
  AeadOpener opener{"AES-128-GCM", protection.key};
  if (!opener.open(nonce, {header}, sealed.first(sealed.size() - kTagBytes), sealed.last(kTagBytes), payload)) return std::nullopt;
  return payload;
}

/// whole_number finds the packet number nearest to what is expected next whose last octets are `truncated` (RFC 9000 appendix A.3).
std::uint64_t whole_number(std::uint64_t truncated, std::size_t num_octets, std::uint64_t largest) {
  const std::uint64_t expected = largest + 1;
  const std::uint64_t window = std::uint64_t{1} << (8 * num_octets);
  const std::uint64_t half = window / 2;
  const std::uint64_t candidate = (expected & ~(window - 1)) | truncated;
  if (candidate + half <= expected) return candidate + window;
  if (candidate > expected + half && candidate >= window) return candidate - window;
  return candidate;
}

}  // namespace

bool has_quic_initial_keys(std::uint32_t version) { return find_version(version) != nullptr; }

QuicInitialKeys::QuicInitialKeys(std::uint32_t version, Bytes destination_connection_id) {
  const VersionKeys& keys = *find_version(version);
  const SecretOctets initial_secret = hkdf_extract(TlsHash::sha256, keys.salt, destination_connection_id);
  for (const Side sender : {Side::initiator, Side::responder}) {
    const SecretOctets secret = hkdf_expand_label(TlsHash::sha256, initial_secret.octets(),
                                                  sender == Side::initiator ? "client in" : "server in", hash_bytes(TlsHash::sha256));
    const auto expand = [&](std::string_view label, std::span<std::uint8_t> key) {
      const std::string whole = std::string{keys.prefix} + std::string{label};
      std::ranges::copy(hkdf_expand_label(TlsHash::sha256, secret.octets(), whole, key.size()).octets(), key.begin());
    };
    QuicPacketProtection& protection = protections_[index(sender)];
    expand(" key", protection.key);
    expand(" iv", protection.iv);
    expand(" hp", protection.header_key);
  }
}

std::optional<OpenedQuicPacket> QuicInitialKeys::open(Side sender, Bytes packet, std::size_t packet_number_offset,
                                                      std::uint64_t largest) const {
  const std::size_t sample_offset = packet_number_offset + kMaxPacketNumberBytes;
  if (packet.size() < sample_offset + kSampleBytes) return std::nullopt;
  const QuicPacketProtection& protection = of(sender);
  const auto mask = header_mask(protection, packet.subspan(sample_offset, kSampleBytes));
  std::vector<std::uint8_t> header(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(packet_number_offset));
  header[0] = static_cast<std::uint8_t>(header[0] ^ (mask[0] & 0x0F));  // of a long header, four bits are protected
  const std::size_t num_octets = (header[0] & 0x03U) + 1;
  std::uint64_t truncated = 0;
  for (std::size_t i = 0; i < num_octets; ++i) {
    const auto octet = static_cast<std::uint8_t>(packet[packet_number_offset + i] ^ mask[1 + i]);
    header.push_back(octet);
    truncated = truncated << 8 | octet;
  }
  const std::uint64_t packet_number = whole_number(truncated, num_octets, largest);
  auto payload = open_payload(protection, packet_number, header, packet.subspan(header.size()));
  if (!payload) return std::nullopt;
  return OpenedQuicPacket{.packet_number = packet_number, .payload = std::move(*payload)};
}

}  // namespace sealtrace
