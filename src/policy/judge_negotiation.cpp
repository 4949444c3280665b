#include "policy/judge_negotiation.hpp"

#include <string_view>

#include "model/tls_numbers.hpp"
#include "model/tls_strength.hpp"
#include "policy/fips.hpp"

namespace sealtrace {
namespace {

/// flag_exchange flags how the keys were agreed, and signed.
void flag_exchange(FlowVerdict& verdict, const TlsProfile& tls) {
  constexpr std::uint16_t kMinDhPrimeBits = 2048;  // RFC 9325 section 4.5
  if (!forward_secret(tls).value_or(true)) verdict.flag(Reason::no_forward_secrecy);
  if (tls.dh_prime_bits != 0 && tls.dh_prime_bits < kMinDhPrimeBits) verdict.flag(Reason::dh_group_small);
  if (is_small_curve(tls.group)) verdict.flag(Reason::curve_small);
  if (signs_with_sha1(tls.server_signature) || signs_with_sha1(tls.client_signature)) verdict.flag(Reason::signature_sha1);
  if (!is_post_quantum(tls.group)) verdict.flag(Reason::no_post_quantum);
}

/// flag_extensions flags what TLS 1.3 has no choice about.
void flag_extensions(FlowVerdict& verdict, const TlsProfile& tls) {
  if (is_1_3(tls.version)) return;
  if (chosen_below_offer(tls)) verdict.flag(Reason::version_downgraded);
  if (tls.fallback_scsv) verdict.flag(Reason::version_fallback);
  if (tls.compression_method != 0) verdict.flag(Reason::compression);
  if (!tls.extended_master_secret) verdict.flag(Reason::no_extended_master_secret);
  if (!tls.secure_renegotiation) verdict.flag(Reason::no_secure_renegotiation);
}

}  // namespace

void flag_negotiation(FlowVerdict& verdict, const TlsProfile& tls, bool fips) {
  if (fips) {
    for (const Reason reason : tls_outside_fips(tls)) verdict.flag(reason);
  }
  const std::string_view version = label(tls.version);
  if (version == "ssl3") verdict.flag(Reason::version_ssl3);
  if (version == "1.0") verdict.flag(Reason::version_tls1_0);
  if (version == "1.1") verdict.flag(Reason::version_tls1_1);
  const CipherTraits traits = cipher_traits(tls.cipher_suite);
  if (traits.rc4) {
    verdict.flag(Reason::suite_rc4);
  } else if (traits.triple_des) {
    verdict.flag(Reason::suite_triple_des);
  }
  if (!tls.server_hello_seen) return;
  flag_exchange(verdict, tls);
  flag_extensions(verdict, tls);
}

}  // namespace sealtrace
