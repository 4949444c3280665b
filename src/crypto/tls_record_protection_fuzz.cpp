// Whatever the octets and the suite: a record that was not sealed never opens, reading stays inside the fragment, and a failure leaves the
// sequence number as it was.
#include <cstdlib>
#include <vector>

#include "crypto/tls_record_protection.hpp"

using namespace sealtrace;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kPrefix = 8;
  if (size < kPrefix) return 0;
  const Bytes input{data, size};
  constexpr std::uint16_t kSuites[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305, 0xC02B, 0xC02C,
                                       0xCCA9, 0xC0AC, 0xC0AE, 0xC009, 0xC023, 0xC024, 0x000A};
  constexpr TlsVersion kVersions[] = {TlsVersion::tls1_0, TlsVersion::tls1_1, TlsVersion::tls1_2, TlsVersion::tls1_3};
  const CipherSuite suite{kSuites[input[0] % std::size(kSuites)]};
  const TlsVersion version = kVersions[input[1] % std::size(kVersions)];
  const auto form = find_cipher_form(suite, version);
  if (!form) return 0;
  const std::vector<std::uint8_t> secret(version == TlsVersion::tls1_3 ? hash_bytes(form->hash) : 48, 7);
  const std::vector<std::uint8_t> random(32, 9);
  auto protection = version == TlsVersion::tls1_3
                        ? TlsRecordProtection::for_tls13(*form, secret)
                        : TlsRecordProtection::for_tls12(*form, version, tls12_key_block(*form, version, secret, random, random, true),
                                                         (input[2] & 1U) != 0);
  if (!protection) std::abort();
  const Bytes header = input.subspan(3, 5);
  const Bytes fragment = input.subspan(kPrefix);
  if (protection->open(header, fragment) || protection->sequence() != 0) std::abort();  // nobody guesses a tag
  return 0;
}
