// StapledStatus: what an OCSP response (RFC 6960) that a server sent with its chain says of one certificate of it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.hpp"

namespace sealtrace {

/// CertificateStatus is the response's answer about the certificate (RFC 6960 section 4.2.1). `none`: it gives none.
enum class CertificateStatus : std::uint8_t { none, good, revoked, unknown };
constexpr std::string_view to_string(CertificateStatus status) {
  switch (status) {
    case CertificateStatus::none: return "none";
    case CertificateStatus::good: return "good";
    case CertificateStatus::revoked: return "revoked";
    case CertificateStatus::unknown: return "unknown";
  }
  return "none";
}

/// StapleSignature says whether whom the certificate's issuer allows signed the response (RFC 6960 section 4.2.2.2).
enum class StapleSignature : std::uint8_t { not_checked, valid, invalid };
constexpr std::string_view to_string(StapleSignature signature) {
  switch (signature) {
    case StapleSignature::not_checked: return "not_checked";
    case StapleSignature::valid: return "valid";
    case StapleSignature::invalid: return "invalid";
  }
  return "not_checked";
}

/// StapledStatus: texts are empty and dates absent where the response does not say.
struct StapledStatus {
  std::string response;  ///< OCSPResponseStatus in the RFC's words: successful, tryLater...; empty when it cannot be read
  CertificateStatus status = CertificateStatus::none;
  bool about_certificate = false;  ///< one of its answers is about this certificate, by serial and issuer
  std::optional<Timestamp> produced_at;
  std::optional<Timestamp> this_update;
  std::optional<Timestamp> next_update;
  std::optional<Timestamp> revoked_at;
  std::string revocation_reason;
  std::string responder;  ///< a name, or "key " and the SHA-1 of its key
  StapleSignature signature = StapleSignature::not_checked;
  std::string detail;  ///< in words: why the signature is not valid or not checked, or what cannot be read
};

/// StapleKey names one response held against one certificate and what was sent behind it.
struct StapleKey {
  StapleId response{};
  std::uint32_t certificate = 0;  ///< index into AuditResult::certificates
  std::uint32_t issuer = 0;       ///< likewise, of the next in the chain; kNoStapleIssuer when it is the last
  auto operator<=>(const StapleKey&) const = default;
};
inline constexpr std::uint32_t kNoStapleIssuer = 0xFFFFFFFF;

}  // namespace sealtrace
