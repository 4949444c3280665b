#include "crypto/certificate_bundle.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <new>

#include "crypto/certificate_elements.hpp"
#include "crypto/digest.hpp"
#include "crypto/free_by.hpp"
#include "crypto/identifier_digests.hpp"
#include "crypto/x509_object.hpp"

namespace sealtrace {
namespace {

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

void add(CertificateBundle& bundle, X509* certificate) {
  unsigned char* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  if (length <= 0) return;
  bundle.certificates.emplace_back(der, der + length);
  OPENSSL_free(der);
}

void add_stack(CertificateBundle& bundle, const STACK_OF(X509) * stack) {
  for (int i = 0; i < sk_X509_num(stack); ++i) add(bundle, sk_X509_value(stack, i));
}

/// add_pkcs7 adds the certificates of a SignedData, the form in which CAs hand out chains.
bool add_pkcs7(CertificateBundle& bundle, const PKCS7* message) {
  if (message == nullptr || !PKCS7_type_is_signed(message) || message->d.sign == nullptr) return false;
  add_stack(bundle, message->d.sign->cert);
  return true;
}

bool is_certificate(Bytes der) { return !split_certificate(der).error; }

PrivateKeyState compare(EVP_PKEY* key, Bytes der) {
  const Certificate certificate = read_x509(der);
  if (certificate == nullptr) return PrivateKeyState::not_readable;
  return X509_check_private_key(certificate.get(), key) == 1 ? PrivateKeyState::matches : PrivateKeyState::differs;
}

void read_pem(Bytes file, CertificateBundle& bundle) {
  const Owned<BIO, BIO_free> source{BIO_new_mem_buf(file.data(), static_cast<int>(file.size()))};
  if (source == nullptr) throw std::bad_alloc{};
  Key key;
  bool closed_key = false;
  while (bundle.certificates.size() < kMaxCertificatesOfFile) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* octets = nullptr;
    long length = 0;
    if (PEM_read_bio(source.get(), &name, &header, &octets, &length) != 1) break;
    const std::string_view kind{name};
    const Bytes der{octets, static_cast<std::size_t>(length)};
    if (kind == "CERTIFICATE" || kind == "X509 CERTIFICATE" || kind == "TRUSTED CERTIFICATE") {
      bundle.certificates.emplace_back(der.begin(), der.end());
    } else if (kind == "PKCS7" || kind == "CMS") {
      const unsigned char* at = der.data();
      const Owned<PKCS7, PKCS7_free> message{d2i_PKCS7(nullptr, &at, length)};
      add_pkcs7(bundle, message.get());
    } else if (kind.ends_with("PRIVATE KEY") && key == nullptr) {
      closed_key = kind.starts_with("ENCRYPTED") || (header != nullptr && *header != '\0');
      const unsigned char* at = der.data();
      if (!closed_key) key.reset(d2i_AutoPrivateKey(nullptr, &at, length));
      OPENSSL_cleanse(octets, static_cast<std::size_t>(length));
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(octets);
  }
  if (closed_key) bundle.private_key = PrivateKeyState::not_readable;
  if (key != nullptr && !bundle.certificates.empty()) bundle.private_key = compare(key.get(), bundle.certificates.front());
}

bool read_pkcs12(Bytes file, std::string_view password, CertificateBundle& bundle) {
  const unsigned char* at = file.data();
  const Owned<PKCS12, PKCS12_free> store{d2i_PKCS12(nullptr, &at, static_cast<long>(file.size()))};
  if (store == nullptr) return false;
  std::string word{password};
  EVP_PKEY* raw_key = nullptr;
  X509* raw_certificate = nullptr;
  STACK_OF(X509)* raw_others = nullptr;
  const bool opened = PKCS12_parse(store.get(), word.c_str(), &raw_key, &raw_certificate, &raw_others) == 1;
  OPENSSL_cleanse(word.data(), word.size());
  const Key key{raw_key};
  const Certificate certificate{raw_certificate};
  const CertificateStack others{raw_others};
  if (!opened) {
    bundle.error = password.empty() ? "PKCS #12: give its password by --password-env or --password-fd"
                                    : "PKCS #12: the password does not open it, or it uses an algorithm that OpenSSL has switched off";
    return true;
  }
  if (certificate != nullptr) add(bundle, certificate.get());
  if (others != nullptr) add_stack(bundle, others.get());
  if (key != nullptr && certificate != nullptr) {
    bundle.private_key = X509_check_private_key(certificate.get(), key.get()) == 1 ? PrivateKeyState::matches : PrivateKeyState::differs;
  }
  if (bundle.certificates.empty()) bundle.error = "PKCS #12: no certificate in it";
  return true;
}

void read_der_file(Bytes file, std::string_view password, CertificateBundle& bundle) {
  if (is_certificate(file)) {
    bundle.certificates.emplace_back(file.begin(), file.end());
    return;
  }
  const unsigned char* at = file.data();
  const Owned<PKCS7, PKCS7_free> message{d2i_PKCS7(nullptr, &at, static_cast<long>(file.size()))};
  if (add_pkcs7(bundle, message.get())) return;
  if (read_pkcs12(file, password, bundle)) return;
  bundle.error = "neither a certificate nor PKCS #7 nor PKCS #12";
}

}  // namespace

CertificateBundle read_bundle(Bytes file, std::string_view password) {
  constexpr std::uint8_t kSequence = 0x30;
  CertificateBundle bundle;
  if (!file.empty() && file[0] == kSequence) {
    read_der_file(file, password, bundle);
  } else {
    read_pem(file, bundle);
    if (bundle.certificates.empty()) bundle.error = "no certificate in it";
  }
  ERR_clear_error();
  return bundle;
}

std::string sha1_thumbprint(Bytes der) { return upper_hex(sha1(der)); }

}  // namespace sealtrace
