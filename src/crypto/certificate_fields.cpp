#include "crypto/certificate_fields.hpp"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string_view>
#include <vector>

#include "crypto/asn1_time.hpp"
#include "crypto/certificate_elements.hpp"
#include "crypto/certificate_extensions.hpp"
#include "crypto/certificate_key.hpp"
#include "crypto/certificate_name.hpp"
#include "crypto/certificate_text.hpp"
#include "crypto/digest.hpp"
#include "crypto/free_by.hpp"
#include "model/ascii.hpp"

namespace sealtrace {
namespace {

/// serial_text spells an INTEGER's content as hex of its magnitude, with a minus for the negative ones that RFC 5280 forbids.
std::string serial_text(Bytes content) {
  if (content.empty()) return {};
  std::vector<std::uint8_t> magnitude(content.begin(), content.end());
  const bool negative = (magnitude[0] & 0x80) != 0;
  if (negative) {
    bool carry = true;
    for (std::size_t i = magnitude.size(); i-- > 0;) {
      magnitude[i] = static_cast<std::uint8_t>(~magnitude[i] + (carry ? 1 : 0));
      carry = carry && magnitude[i] == 0;
    }
  }
  Bytes shown{magnitude};
  while (shown.size() > 1 && shown[0] == 0) shown = shown.subspan(1);
  return (negative ? "-" : "") + upper_hex(shown);
}

/// utc_time_of reads a UTCTime as RFC 5280 section 4.1.2.5.1 wants it: YYMMDDHHMMSSZ, in the years 1950 to 2049.
std::optional<Timestamp> utc_time_of(const DerElement& time) {
  using namespace std::chrono;
  constexpr std::size_t kUtcTimeBytes = 13;
  if (time.whole[0] != static_cast<std::uint8_t>(DerTag::utc_time) || time.content.size() != kUtcTimeBytes || time.content[12] != 'Z')
    return std::nullopt;
  const auto is_digit = [](std::uint8_t octet) { return octet >= '0' && octet <= '9'; };
  if (!std::ranges::all_of(time.content.first(kUtcTimeBytes - 1), is_digit)) return std::nullopt;
  const auto number = [&](std::size_t at) { return (time.content[at] - '0') * 10 + time.content[at + 1] - '0'; };
  const int two_digits = number(0);
  const year_month_day date{year{two_digits + (two_digits < 50 ? 2000 : 1900)}, month{static_cast<unsigned>(number(2))},
                            day{static_cast<unsigned>(number(4))}};
  if (!date.ok() || number(6) > 23 || number(8) > 59 || number(10) > 59) return std::nullopt;
  return sys_days{date} + hours{number(6)} + minutes{number(8)} + seconds{number(10)};
}

/// time_of reads a Time; OpenSSL reads the forms that are out of the ordinary.
std::optional<Timestamp> time_of(const DerElement& time) {
  if (const std::optional<Timestamp> instant = utc_time_of(time)) return instant;
  const unsigned char* at = time.whole.data();
  const Owned<ASN1_TIME, ASN1_TIME_free> parsed{d2i_ASN1_TIME(nullptr, &at, static_cast<long>(time.whole.size()))};
  ERR_clear_error();
  return instant_of(parsed.get());
}

/// Unreadable keeps the first part that could not be read.
class Unreadable {
 public:
  void note(bool readable, std::string_view part) {
    if (!readable && part_.empty()) part_ = part;
  }
  [[nodiscard]] std::string text() const { return part_.empty() ? std::string{} : "unreadable: " + part_; }

 private:
  std::string part_;
};

std::string read_name(const DerElement& name, std::string_view part, Unreadable& unreadable) {
  if (name.whole.empty()) return {};
  bool readable = false;
  std::string text = name_text(name.whole, readable);
  unreadable.note(readable, part);
  return text;
}

std::optional<Timestamp> read_validity(const DerElement& time, std::string_view part, Unreadable& unreadable) {
  if (time.whole.empty()) return std::nullopt;
  const std::optional<Timestamp> instant = time_of(time);
  unreadable.note(instant.has_value(), part);
  return instant;
}

struct SignatureFields {
  std::string algorithm;
  std::string hash;
};

/// pss_hash reads the hash of RSASSA-PSS-params (RFC 4055 section 3.1), which is SHA-1 unless stated.
std::string pss_hash(ByteReader& algorithm) {
  if (!next_der_is(algorithm, DerTag::sequence)) return "sha1";
  ByteReader parameters{read_der(algorithm, DerTag::sequence, "parameters").content, algorithm.scope()};
  if (!next_der_is(parameters, context_tag(0, true))) return "sha1";
  ByteReader tagged{read_der(parameters, "hashAlgorithm").content, algorithm.scope()};
  ByteReader hash{read_der(tagged, DerTag::sequence, "hashAlgorithm").content, algorithm.scope()};
  return lower(object_text(read_der(hash, DerTag::object_identifier, "algorithm").content, ObjectNaming::short_name));
}

SignatureFields read_signature_algorithm(Bytes algorithm_identifier) {
  ParseScope scope{ParseErrorCode::malformed};
  ByteReader reader{algorithm_identifier, scope};
  const Bytes oid = read_der(reader, DerTag::object_identifier, "algorithm").content;
  if (!scope.ok()) return {};
  SignatureFields fields{.algorithm = object_text(oid, ObjectNaming::long_name), .hash = {}};
  if (OBJ_ln2nid(fields.algorithm.c_str()) == NID_rsassaPss) {
    fields.hash = pss_hash(reader);
    if (!scope.ok()) return {};
  } else {
    fields.hash = signature_hash_of(fields.algorithm);
  }
  return fields;
}

/// version_number is Version as people count it: the encoding begins at zero.
std::uint32_t version_number(const CertificateElements& elements) {
  if (elements.serial_number.empty()) return 0;
  if (elements.version.empty()) return 1;
  return elements.version.size() == 1 && elements.version[0] < 3 ? elements.version[0] + 1U : 0;
}

}  // namespace

CertificateFields read_certificate(Bytes der) {
  const CertificateElements elements = split_certificate(der);
  CertificateFields fields;
  Unreadable unreadable;
  fields.version = version_number(elements);
  fields.serial = serial_text(elements.serial_number);
  fields.issuer = read_name(elements.issuer, "issuer", unreadable);
  fields.not_before = read_validity(elements.not_before, "notBefore", unreadable);
  fields.not_after = read_validity(elements.not_after, "notAfter", unreadable);
  fields.subject = read_name(elements.subject, "subject", unreadable);
  fields.common_names = common_names(elements.subject.whole);
  fields.self_issued = !elements.subject.whole.empty() && std::ranges::equal(elements.subject.whole, elements.issuer.whole);
  if (const DerElement& key = elements.subject_public_key_info; !key.whole.empty()) {
    PublicKeyFields read = read_public_key(key.content);
    unreadable.note(read.readable, "subjectPublicKeyInfo");
    fields.public_key_algorithm = std::move(read.algorithm);
    fields.public_key_bits = read.bits;
    fields.curve = std::move(read.curve);
    if (!read.exponent.empty()) fields.public_exponent = upper_hex(read.exponent);
    fields.public_key_sha256 = upper_hex(sha256(key.whole));
  }
  if (!elements.extensions.whole.empty()) {
    const std::string part = read_extensions(elements.extensions.content, fields);
    unreadable.note(part.empty(), part);
  }
  if (const DerElement& algorithm = elements.signature_algorithm; !algorithm.whole.empty()) {
    SignatureFields read = read_signature_algorithm(algorithm.content);
    fields.signature_algorithm = std::move(read.algorithm);
    fields.signature_hash = std::move(read.hash);
    unreadable.note(!fields.signature_algorithm.empty(), "signatureAlgorithm");
  }
  if (elements.error) unreadable.note(false, elements.error->field);
  fields.error = unreadable.text();
  ERR_clear_error();
  return fields;
}

CertificateFields read_certificate_names(Bytes der) {
  const CertificateElements elements = split_certificate(der);
  CertificateFields fields;
  Unreadable ignored;
  fields.subject = read_name(elements.subject, "subject", ignored);
  if (!elements.extensions.whole.empty()) read_extensions(elements.extensions.content, fields, "subjectAltName");
  ERR_clear_error();
  return fields;
}

std::string signature_hash_of(const std::string& algorithm) {
  const int known = OBJ_ln2nid(algorithm.c_str());
  int hash = NID_undef;
  if (known == NID_undef || OBJ_find_sigid_algs(known, &hash, nullptr) != 1 || hash == NID_undef) return {};
  return lower(OBJ_nid2sn(hash));
}

std::optional<Timestamp> read_not_after(Bytes der) {
  const DerElement time = split_certificate(der).not_after;
  return time.whole.empty() ? std::nullopt : time_of(time);
}

Bytes read_rsa_modulus(Bytes der) {
  const DerElement key = split_certificate(der).subject_public_key_info;
  const Bytes modulus = key.whole.empty() ? Bytes{} : read_public_key(key.content).modulus;
  ERR_clear_error();
  return modulus;
}

}  // namespace sealtrace
