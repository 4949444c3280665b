// TlsNegotiation: what the hellos of a stream settled, as far as reading its other messages depends on it.
#pragma once

#include <cstdint>
#include <optional>

#include "model/evidence.hpp"
#include "model/tls_numbers.hpp"
#include "proto/tls_handshake.hpp"

namespace sealtrace {

/// TlsNegotiation is shared by both sides of a session.
struct TlsNegotiation {
  bool client_hello_seen = false;
  bool server_hello_seen = false;
  bool offers_ssl2_only = false;  ///< the ClientHello came in SSL 2.0's form and names no later version
  bool early_data_offered = false;
  bool client_certificate_is_x509 = true;
  bool server_certificate_is_x509 = true;
  /// Messages the client sends between its ChangeCipherSpec and its Finished (NextProtocol, channel id), which hide in encrypted records.
  std::uint8_t num_hidden_client_messages = 0;
  std::uint8_t compression_method = 0;
  TlsVersion version = TlsVersion::none;
  CipherSuite cipher_suite{};
  std::optional<Side> client;  ///< who sent the ClientHello

  [[nodiscard]] bool hello_seen() const { return client_hello_seen || server_hello_seen; }
  [[nodiscard]] bool is_tls13() const { return version == TlsVersion::tls1_3; }
};

/// null_suite_mac_bytes is the length of the MAC behind each fragment when `negotiation` settled on a suite without encryption
/// (RFC 5246 section 6.2.3.1); nothing when it did not, or when compression makes the fragment unreadable all the same.
std::optional<std::uint16_t> null_suite_mac_bytes(const TlsNegotiation& negotiation);

}  // namespace sealtrace
