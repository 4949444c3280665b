#include "report/fingerprints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <vector>

namespace sealtrace {

namespace {

constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kAlpn = 16;

/// is_grease is true for the values of RFC 8701 section 2: two equal octets that end in A.
constexpr bool is_grease(std::uint16_t number) { return (number & 0x0F0FU) == 0x0A0AU && number >> 8U == (number & 0xFFU); }
static_assert(is_grease(0x0A0A) && is_grease(0xFAFA) && !is_grease(0x0A1A) && !is_grease(0x1301));

template <typename Number>
constexpr std::uint16_t wire_value(Number number) {
  return static_cast<std::uint16_t>(number);
}

/// without_grease is the wire values of `numbers`, in order.
template <typename Numbers>
std::vector<std::uint16_t> without_grease(const Numbers& numbers) {
  std::vector<std::uint16_t> kept;
  for (const auto number : numbers) {
    if (!is_grease(wire_value(number))) kept.push_back(wire_value(number));
  }
  return kept;
}

std::string decimals(const std::vector<std::uint16_t>& numbers) { return fmt::format("{}", fmt::join(numbers, "-")); }
std::string hexes(const std::vector<std::uint16_t>& numbers) { return fmt::format("{:04x}", fmt::join(numbers, ",")); }

/// ja4_version gives the two characters of a version; drafts and unknown values are "00".
std::string_view ja4_version(std::uint16_t version) {
  switch (static_cast<TlsVersion>(version)) {
    case TlsVersion::tls1_3: return "13";
    case TlsVersion::tls1_2: return "12";
    case TlsVersion::tls1_1: return "11";
    case TlsVersion::tls1_0: return "10";
    case TlsVersion::ssl3: return "s3";
    case TlsVersion::ssl2: return "s2";
    case TlsVersion::dtls1_0: return "d1";
    case TlsVersion::dtls1_2: return "d2";
    case TlsVersion::dtls1_3: return "d3";
    case TlsVersion::none:
    case TlsVersion::dtls1_0_openssl: return "00";
  }
  return "00";
}

/// highest_version is the newest entry of supported_versions, else legacy_version. DTLS counts its versions downwards.
std::uint16_t highest_version(const TlsClientHello& hello) {
  const std::vector<std::uint16_t> offered = without_grease(hello.supported_versions);
  if (offered.empty()) return hello.legacy_version;
  return hello.form == TlsHelloForm::dtls ? std::ranges::min(offered) : std::ranges::max(offered);
}

/// ja4_alpn is the first and last character of a protocol name, or of its hex form where either is not alphanumeric.
std::string ja4_alpn(std::string_view protocol) {
  if (protocol.empty()) return "00";
  const auto alphanumeric = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const char first = protocol.front();
  const char last = protocol.back();
  if (alphanumeric(first) && alphanumeric(last)) return {first, last};
  return fmt::format("{:x}{:x}", static_cast<unsigned char>(first) >> 4U, static_cast<unsigned char>(last) & 0xFU);
}

std::string truncated_hash(const std::string& text, const Hashers& hashers) {
  return text.empty() ? "000000000000" : hashers.sha256_hex(text).substr(0, 12);
}

std::size_t two_digits(std::size_t count) { return std::min<std::size_t>(count, 99); }

/// ja4_transport is JA4's first letter.
char ja4_transport(TlsHelloForm form) { return form == TlsHelloForm::dtls ? 'd' : form == TlsHelloForm::quic ? 'q' : 't'; }

}  // namespace

std::string ja3_text(const TlsClientHello& hello) {
  return fmt::format("{},{},{},{},{}", hello.legacy_version, decimals(without_grease(hello.cipher_suites)),
                     decimals(without_grease(hello.extensions)), decimals(without_grease(hello.supported_groups)),
                     fmt::join(hello.ec_point_formats, "-"));
}

std::string ja3s_text(const TlsServerHello& hello) {
  return fmt::format("{},{},{}", hello.legacy_version, wire_value(hello.cipher_suite), decimals(without_grease(hello.extensions)));
}

std::string ja3(const TlsClientHello& hello, const Hashers& hashers) {
  if (!hashers.md5_hex || hello.form == TlsHelloForm::ssl2) return {};
  return hashers.md5_hex(ja3_text(hello));
}

std::string ja3s(const TlsServerHello& hello, const Hashers& hashers) {
  return hashers.md5_hex ? hashers.md5_hex(ja3s_text(hello)) : std::string{};
}

std::string ja4(const TlsClientHello& hello, const Hashers& hashers) {
  if (!hashers.sha256_hex || hello.form == TlsHelloForm::ssl2) return {};
  std::vector<std::uint16_t> ciphers = without_grease(hello.cipher_suites);
  std::vector<std::uint16_t> extensions = without_grease(hello.extensions);
  const std::size_t num_extensions = extensions.size();
  const bool names_server = std::ranges::find(extensions, kServerName) != extensions.end();
  std::erase_if(extensions, [](std::uint16_t type) { return type == kServerName || type == kAlpn; });
  std::ranges::sort(ciphers);
  std::ranges::sort(extensions);

  std::string extension_text = hexes(extensions);
  const std::vector<std::uint16_t> schemes = without_grease(hello.signature_algorithms);
  if (!extension_text.empty() && !schemes.empty()) extension_text += "_" + hexes(schemes);
  return fmt::format("{}{}{}{:02}{:02}{}_{}_{}", ja4_transport(hello.form), ja4_version(highest_version(hello)), names_server ? 'd' : 'i',
                     two_digits(ciphers.size()), two_digits(num_extensions),
                     ja4_alpn(hello.alpn.empty() ? std::string_view{} : std::string_view{hello.alpn.front()}),
                     truncated_hash(hexes(ciphers), hashers), truncated_hash(extension_text, hashers));
}

std::string ja4s(const TlsServerHello& hello, TlsHelloForm form, const Hashers& hashers) {
  if (!hashers.sha256_hex) return {};
  const std::vector<std::uint16_t> extensions = without_grease(hello.extensions);
  const std::uint16_t version = hello.version == TlsVersion::none ? hello.legacy_version : wire_value(hello.version);
  return fmt::format("{}{}{:02}{}_{:04x}_{}", ja4_transport(form), ja4_version(version), two_digits(extensions.size()),
                     ja4_alpn(hello.alpn), wire_value(hello.cipher_suite), truncated_hash(hexes(extensions), hashers));
}

}  // namespace sealtrace
