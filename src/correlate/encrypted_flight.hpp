// EncryptedFlight: what a TLS 1.3 handshake shows once its messages are encrypted: who sent records of which length, in which order.
#pragma once

#include <cstdint>
#include <vector>

#include "model/fact.hpp"

namespace sealtrace {

/// EncryptedRecord is one protected record (RFC 8446 section 5.2). `bytes` is the length in its header: message, content type, padding,
/// tag.
struct EncryptedRecord {
  Side sender = Side::initiator;
  std::uint16_t bytes = 0;
};

/// EncryptedFlight has the records behind the ServerHello in the order of the capture, and what the hellos said that changes how they are
/// read. It ends at the first octet that was missed: behind it, nobody knows what is missing. Bounded by what a session reports.
struct EncryptedFlight {
  CipherSuite cipher_suite{};
  bool early_data_offered = false;    ///< by the last ClientHello: data may come before the client's flight (extension 42)
  bool post_handshake_auth = false;   ///< extension 49
  bool raw_public_keys = false;       ///< a client certificate may be a bare key (extension 19)
  bool certificate_with_psk = false;  ///< extension 33 in the ServerHello: certificates beside a PSK (RFC 8773)
  bool pre_shared_key = false;        ///< extension 41 in the ServerHello
  bool cut = false;                   ///< octets were missed behind the last record here
  std::vector<EncryptedRecord> records;

  void on(const TlsClientHello& hello);
  void on(const TlsServerHello& hello);
  void on(const TlsApplicationData& data, Side sender);
  void on_missed() { cut = true; }
};

}  // namespace sealtrace
