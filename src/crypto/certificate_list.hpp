// What a CertificateList consists of, for those in this folder who look into one.
#pragma once

#include <openssl/x509.h>

#include "crypto/trust_store.hpp"
#include "crypto/x509_object.hpp"

namespace sealtrace {

/// Implementation keeps a list twice: as a store of anchors, and as a list of intermediates.
struct CertificateList::Implementation {
  CertificateStack stack{sk_X509_new_null()};
  Owned<X509_STORE, X509_STORE_free> store{X509_STORE_new()};
};

}  // namespace sealtrace
