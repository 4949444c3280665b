#include "crypto/ocsp_response.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "crypto/asn1_time.hpp"
#include "crypto/certificate_elements.hpp"
#include "crypto/certificate_list.hpp"
#include "crypto/digest.hpp"
#include "crypto/free_by.hpp"
#include "crypto/x509_object.hpp"

namespace sealtrace {
namespace {

using Response = Owned<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using Basic = Owned<OCSP_BASICRESP, OCSP_BASICRESP_free>;

/// response_status gives OCSPResponseStatus in the words of RFC 6960 section 4.2.1.
std::string_view response_status(int status) {
  switch (status) {
    case OCSP_RESPONSE_STATUS_SUCCESSFUL: return "successful";
    case OCSP_RESPONSE_STATUS_MALFORMEDREQUEST: return "malformedRequest";
    case OCSP_RESPONSE_STATUS_INTERNALERROR: return "internalError";
    case OCSP_RESPONSE_STATUS_TRYLATER: return "tryLater";
    case OCSP_RESPONSE_STATUS_SIGREQUIRED: return "sigRequired";
    case OCSP_RESPONSE_STATUS_UNAUTHORIZED: return "unauthorized";
    default: return "not assigned";
  }
}

std::string responder_of(const OCSP_BASICRESP* basic) {
  const ASN1_OCTET_STRING* key = nullptr;
  const X509_NAME* name = nullptr;
  if (OCSP_resp_get0_id(basic, &key, &name) != 1) return {};
  if (key != nullptr) {
    const auto length = static_cast<std::size_t>(ASN1_STRING_length(key));
    constexpr std::size_t kMaxKeyIdBytes = 64;
    return "key " + upper_hex(Bytes{ASN1_STRING_get0_data(key), std::min(length, kMaxKeyIdBytes)});
  }
  return name_text(name);
}

/// find_issuer takes whose key signed the certificate: the one sent with it (null: none), else of the stores.
X509* find_issuer(X509* certificate, X509* sent, std::span<const CertificateList* const> anchors) {
  const auto issued = [certificate](X509* candidate) {
    return X509_check_issued(candidate, certificate) == X509_V_OK && X509_verify(certificate, X509_get0_pubkey(candidate)) == 1;
  };
  if (sent != nullptr && issued(sent)) return sent;
  for (const CertificateList* const list : anchors) {
    const STACK_OF(X509)* const stack = list->implementation().stack.get();
    for (int i = 0; i < sk_X509_num(stack); ++i) {
      if (issued(sk_X509_value(stack, i))) return sk_X509_value(stack, i);
    }
  }
  return nullptr;
}

/// is_about compares a CertID with the certificate: its serial, and the hashes of its issuer's name and, where the issuer is known, key
/// (RFC 6960 section 4.1.1), by the hash that the CertID names.
bool is_about(OCSP_CERTID* id, const X509* certificate, const X509* issuer) {
  ASN1_OCTET_STRING* name_hash = nullptr;
  ASN1_OBJECT* algorithm = nullptr;
  ASN1_OCTET_STRING* key_hash = nullptr;
  ASN1_INTEGER* serial = nullptr;
  if (OCSP_id_get0_info(&name_hash, &algorithm, &key_hash, &serial, id) != 1) return false;
  if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(certificate)) != 0) return false;
  const EVP_MD* const digest = EVP_get_digestbyobj(algorithm);
  if (digest == nullptr) return false;
  const auto same = [&](const ASN1_OCTET_STRING* hash, const auto& compute) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
    unsigned length = 0;
    if (compute(octets.data(), &length) != 1 || ASN1_STRING_length(hash) != static_cast<int>(length)) return false;
    return std::equal(octets.begin(), octets.begin() + length, ASN1_STRING_get0_data(hash));
  };
  const bool name = same(name_hash, [&](unsigned char* out, unsigned* length) {
    return X509_NAME_digest(X509_get_issuer_name(certificate), digest, out, length);
  });
  if (!name || issuer == nullptr) return name;
  return same(key_hash, [&](unsigned char* out, unsigned* length) { return X509_pubkey_digest(issuer, digest, out, length); });
}

/// may_sign: the issuer itself, or whom it gave a certificate for OCSP signing (RFC 6960 section 4.2.2.2).
bool may_sign(X509* signer, X509* issuer) {
  if (X509_cmp(signer, issuer) == 0) return true;
  const bool same_name = X509_NAME_cmp(X509_get_subject_name(signer), X509_get_subject_name(issuer)) == 0;
  if (same_name && EVP_PKEY_eq(X509_get0_pubkey(signer), X509_get0_pubkey(issuer)) == 1) return true;
  const bool delegated = X509_check_issued(issuer, signer) == X509_V_OK && X509_verify(signer, X509_get0_pubkey(issuer)) == 1;
  return delegated && (X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) != 0;
}

/// check_signature looks for the signer among the response's own certificates and the issuer, and asks whether it may.
void check_signature(OCSP_BASICRESP* basic, X509* issuer, StapledStatus& result) {
  if (issuer == nullptr) {
    result.detail = "the issuer's certificate was neither sent nor is it in a store that was given";
    return;
  }
  const CertificateStack known{sk_X509_new_null()};
  if (known == nullptr) throw std::bad_alloc{};
  X509_up_ref(issuer);
  if (sk_X509_push(known.get(), issuer) <= 0) {
    X509_free(issuer);
    throw std::bad_alloc{};
  }
  result.signature = StapleSignature::invalid;
  X509* signer = nullptr;
  if (OCSP_resp_get0_signer(basic, &signer, known.get()) != 1 || signer == nullptr) {
    result.detail = "the certificate of whoever signed it is not with it";
    return;
  }
  // Signature only: whether the signer may is asked below, and dates are judged by rules.
  if (OCSP_basic_verify(basic, known.get(), nullptr, OCSP_NOVERIFY) != 1) {
    result.detail = "its signature is wrong";
    return;
  }
  if (!may_sign(signer, issuer)) {
    result.detail = "whoever signed it has no authority from the certificate's issuer";
    return;
  }
  result.signature = StapleSignature::valid;
}

void read_single(OCSP_SINGLERESP* single, StapledStatus& result) {
  int reason = OCSP_REVOKED_STATUS_NOSTATUS;
  ASN1_GENERALIZEDTIME* revoked = nullptr;
  ASN1_GENERALIZEDTIME* this_update = nullptr;
  ASN1_GENERALIZEDTIME* next_update = nullptr;
  switch (OCSP_single_get0_status(single, &reason, &revoked, &this_update, &next_update)) {
    case V_OCSP_CERTSTATUS_GOOD: result.status = CertificateStatus::good; break;
    case V_OCSP_CERTSTATUS_REVOKED: result.status = CertificateStatus::revoked; break;
    default: result.status = CertificateStatus::unknown; break;
  }
  result.this_update = instant_of(this_update);
  result.next_update = instant_of(next_update);
  if (result.status != CertificateStatus::revoked) return;
  result.revoked_at = instant_of(revoked);
  if (reason != OCSP_REVOKED_STATUS_NOSTATUS) result.revocation_reason = OCSP_crl_reason_str(reason);
}

/// rank orders answers from none to the worst.
int rank(CertificateStatus status) {
  switch (status) {
    case CertificateStatus::none: return 0;
    case CertificateStatus::good: return 1;
    case CertificateStatus::unknown: return 2;
    case CertificateStatus::revoked: return 3;
  }
  return 0;
}

/// serial_of gives a certificate's serial number; null where it cannot be read without the rest.
Owned<ASN1_INTEGER, ASN1_INTEGER_free> serial_of(Bytes certificate) {
  constexpr std::size_t kMaxShortLength = 127;
  const Bytes content = split_certificate(certificate).serial_number;
  if (content.empty() || content.size() > kMaxShortLength) return nullptr;
  std::vector<unsigned char> der{V_ASN1_INTEGER, static_cast<unsigned char>(content.size())};
  der.insert(der.end(), content.begin(), content.end());
  const unsigned char* at = der.data();
  return Owned<ASN1_INTEGER, ASN1_INTEGER_free>{d2i_ASN1_INTEGER(nullptr, &at, static_cast<long>(der.size()))};
}

/// Answer is one of a response's.
struct Answer {
  OCSP_SINGLERESP* single = nullptr;
  Owned<OCSP_CERTID, OCSP_CERTID_free> id;  ///< a copy: OCSP_SINGLERESP_get0_id gives a const object, and what reads it takes another
};

std::vector<Answer> answers_of(OCSP_BASICRESP* basic) {
  std::vector<Answer> answers;
  for (int i = 0; i < OCSP_resp_count(basic); ++i) {
    OCSP_SINGLERESP* const single = OCSP_resp_get0(basic, i);
    answers.push_back({.single = single, .id = {OCSP_CERTID_dup(OCSP_SINGLERESP_get0_id(single)), {}}});
    if (answers.back().id == nullptr) throw std::bad_alloc{};
  }
  return answers;
}

/// has_serial says whether an answer is about a certificate of this serial number.
bool has_serial(const std::vector<Answer>& answers, const ASN1_INTEGER* serial) {
  return std::ranges::any_of(answers, [serial](const Answer& answer) {
    ASN1_INTEGER* number = nullptr;
    return OCSP_id_get0_info(nullptr, nullptr, nullptr, &number, answer.id.get()) == 1 && ASN1_INTEGER_cmp(number, serial) == 0;
  });
}

/// ReadResponse is a response as OpenSSL read it, and what it says whatever the certificate.
struct ReadResponse {
  Basic basic;  ///< null where it is no successful response
  std::vector<Answer> answers;
  StapledStatus status;
};

ReadResponse read_response(Bytes response) {
  ReadResponse read;
  StapledStatus& status = read.status;
  if (response.empty() || response.size() > kMaxOcspResponseBytes) {
    status.detail = response.empty() ? "it was not kept" : "it is too long";
    return read;
  }
  const unsigned char* at = response.data();
  const Response whole{d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size()))};
  if (whole == nullptr) {
    status.detail = "it is no OCSPResponse";
    return read;
  }
  status.response = response_status(OCSP_response_status(whole.get()));
  if (status.response != "successful") return read;
  read.basic.reset(OCSP_response_get1_basic(whole.get()));
  if (read.basic == nullptr) {
    status.response.clear();
    status.detail = "it is successful and holds no BasicOCSPResponse";
    return read;
  }
  read.answers = answers_of(read.basic.get());
  status.responder = responder_of(read.basic.get());
  status.produced_at = instant_of(OCSP_resp_get0_produced_at(read.basic.get()));
  return read;
}

/// kMaxKept bounds what is kept parsed, at some kilobytes each; then the keeping begins anew.
constexpr std::size_t kMaxKept = 256;

/// kept gives what `read` made of these octets, now or before.
template <typename T, typename Read>
T& kept(boost::unordered_flat_map<const std::uint8_t*, T>& known, Bytes octets, Read read) {
  if (const auto at = known.find(octets.data()); at != known.end()) return at->second;
  if (known.size() == kMaxKept) known.clear();
  return known.emplace(octets.data(), read(octets)).first->second;
}

}  // namespace

struct OcspChecker::Implementation {
  std::vector<const CertificateList*> anchors;
  boost::unordered_flat_map<const std::uint8_t*, ReadResponse> responses;
  boost::unordered_flat_map<const std::uint8_t*, Certificate> issuers;

  StapledStatus check(const ReadResponse& response, Bytes certificate, Bytes issuer);
};

StapledStatus OcspChecker::Implementation::check(const ReadResponse& response, Bytes certificate, Bytes issuer_octets) {
  StapledStatus result = response.status;
  if (response.basic == nullptr) return result;
  if (const auto serial = serial_of(certificate); serial != nullptr && !has_serial(response.answers, serial.get())) {
    result.detail = "it is about another certificate";
    return result;
  }
  const Certificate leaf = read_x509(certificate);
  if (leaf == nullptr) {
    result.detail = "the certificate cannot be read";
    return result;
  }
  X509* const sent = issuer_octets.empty() ? nullptr : kept(issuers, issuer_octets, read_x509).get();
  X509* const issuer = find_issuer(leaf.get(), sent, anchors);
  // Nothing forbids two answers about one certificate (RFC 6960 section 4.2.1): the worst counts, so all are read.
  for (const Answer& each : response.answers) {
    if (!is_about(each.id.get(), leaf.get(), issuer)) continue;
    StapledStatus answer = result;
    answer.about_certificate = true;
    read_single(each.single, answer);
    if (rank(answer.status) > rank(result.status)) result = std::move(answer);
  }
  check_signature(response.basic.get(), issuer, result);
  return result;
}

OcspChecker::OcspChecker(std::vector<const CertificateList*> anchors)
    : implementation_{std::make_unique<Implementation>(Implementation{.anchors = std::move(anchors), .responses = {}, .issuers = {}})} {}
OcspChecker::~OcspChecker() = default;

StapledStatus OcspChecker::check(Bytes response, Bytes certificate, Bytes issuer) {
  const StapledStatus status = implementation_->check(kept(implementation_->responses, response, read_response), certificate, issuer);
  ERR_clear_error();
  return status;
}

}  // namespace sealtrace
