#include "dissectors/tls/pseudo_tls.hpp"

#include <algorithm>
#include <array>

namespace sealtrace {
namespace {

constexpr std::uint16_t kTls10 = 0x0301;
constexpr CipherSuite kDhAnonRc4Md5{0x0018};
constexpr std::array<std::uint8_t, 16> kGoogleChallenge{0x1F, 0x17, 0x0C, 0xA6, 0x2F, 0x00, 0x78, 0xFC,
                                                        0x46, 0x55, 0x2E, 0xB1, 0x83, 0x39, 0xF1, 0xEA};
constexpr std::array<std::uint8_t, 32> kGoogleServerRandom{0x42, 0x85, 0x45, 0xA7, 0x27, 0xA9, 0x5D, 0xA0, 0xB3, 0xC5, 0xE7,
                                                           0x53, 0xDA, 0x48, 0x2B, 0x3F, 0xC6, 0x5A, 0xCA, 0x89, 0xC1, 0x58,
                                                           0x52, 0xA1, 0x78, 0x3C, 0x5B, 0x17, 0x46, 0x00, 0x85, 0x3F};

}  // namespace

bool is_microsoft_client_hello(const ClientHello& hello) {
  return hello.legacy_version == kTls10 && hello.session_id.empty() && hello.extensions.empty() && hello.cipher_suites.size() == 1 &&
         CipherSuite{*hello.cipher_suites.begin()} == kDhAnonRc4Md5;
}

bool is_microsoft_server_hello(const ServerHello& hello) {
  return hello.legacy_version == kTls10 && hello.cipher_suite == kDhAnonRc4Md5 && hello.session_id.size() == 32 && hello.extensions.empty();
}

bool is_google_client_hello(const ClientHello& hello) {
  return hello.legacy_version == kTls10 && !hello.cipher_kinds.empty() && std::ranges::equal(hello.random, kGoogleChallenge);
}

bool is_google_server_hello(const ServerHello& hello) {
  return hello.legacy_version == kTls10 && std::ranges::equal(hello.random, kGoogleServerRandom);
}

}  // namespace sealtrace
