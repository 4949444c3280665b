// The fields of a certificate by OpenSSL's full decoder, for tests and fuzzing: slow, and what read_certificate must agree with.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "crypto/certificate_text.hpp"
#include "crypto/free_by.hpp"
#include "model/audit.hpp"
#include "wire/bytes.hpp"

namespace sealtrace::reference {

inline std::string text_of(BIO* sink) {
  char* text = nullptr;
  const long length = BIO_get_mem_data(sink, &text);
  return escaped_text(as_bytes({text, static_cast<std::size_t>(length)}));
}

/// name is RFC 2253 text by OpenSSL; nothing for a name it cannot print (a string that is not of its declared type).
inline std::optional<std::string> name(const X509_NAME* from) {
  const Owned<BIO, BIO_free> sink{BIO_new(BIO_s_mem())};
  if (X509_NAME_print_ex(sink.get(), from, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) < 0) return std::nullopt;
  return text_of(sink.get());
}

inline std::string serial(const ASN1_INTEGER* from) {
  const Owned<BIGNUM, BN_free> number{ASN1_INTEGER_to_BN(from, nullptr)};
  char* hex = BN_bn2hex(number.get());
  std::string text = hex;
  OPENSSL_free(hex);
  if (text == "0") text = "00";
  return text;
}

inline std::optional<std::int64_t> seconds(const ASN1_TIME* from) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(from, &broken_down) != 1) return std::nullopt;
  return timegm(&broken_down);
}

inline std::string string_of(const ASN1_STRING* from) {
  return escaped_text({ASN1_STRING_get0_data(from), static_cast<std::size_t>(ASN1_STRING_length(from))});
}

inline std::string object(const ASN1_OBJECT* from) {
  const int nid = OBJ_obj2nid(from);
  if (nid != NID_undef) return OBJ_nid2sn(nid);
  std::string dotted(512, '\0');
  const int length = OBJ_obj2txt(dotted.data(), static_cast<int>(dotted.size()), from, 1);
  dotted.resize(std::min<std::size_t>(dotted.size() - 1, static_cast<std::size_t>(std::max(length, 0))));
  return dotted;
}

/// Names are what a test compares of the extensions.
struct Extensions {
  std::optional<std::vector<std::string>> dns_names;
  std::optional<std::vector<std::string>> key_purposes;
  std::optional<std::uint32_t> key_usage;
  std::optional<bool> certificate_authority;
  std::optional<std::vector<std::optional<std::string>>> crl_points;  ///< URIs; nullopt for a directory name, whose text is not compared
};

template <typename T>
T* extension(const X509* certificate, int nid) {
  return static_cast<T*>(X509_get_ext_d2i(certificate, nid, nullptr, nullptr));
}

inline void free_purposes(EXTENDED_KEY_USAGE* purposes) { EXTENDED_KEY_USAGE_free(purposes); }

inline Extensions extensions(const X509* certificate) {
  Extensions found;
  if (const Owned<GENERAL_NAMES, GENERAL_NAMES_free> names{extension<GENERAL_NAMES>(certificate, NID_subject_alt_name)}) {
    found.dns_names.emplace();
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
      const GENERAL_NAME* each = sk_GENERAL_NAME_value(names.get(), i);
      if (each->type == GEN_DNS) found.dns_names->push_back(string_of(each->d.dNSName));
    }
  }
  if (const Owned<EXTENDED_KEY_USAGE, free_purposes> purposes{extension<EXTENDED_KEY_USAGE>(certificate, NID_ext_key_usage)}) {
    found.key_purposes.emplace();
    for (int i = 0; i < sk_ASN1_OBJECT_num(purposes.get()); ++i)
      found.key_purposes->push_back(object(sk_ASN1_OBJECT_value(purposes.get(), i)));
  }
  if (const Owned<ASN1_BIT_STRING, ASN1_BIT_STRING_free> usage{extension<ASN1_BIT_STRING>(certificate, NID_key_usage)}) {
    found.key_usage = 0;
    for (int i = 0; i < 9; ++i) *found.key_usage += static_cast<std::uint32_t>(ASN1_BIT_STRING_get_bit(usage.get(), i));
  }
  if (const Owned<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> constraints{
          extension<BASIC_CONSTRAINTS>(certificate, NID_basic_constraints)}) {
    found.certificate_authority = constraints->ca != 0;
  }
  if (const Owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free> points{extension<CRL_DIST_POINTS>(certificate, NID_crl_distribution_points)}) {
    found.crl_points.emplace();
    for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
      const DIST_POINT_NAME* point = sk_DIST_POINT_value(points.get(), i)->distpoint;
      if (point == nullptr || point->type != 0) continue;
      for (int j = 0; j < sk_GENERAL_NAME_num(point->name.fullname); ++j) {
        const GENERAL_NAME* each = sk_GENERAL_NAME_value(point->name.fullname, j);
        if (each->type == GEN_URI) found.crl_points->emplace_back(string_of(each->d.uniformResourceIdentifier));
        if (each->type == GEN_DIRNAME) found.crl_points->emplace_back(std::nullopt);
      }
    }
  }
  return found;
}

/// decode gives OpenSSL's certificate, or nothing when it refuses `der` or octets follow it.
inline Owned<X509, X509_free> decode(Bytes der) {
  const unsigned char* at = der.data();
  Owned<X509, X509_free> certificate{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
  ERR_clear_error();
  if (certificate != nullptr && at != der.data() + der.size()) certificate.reset();
  return certificate;
}

/// difference names the first field in which `fields` and OpenSSL's certificate differ; empty when there is none. Fields that OpenSSL
/// cannot print or decode are not compared.
inline std::string difference(const X509* certificate, const CertificateFields& fields) {
  const auto seconds_of = [](const std::optional<Timestamp>& time) -> std::optional<std::int64_t> {
    if (!time) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
  };
  const auto clamped = [](std::optional<std::int64_t> time) {
    constexpr std::int64_t kLatest = 9'223'372'036;  // the last second a Timestamp holds
    return time ? std::optional{std::clamp(*time, -kLatest, kLatest)} : time;
  };
  if (const auto subject = name(X509_get_subject_name(certificate)); subject && *subject != fields.subject) return "subject: " + *subject;
  if (const auto issuer = name(X509_get_issuer_name(certificate)); issuer && *issuer != fields.issuer) return "issuer: " + *issuer;
  if (serial(X509_get0_serialNumber(certificate)) != fields.serial) return "serial: " + serial(X509_get0_serialNumber(certificate));
  if (clamped(seconds(X509_get0_notBefore(certificate))) != seconds_of(fields.not_before)) return "not_before";
  if (clamped(seconds(X509_get0_notAfter(certificate))) != seconds_of(fields.not_after)) return "not_after";
  if (OBJ_nid2ln(X509_get_signature_nid(certificate)) != fields.signature_algorithm && X509_get_signature_nid(certificate) != NID_undef) {
    return "signature_algorithm";
  }
  const Extensions expected = extensions(certificate);
  if (expected.dns_names && *expected.dns_names != fields.dns_names) return "dns_names";
  if (expected.key_purposes && *expected.key_purposes != fields.extended_key_usage) return "extended_key_usage";
  if (expected.key_usage && *expected.key_usage != fields.key_usage.size()) return "key_usage";
  if (expected.certificate_authority && expected.certificate_authority != fields.certificate_authority) return "certificate_authority";
  if (expected.crl_points) {
    const bool same = std::ranges::equal(
        *expected.crl_points, fields.crl_distribution_points,
        [](const auto& wanted, const std::string& point) { return wanted ? *wanted == point : point.starts_with("dirname:"); });
    if (!same) return "crl_distribution_points";
  }
  // Keys that OpenSSL can load; a key with curve parameters spelled out is not worth comparing.
  if (const EVP_PKEY* key = X509_get0_pubkey(certificate); key != nullptr && fields.curve != "explicit") {
    if (static_cast<std::uint32_t>(EVP_PKEY_get_bits(key)) != fields.public_key_bits) return "public_key_bits";
  }
  return {};
}

}  // namespace sealtrace::reference
