// RdpStream: the connection sequence of Remote Desktop up to the choice of its security ([MS-RDPBCGR] section 1.3.1.1).
#pragma once

#include <array>

#include "dissect/session.hpp"
#include "dissectors/signatures/signature.hpp"

namespace sealtrace {

/// probe_rdp recognises an X.224 Connection Request with a cookie or a negotiation request, or any on RDP's port (`hinted`), and a
/// Connection Confirm with a negotiation response.
Sight probe_rdp(Bytes bytes, bool hinted);

/// RdpStream hands over when the server selects a protocol that begins with TLS. Otherwise it reads which encryption standard RDP security
/// uses, in the server's answer to the settings ([MS-RDPBCGR] section 2.2.1.4.3).
class RdpStream final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  Progress on_client(Bytes packet, const Chunk& chunk, FactSink& facts);
  Progress on_server(Bytes packet, const Chunk& chunk, FactSink& facts);

  bool requested_ = false;
  bool confirmed_ = false;
  bool finished_ = false;
};

}  // namespace sealtrace
