// DtlsMessages: handshake messages of DTLS, whole, to facts.
#pragma once

#include "dissect/session.hpp"
#include "dissectors/dtls/dtls_reassembly.hpp"

namespace sealtrace {

/// DtlsMessages remembers what the last ServerHello settled, as far as reading other messages depends on it.
class DtlsMessages {
 public:
  explicit DtlsMessages(const Services& services) : services_{services} {}

  void on_message(Side sender, const HandshakeMessage& message, FactSink& facts);
  /// version is none before a ServerHello.
  [[nodiscard]] TlsVersion version() const { return version_; }

 private:
  [[nodiscard]] FactBody hello_fact(const HandshakeMessage& message);

  const Services& services_;
  TlsVersion version_ = TlsVersion::none;
  CipherSuite cipher_suite_{};
  bool certificates_are_x509_ = true;
};

}  // namespace sealtrace
