// TrustStore and check_chain: does a chain of certificates build to an anchor? By OpenSSL, off the packet path, without dates: whether a
// certificate was valid when it was shown is a rule of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/certificate_use.hpp"
#include "wire/bytes.hpp"

namespace sealtrace {

/// CertificateList is a list of OpenSSL's certificates, shared and never changed once it is in use.
class CertificateList {
 public:
  CertificateList();
  CertificateList(const CertificateList&) = delete;
  CertificateList& operator=(const CertificateList&) = delete;
  CertificateList(CertificateList&&) noexcept;
  CertificateList& operator=(CertificateList&&) noexcept;
  ~CertificateList();

  /// add_pem adds every certificate of a PEM text, and gives their number; what is between them is skipped.
  std::size_t add_pem(std::string_view text);
  /// add_der adds one; false when OpenSSL refuses it.
  bool add_der(Bytes der);
  [[nodiscard]] std::size_t size() const;

  struct Implementation;
  [[nodiscard]] const Implementation& implementation() const { return *implementation_; }

 private:
  std::unique_ptr<Implementation> implementation_;
};

/// TrustStores are the stores that one chain is held against; a null one was not given.
struct TrustStores {
  const CertificateList* internal_ca = nullptr;
  const CertificateList* public_ca = nullptr;
  const CertificateList* partner_ca = nullptr;
};

/// check_chain builds from the first of `sent` to an anchor of each store by the others of `sent`, else with the help of `known`
/// (intermediates seen elsewhere). An anchor may be an intermediate. Without any store, only what is wrong in the chain itself is said.
ChainOutcome check_chain(std::span<const Bytes> sent, const TrustStores& stores, const CertificateList& known);

}  // namespace sealtrace
