#include "crypto/signature_check.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "crypto/free_by.hpp"
#include "crypto/x509_object.hpp"

namespace sealtrace {
namespace {

enum class Padding : std::uint8_t { none, pkcs1, pss };

struct Method {
  SignatureScheme scheme{};
  const char* digest = nullptr;  ///< none: the algorithm hashes itself
  int key = 0;                   ///< EVP_PKEY_base_id
  Padding padding = Padding::none;
};

/// kMethods: RFC 8446 section 4.2.3, and the pairs of hash and signature of RFC 5246 section 7.4.1.4.1.
constexpr std::array<Method, 24> kMethods{{
    {SignatureScheme{0x0101}, "MD5", EVP_PKEY_RSA, Padding::pkcs1},
    {SignatureScheme{0x0201}, "SHA1", EVP_PKEY_RSA, Padding::pkcs1},
    {SignatureScheme{0x0301}, "SHA224", EVP_PKEY_RSA, Padding::pkcs1},
    {SignatureScheme{0x0401}, "SHA256", EVP_PKEY_RSA, Padding::pkcs1},
    {SignatureScheme{0x0501}, "SHA384", EVP_PKEY_RSA, Padding::pkcs1},
    {SignatureScheme{0x0601}, "SHA512", EVP_PKEY_RSA, Padding::pkcs1},
    {SignatureScheme{0x0202}, "SHA1", EVP_PKEY_DSA, Padding::none},
    {SignatureScheme{0x0302}, "SHA224", EVP_PKEY_DSA, Padding::none},
    {SignatureScheme{0x0402}, "SHA256", EVP_PKEY_DSA, Padding::none},
    {SignatureScheme{0x0502}, "SHA384", EVP_PKEY_DSA, Padding::none},
    {SignatureScheme{0x0203}, "SHA1", EVP_PKEY_EC, Padding::none},
    {SignatureScheme{0x0303}, "SHA224", EVP_PKEY_EC, Padding::none},
    {SignatureScheme{0x0403}, "SHA256", EVP_PKEY_EC, Padding::none},
    {SignatureScheme{0x0503}, "SHA384", EVP_PKEY_EC, Padding::none},
    {SignatureScheme{0x0603}, "SHA512", EVP_PKEY_EC, Padding::none},
    {SignatureScheme{0x0804}, "SHA256", EVP_PKEY_RSA, Padding::pss},
    {SignatureScheme{0x0805}, "SHA384", EVP_PKEY_RSA, Padding::pss},
    {SignatureScheme{0x0806}, "SHA512", EVP_PKEY_RSA, Padding::pss},
    {SignatureScheme{0x0809}, "SHA256", EVP_PKEY_RSA_PSS, Padding::pss},
    {SignatureScheme{0x080A}, "SHA384", EVP_PKEY_RSA_PSS, Padding::pss},
    {SignatureScheme{0x080B}, "SHA512", EVP_PKEY_RSA_PSS, Padding::pss},
    {SignatureScheme{0x0807}, nullptr, EVP_PKEY_ED25519, Padding::none},
    {SignatureScheme{0x0808}, nullptr, EVP_PKEY_ED448, Padding::none},
    {SignatureScheme{0x0704}, "SHA256", EVP_PKEY_EC, Padding::none},
}};

using Context = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

/// method_before_tls12 is RFC 4346 section 7.4.3: MD5 and SHA-1 together for RSA, SHA-1 for the others.
Method method_before_tls12(int key) {
  return key == EVP_PKEY_RSA ? Method{{}, "MD5-SHA1", key, Padding::pkcs1} : Method{{}, "SHA1", key, Padding::none};
}

Check verify(EVP_PKEY* key, const Method& method, Bytes content, Bytes signature) {
  const Context context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* key_context = nullptr;
  if (context == nullptr) return Check::not_possible;
  if (EVP_DigestVerifyInit_ex(context.get(), &key_context, method.digest, nullptr, nullptr, key, nullptr) != 1) return Check::not_possible;
  if (method.padding == Padding::pss && (EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) != 1 ||
                                         EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return Check::not_possible;
  }
  const int answer = EVP_DigestVerify(context.get(), signature.data(), signature.size(), content.data(), content.size());
  return answer == 1 ? Check::passed : Check::failed;
}

}  // namespace

Check check_signature(Bytes der, SignatureScheme scheme, TlsVersion version, Bytes content, Bytes signature) {
  const Certificate certificate = read_x509(der);
  EVP_PKEY* const key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  Check check = Check::not_possible;
  if (key != nullptr) {
    const bool scheme_named = version == TlsVersion::tls1_2 || version == TlsVersion::tls1_3 || version == TlsVersion::dtls1_2;
    const int type = EVP_PKEY_get_base_id(key);
    if (!scheme_named) {
      check = verify(key, method_before_tls12(type), content, signature);
    } else if (const auto known = std::ranges::find(kMethods, scheme, &Method::scheme); known != kMethods.end() && known->key == type) {
      check = verify(key, *known, content, signature);
    } else if (known != kMethods.end()) {
      check = Check::failed;  // a scheme that this kind of key cannot make
    }
  }
  ERR_clear_error();
  return check;
}

Check check_tls13_signature(Bytes der, SignatureScheme scheme, SignedBy signer, Bytes transcript_hash, Bytes signature) {
  constexpr std::size_t kNumSpaces = 64;
  const std::string_view context = signer == SignedBy::client ? "TLS 1.3, client CertificateVerify" : "TLS 1.3, server CertificateVerify";
  std::vector<std::uint8_t> content(kNumSpaces, 0x20);
  content.insert(content.end(), context.begin(), context.end());
  content.push_back(0);
  content.insert(content.end(), transcript_hash.begin(), transcript_hash.end());
  return check_signature(der, scheme, TlsVersion::tls1_3, content, signature);
}

}  // namespace sealtrace
