// DecryptedTrace: what secrets showed of a flow's handshakes: that of TLS 1.3, post-handshake authentication, and renegotiations.
#pragma once

#include <optional>
#include <vector>

#include "correlate/handshake_trace.hpp"
#include "model/flow_profile.hpp"

namespace sealtrace {

/// InnerHandshake is one handshake, or one post-handshake exchange, as far as it was decrypted.
struct InnerHandshake {
  bool post_handshake = false;
  bool flight_whole = false;  ///< the server's messages that could hold a request were all seen
  bool requested = false;
  ClientCertificate certificate = ClientCertificate::not_seen;
  bool certificate_verify_seen = false;
  Check certificate_verify = Check::not_made;
  bool client_finished = false;
  Check client_finished_check = Check::not_made;
  bool server_went_on = false;
  bool fatal_alert = false;  ///< before the server went on
  bool answered_inside = false;
  bool refused_inside = false;  ///< the server's first HTTP answer says that it does not take the client's certificate
};

/// DecryptedTrace takes the decrypted facts of a flow in order, `Side::initiator` being the TLS client.
class DecryptedTrace {
 public:
  void observe(const Fact& fact);

  [[nodiscard]] bool seen() const { return seen_; }
  /// opened: a record opened with the secrets there are.
  [[nodiscard]] bool opened() const { return opened_; }
  /// failed: a record did not open, or a message inside could not be read. What was decrypted before it stands.
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] const std::vector<InnerHandshake>& handshakes() const { return handshakes_; }

 private:
  void begin(bool post_handshake);

  std::vector<InnerHandshake> handshakes_;
  bool seen_ = false;
  bool opened_ = false;
  bool failed_ = false;
  bool tls13_ = false;
  bool of_first_ = true;  ///< TLS 1.2: the Finished of the handshake in the clear
};

/// assess_decrypted says what the decrypted handshakes show of client authentication, by the table in docs/evidence.md; nothing where they
/// do not decide, and then the handshake in the clear does. A mutual handshake needs every check made and passed. `resumed`: TLS 1.3 with a
/// PSK, whose main handshake has no certificates.
std::optional<ClientAuth> assess_decrypted(const DecryptedTrace& trace, const FlowProfile& flow, bool resumed);

}  // namespace sealtrace
