// OpenSSL's form of a certificate and of a name, for those in this folder who verify with it.
#pragma once

#include <openssl/err.h>
#include <openssl/x509.h>

#include <string>

#include "crypto/certificate_name.hpp"
#include "crypto/free_by.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

using Certificate = Owned<X509, X509_free>;
inline void free_certificates(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
using CertificateStack = Owned<STACK_OF(X509), free_certificates>;

/// read_x509 is null where `der` is no certificate for OpenSSL.
inline Certificate read_x509(Bytes der) {
  const unsigned char* at = der.data();
  Certificate certificate{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
  ERR_clear_error();
  return certificate;
}

/// name_text gives a Name as RFC 2253 text.
inline std::string name_text(const X509_NAME* name) {
  unsigned char* der = nullptr;
  const int length = i2d_X509_NAME(name, &der);
  if (length <= 0) return {};
  bool readable = false;
  std::string text = name_text({der, static_cast<std::size_t>(length)}, readable);
  OPENSSL_free(der);
  return text;
}

}  // namespace sealtrace
