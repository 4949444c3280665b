// DcerpcStream: connection-oriented DCE/RPC (C706 chapter 12) with the extensions of [MS-RPCE].
#pragma once

#include <array>

#include "dissect/session.hpp"
#include "dissectors/signatures/once.hpp"
#include "dissectors/signatures/signature.hpp"
#include "wire/byte_reader.hpp"

namespace sealtrace {

inline constexpr std::size_t kDcerpcHeaderBytes = 16;

/// DcerpcHeader is the part that all PDUs share (C706 section 12.6.3.1).
struct DcerpcHeader {
  std::uint8_t type = 0;
  bool little_endian = true;
  std::uint16_t frag_length = 0;
  std::uint16_t auth_length = 0;
};
/// parse_dcerpc_header reads 16 octets. Fails as malformed for another version or data representation, a type that is not assigned, or
/// lengths that do not fit each other.
Parsed<DcerpcHeader> parse_dcerpc_header(Bytes stream);

Sight probe_dcerpc(Bytes bytes);

/// DcerpcStream reads the head of each PDU and, where there is one, the head of its security trailer ([MS-RPCE] section 2.2.2.11), whose
/// auth_level says whether the PDU's stub is encrypted. It passes over the rest.
class DcerpcStream final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  struct Half {
    bool lost = false;
    std::uint32_t trailer_bytes = 0;  ///< of the PDU under way, when its stub was passed over
    std::uint8_t type = 0;            ///< of that PDU
  };
  void on_pdu(std::uint8_t type, bool privacy, const Chunk& chunk, std::size_t length, FactSink& facts);

  std::array<Half, 2> halves_;
  Once once_;
};

}  // namespace sealtrace
