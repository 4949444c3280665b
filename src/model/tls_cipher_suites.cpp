#include "model/tls_cipher_suites.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace sealtrace {
namespace {

using cipher_suites::kAssigned;
using cipher_suites::kSsl2Kinds;

constexpr bool contains(std::string_view name, std::string_view word) { return name.find(word) != std::string_view::npos; }

/// is_tls13_suite: the names of TLS 1.3 suites carry no key exchange (RFC 8446 appendix B.4); the two signalling values look alike.
constexpr bool is_tls13_suite(std::string_view name) {
  return name.starts_with("TLS_") && !contains(name, "_WITH_") && !name.ends_with("_SCSV");
}

constexpr CipherTraits traits_of(std::string_view name) {
  return {
      .null_encryption = contains(name, "_WITH_NULL_") || name == "TLS_SHA256_SHA256" || name == "TLS_SHA384_SHA384",  // RFC 9150
      .export_grade = contains(name, "_EXPORT_") || contains(name, "_EXPORT1024_"),
      .anonymous = contains(name, "_anon_") || name.starts_with("TLS_NULL_"),
      .rc2 = contains(name, "_RC2_"),
      .rc4 = contains(name, "_RC4_"),
      .des = contains(name, "_DES_") || contains(name, "_DES40_"),
      .triple_des = contains(name, "_3DES_"),
      .forward_secret = contains(name, "DHE_") || is_tls13_suite(name),
      .known = !name.ends_with("_SCSV"),
  };
}

constexpr KeyExchange key_exchange_of(std::string_view name) {
  if (!contains(name, "_WITH_")) return KeyExchange::other;
  const std::size_t prefix = name.find('_') + 1;
  const std::string_view method = name.substr(prefix, name.find("_WITH_") - prefix);
  if (method.starts_with("RSA_EXPORT")) return KeyExchange::rsa_export;
  if (method == "RSA" || method == "RSA_FIPS") return KeyExchange::rsa;
  if (method == "PSK") return KeyExchange::psk;
  if (method == "RSA_PSK") return KeyExchange::rsa_psk;
  if (method == "DHE_PSK" || method == "PSK_DHE") return KeyExchange::dhe_psk;
  if (method == "ECDHE_PSK") return KeyExchange::ecdhe_psk;
  if (method.starts_with("DH_anon")) return KeyExchange::dh_anon;
  if (method == "ECDH_anon") return KeyExchange::ecdh_anon;
  if (method.starts_with("DHE_")) return KeyExchange::dhe;
  if (method.starts_with("ECDHE_")) return KeyExchange::ecdhe;
  if (method.starts_with("DH_")) return KeyExchange::dh;
  if (method.starts_with("ECDH_")) return KeyExchange::ecdh;
  return KeyExchange::other;
}

struct Derived {
  CipherTraits traits;
  KeyExchange key_exchange = KeyExchange::unknown;
};

/// derived is parallel to kAssigned; made at first use, because compilers bound what they compute themselves.
const std::array<Derived, kAssigned.size()>& derived() {
  static const auto table = [] {
    std::array<Derived, kAssigned.size()> made{};
    for (std::size_t i = 0; i < kAssigned.size(); ++i) made[i] = {traits_of(kAssigned[i].name), key_exchange_of(kAssigned[i].name)};
    return made;
  }();
  return table;
}

constexpr const CipherSuiteInfo* find(std::span<const CipherSuiteInfo> table, CipherSuite code) {
  const auto at = std::ranges::lower_bound(table, code, {}, &CipherSuiteInfo::code);
  return at != table.end() && at->code == code ? &*at : nullptr;
}

const Derived* find_derived(CipherSuite code) {
  const CipherSuiteInfo* info = find(kAssigned, code);
  return info == nullptr ? nullptr : &derived()[static_cast<std::size_t>(info - kAssigned.data())];
}

static_assert(std::ranges::is_sorted(kAssigned, std::ranges::less_equal{}, &CipherSuiteInfo::code));
static_assert(std::ranges::is_sorted(kSsl2Kinds, std::ranges::less_equal{}, &CipherSuiteInfo::code));
static_assert(traits_of("TLS_NULL_WITH_NULL_NULL").null_encryption && traits_of("TLS_NULL_WITH_NULL_NULL").anonymous);
static_assert(traits_of("TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5").export_grade && traits_of("TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5").rc2);
static_assert(traits_of("TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA").export_grade && traits_of("TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA").des);
static_assert(traits_of("TLS_DH_anon_EXPORT_WITH_DES40_CBC_SHA").des && traits_of("TLS_DH_anon_EXPORT_WITH_DES40_CBC_SHA").anonymous);
static_assert(traits_of("TLS_RSA_WITH_3DES_EDE_CBC_SHA").triple_des && !traits_of("TLS_RSA_WITH_3DES_EDE_CBC_SHA").des);
static_assert(traits_of("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384").forward_secret && traits_of("TLS_AES_128_GCM_SHA256").forward_secret);
static_assert(!traits_of("TLS_ECDH_RSA_WITH_AES_128_CBC_SHA").forward_secret &&
              !traits_of("TLS_DH_RSA_WITH_AES_128_CBC_SHA").forward_secret);
static_assert(!traits_of("TLS_FALLBACK_SCSV").known && !traits_of("TLS_FALLBACK_SCSV").forward_secret);
static_assert(traits_of(find(kAssigned, CipherSuite{0x0018})->name).anonymous && traits_of(find(kAssigned, CipherSuite{0x0018})->name).rc4);
static_assert(key_exchange_of("TLS_DH_anon_WITH_RC4_128_MD5") == KeyExchange::dh_anon);
static_assert(key_exchange_of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256") == KeyExchange::ecdhe);
static_assert(key_exchange_of("TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA") == KeyExchange::dhe);
static_assert(key_exchange_of("TLS_PSK_DHE_WITH_AES_128_CCM_8") == KeyExchange::dhe_psk);
static_assert(key_exchange_of("TLS_AES_128_GCM_SHA256") == KeyExchange::other);

}  // namespace

const CipherSuiteInfo* find_cipher_suite(CipherSuite code) { return find(kAssigned, code); }
const CipherSuiteInfo* find_ssl2_cipher_kind(CipherSuite code) { return find(kSsl2Kinds, code); }

CipherTraits cipher_traits(CipherSuite code) {
  const Derived* known = find_derived(code);
  return known == nullptr ? CipherTraits{} : known->traits;
}

KeyExchange key_exchange(CipherSuite code) {
  const Derived* known = find_derived(code);
  return known == nullptr ? KeyExchange::unknown : known->key_exchange;
}

}  // namespace sealtrace
