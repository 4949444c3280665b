#include "policy/certificate_rule.hpp"

#include <array>

namespace sealtrace {
namespace {

using enum CertificateCheck;

constexpr std::array kChecks{
    CertificateCheckInfo{readable, "readable", "certificate_unreadable", "Certificate that cannot be read whole", "readable by the RFC"},
    CertificateCheckInfo{server_eku, "server-eku", "certificate_server_eku_missing", "Certificate without the server EKU",
                         "server authentication EKU"},
    CertificateCheckInfo{client_eku, "client-eku", "certificate_client_eku_missing", "Certificate without the client EKU",
                         "client authentication EKU"},
    CertificateCheckInfo{crl_distribution_point, "crl-distribution-point", "certificate_cdp_missing",
                         "Certificate without a CRL distribution point", "a CRL distribution point"},
    CertificateCheckInfo{signature_hash, "signature-hash", "certificate_signature_hash", "Signature with a hash that is not supported",
                         "a supported signature hash"},
    CertificateCheckInfo{rsassa_pss, "rsassa-pss", "certificate_rsassa_pss", "Signature or key of RSASSA-PSS", "no RSASSA-PSS"},
    CertificateCheckInfo{key_algorithm, "key-algorithm", "certificate_key_algorithm", "Key of an algorithm that is not supported",
                         "a supported key algorithm"},
    CertificateCheckInfo{key_curve, "key-curve", "certificate_key_curve", "Key on a curve that is not supported", "a supported curve"},
    CertificateCheckInfo{rsa_bits, "rsa-bits", "certificate_key_short", "Short RSA key", "a key long enough"},
    CertificateCheckInfo{exponent_broken, "exponent-broken", "certificate_exponent_broken", "RSA exponent that protects nothing",
                         "an odd RSA exponent above 1"},
    CertificateCheckInfo{exponent_at_least, "exponent-at-least", "certificate_exponent_small", "Small RSA exponent",
                         "an RSA exponent large enough"},
    CertificateCheckInfo{roca, "roca", "certificate_roca", "Key with the ROCA fingerprint", "no key of CVE-2017-15361"},
    CertificateCheckInfo{shared_prime, "shared-prime", "certificate_shared_prime", "Key that shares a prime with another",
                         "no factor in common with another key"},
    CertificateCheckInfo{shared_key, "shared-key", "certificate_shared_key", "Key that another holder has too", "a key of its own"},
    CertificateCheckInfo{validity, "validity", "certificate_not_valid", "Certificate outside its validity", "valid when shown"},
    CertificateCheckInfo{expiry, "expiry", "certificate_expires_soon", "Certificate that ends soon", "valid for a while yet"},
    CertificateCheckInfo{chain, "chain", "certificate_chain_not_trusted", "Chain that ends in no trusted root",
                         "a chain to a trusted root"},
    CertificateCheckInfo{intermediate_sent, "intermediate-sent", "certificate_intermediate_missing",
                         "Intermediate certificate that is not sent", "intermediates sent"},
    CertificateCheckInfo{root_not_sent, "root-not-sent", "certificate_root_sent", "Root certificate that is sent", "root not sent"},
    CertificateCheckInfo{subject_in_san, "subject-in-san", "certificate_subject_not_in_san",
                         "Subject name that is no subject alternative name", "subject repeated as SAN"},
    CertificateCheckInfo{subject_no_wildcard, "subject-no-wildcard", "certificate_wildcard_subject", "Wildcard as the subject",
                         "no wildcard as subject"},
    CertificateCheckInfo{san_no_wildcard, "san-no-wildcard", "certificate_wildcard_name", "Wildcard where the role allows none",
                         "no wildcard name"},
    CertificateCheckInfo{names, "names", "certificate_name_missing", "Certificate without a name of its role", "names of the role as SAN",
                         true},
    CertificateCheckInfo{names_or_subject, "names-or-subject", "certificate_name_missing", "Certificate without a name of its role",
                         "names of the role", true},
    CertificateCheckInfo{names_any, "names-any", "certificate_identity_missing", "Certificate that names neither domain nor server",
                         "a name of its domain or server", true},
    CertificateCheckInfo{server_name, "server-name", "certificate_server_name_mismatch", "Certificate without the name that was asked for",
                         "the name asked for as SAN"},
    CertificateCheckInfo{subject_sip_domain, "subject-sip-domain", "certificate_sip_domain_missing",
                         "Token issuer without a SIP domain in its subject", "a SIP domain in the subject"},
    CertificateCheckInfo{pool_same_certificate, "same-certificate", "certificate_differs_between_servers",
                         "Servers that must share a certificate and do not", "the same certificate on all"},
    CertificateCheckInfo{pool_same_key, "same-key", "certificate_key_differs_in_pool", "Servers of a pool that must share a key and do not",
                         "the same key in a pool"},
    CertificateCheckInfo{roll, "roll", "certificate_roll_too_late", "Roll that takes effect too late", "a new certificate in time"},
    CertificateCheckInfo{staple_not_revoked, "staple-not-revoked", "certificate_revoked", "Certificate that is revoked",
                         "not revoked by its stapled OCSP response"},
    CertificateCheckInfo{staple_usable, "staple-usable", "certificate_staple_unusable", "Stapled OCSP response that proves nothing",
                         "a stapled OCSP response that can be believed"},
    CertificateCheckInfo{staple_current, "staple-current", "certificate_staple_stale", "Stapled OCSP response outside its time",
                         "a stapled OCSP response of its time"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kChecks.size(); ++i) {
    if (kChecks[i].check != CertificateCheck{static_cast<std::uint8_t>(i)}) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const CertificateCheckInfo> all_certificate_checks() { return kChecks; }
const CertificateCheckInfo& info(CertificateCheck check) { return kChecks[static_cast<std::size_t>(check)]; }

}  // namespace sealtrace
