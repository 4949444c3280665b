// Client authentication where it is encrypted, inferred from the sizes of records (docs/tls13.md). An inference, never a proof.
#pragma once

#include <optional>
#include <string_view>

#include "correlate/encrypted_flight.hpp"
#include "model/flow_profile.hpp"

namespace sealtrace {

/// HiddenClientAuth is what the sizes say: `none` for nothing, else mutual, one_way or declined with its strength. `asked` is what the
/// server's records say of a CertificateRequest. `key` names the kind of the client's key, empty when not known. `error_rate` bounds at
/// 95 % how many of such claims are wrong, over the stacks that were measured.
struct HiddenClientAuth {
  ClientAuthStatus status = ClientAuthStatus::none;
  InferenceStrength strength = InferenceStrength::none;
  double error_rate = 0;
  std::optional<bool> asked;
  std::string_view key;
};

/// infer_client_auth reads a TLS 1.3 flight of a full handshake that was seen without loss up to where `flight` ends. Pure.
HiddenClientAuth infer_client_auth(const EncryptedFlight& flight);

}  // namespace sealtrace
