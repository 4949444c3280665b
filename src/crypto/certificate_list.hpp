// What a CertificateList consists of, for those in this folder who look into one.
#pragma once

#include <openssl/x509.h>

#include "crypto/free_by.hpp"
#include "crypto/trust_store.hpp"

namespace sealtrace {

inline void free_certificates(STACK_OF(X509) * stack) { sk_X509_pop_free(stack, X509_free); }
using CertificateStack = Owned<STACK_OF(X509), free_certificates>;

/// Implementation keeps a list twice: as a store of anchors, and as a list of intermediates.
struct CertificateList::Implementation {
  CertificateStack stack{sk_X509_new_null()};
  Owned<X509_STORE, X509_STORE_free> store{X509_STORE_new()};
};

}  // namespace sealtrace
