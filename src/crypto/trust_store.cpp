#include "crypto/trust_store.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <new>
#include <utility>

#include "crypto/certificate_list.hpp"
#include "crypto/free_by.hpp"
#include "crypto/x509_object.hpp"

namespace sealtrace {
namespace {

void push(STACK_OF(X509) * stack, Certificate certificate) {
  if (certificate != nullptr && sk_X509_push(stack, certificate.get()) > 0) static_cast<void>(certificate.release());
}

bool self_issued(X509* certificate) { return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0; }

/// Attempt is one call of OpenSSL's verification.
struct Attempt {
  bool built = false;
  int error = X509_V_OK;
  std::string at_subject;  ///< of the certificate that the error is about
  std::string at_issuer;
};

/// accept_old_algorithms goes on where only the strength of an algorithm is complained about: rules of their own say so.
int accept_old_algorithms(int ok, X509_STORE_CTX* context) {
  if (ok == 1) return 1;
  const int error = X509_STORE_CTX_get_error(context);
  if (error == X509_V_ERR_CA_MD_TOO_WEAK || error == X509_V_ERR_CA_KEY_TOO_SMALL || error == X509_V_ERR_EE_KEY_TOO_SMALL ||
      error == X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION) {
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
  }
  return 0;
}

Attempt attempt(X509* leaf, STACK_OF(X509) * untrusted, X509_STORE* store) {
  const Owned<X509_STORE_CTX, X509_STORE_CTX_free> context{X509_STORE_CTX_new()};
  if (context == nullptr || X509_STORE_CTX_init(context.get(), store, leaf, untrusted) != 1) throw std::bad_alloc{};
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(parameters, 0);
  X509_STORE_CTX_set_verify_cb(context.get(), accept_old_algorithms);
  Attempt result;
  result.built = X509_verify_cert(context.get()) == 1;
  result.error = X509_STORE_CTX_get_error(context.get());
  if (!result.built) {
    if (const X509* at = X509_STORE_CTX_get_current_cert(context.get())) {
      result.at_subject = name_text(X509_get_subject_name(at));
      result.at_issuer = name_text(X509_get_issuer_name(at));
    }
  }
  ERR_clear_error();
  return result;
}

bool no_issuer(int error) {
  return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT || error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
         error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE || error == X509_V_ERR_CERT_UNTRUSTED;
}

std::string words_of(const Attempt& attempt) {
  if (attempt.error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
    return fmt::format("its chain ends in {}, which is in no store that was given", attempt.at_subject);
  if (attempt.error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) return "it is signed by its own key";
  if (no_issuer(attempt.error))
    return fmt::format("the certificate of {} was neither sent nor is it in a store that was given", attempt.at_issuer);
  return fmt::format("at {}: {}", attempt.at_subject, X509_verify_cert_error_string(attempt.error));
}

}  // namespace

CertificateList::CertificateList() : implementation_{std::make_unique<Implementation>()} {
  if (implementation_->stack == nullptr || implementation_->store == nullptr) throw std::bad_alloc{};
}
CertificateList::CertificateList(CertificateList&&) noexcept = default;
CertificateList& CertificateList::operator=(CertificateList&&) noexcept = default;
CertificateList::~CertificateList() = default;

std::size_t CertificateList::size() const { return static_cast<std::size_t>(sk_X509_num(implementation_->stack.get())); }

bool CertificateList::add_der(Bytes der) {
  Certificate certificate = read_x509(der);
  if (certificate == nullptr) return false;
  X509_STORE_add_cert(implementation_->store.get(), certificate.get());
  ERR_clear_error();  // it is there already
  push(implementation_->stack.get(), std::move(certificate));
  return true;
}

std::size_t CertificateList::add_pem(std::string_view text) {
  const Owned<BIO, BIO_free> source{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  if (source == nullptr) throw std::bad_alloc{};
  std::size_t num_added = 0;
  while (Certificate certificate{PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(implementation_->store.get(), certificate.get());
    push(implementation_->stack.get(), std::move(certificate));
    ++num_added;
  }
  ERR_clear_error();
  return num_added;
}

ChainOutcome check_chain(std::span<const Bytes> sent, const TrustStores& stores, const CertificateList& known) {
  ChainOutcome outcome;
  const Certificate leaf = sent.empty() ? nullptr : read_x509(sent.front());
  if (leaf == nullptr) return outcome;
  const CertificateStack untrusted{sk_X509_new_null()};
  if (untrusted == nullptr) throw std::bad_alloc{};
  for (const Bytes der : sent.subspan(1)) {
    Certificate certificate = read_x509(der);
    if (certificate == nullptr) continue;
    outcome.root_sent = outcome.root_sent || self_issued(certificate.get());
    push(untrusted.get(), std::move(certificate));
  }
  STACK_OF(X509)* const helpers = known.implementation().stack.get();
  const auto builds_with_help = [&](X509_STORE* store) {
    const CertificateStack all{sk_X509_dup(untrusted.get())};
    if (all == nullptr) throw std::bad_alloc{};
    for (int i = 0; i < sk_X509_num(helpers); ++i) sk_X509_push(all.get(), sk_X509_value(helpers, i));
    for (int i = 0; i < sk_X509_num(all.get()); ++i) X509_up_ref(sk_X509_value(all.get(), i));
    return attempt(leaf.get(), all.get(), store).built;
  };

  bool helped = false;
  bool any_store = false;
  Attempt last{.built = false, .error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, .at_subject = {}, .at_issuer = {}};
  const auto ask = [&](const CertificateList* list) {
    if (list == nullptr || list->size() == 0) return StoreAnswer::absent;
    any_store = true;
    X509_STORE* const store = list->implementation().store.get();
    Attempt first = attempt(leaf.get(), untrusted.get(), store);
    if (first.built) return StoreAnswer::yes;
    const bool may_help = no_issuer(first.error) && sk_X509_num(helpers) > 0 && builds_with_help(store);
    if (last.error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY || may_help) last = std::move(first);
    helped = helped || may_help;
    return may_help ? StoreAnswer::yes : StoreAnswer::no;
  };
  outcome.internal_ca = ask(stores.internal_ca);
  outcome.public_ca = ask(stores.public_ca);
  outcome.partner_ca = ask(stores.partner_ca);
  if (!any_store) return outcome;
  const bool trusted =
      outcome.internal_ca == StoreAnswer::yes || outcome.public_ca == StoreAnswer::yes || outcome.partner_ca == StoreAnswer::yes;
  if (trusted) {
    outcome.state = helped ? ChainState::intermediate_missing : ChainState::trusted;
    if (helped) outcome.detail = fmt::format("the certificate of {} is needed and is not sent with it", last.at_issuer);
    return outcome;
  }
  outcome.detail = words_of(last);
  if (last.error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) {
    outcome.state = ChainState::self_signed;
  } else if (no_issuer(last.error) || last.error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN) {
    outcome.state = ChainState::not_trusted;
  } else {
    outcome.state = ChainState::broken;
  }
  return outcome;
}

}  // namespace sealtrace
