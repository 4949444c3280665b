// SmbSession: what SMB messages on one connection say in clear, and where encryption begins.
#pragma once

#include <array>

#include "dissect/session.hpp"
#include "dissectors/smb/smb_parse.hpp"

namespace sealtrace {

/// kSmbDissector recognises the frame of an SMB message, or NetBIOS's session request, on any port.
extern const Dissector kSmbDissector;

/// kMaxSmbMessageBytes is how much of a message is looked at: above a SESSION_SETUP with a large ticket, whose front tells the mechanism.
inline constexpr std::size_t kMaxSmbMessageBytes = 20'480;
/// kMaxSmbNegotiations bounds how often a connection's negotiation is told: once, and again for each kind of encryption it then demands.
inline constexpr std::uint8_t kMaxSmbNegotiations = 8;

/// SmbSession reads the head of each message and passes over the rest.
class SmbSession final : public Session {
 public:
  Progress on_stream(const Chunk& chunk, FactSink& facts) override;
  void on_gap(Side sender, std::uint64_t missing_bytes, std::uint64_t skipped, FactSink& facts) override;

 private:
  struct Half {
    std::uint64_t left = 0;  ///< octets of the frame that are still to come
    bool lost = false;       ///< the place in the stream is not known after a gap
    bool unreadable_told = false;
    std::uint64_t told = 0;  ///< kinds of messages, a bit each
    std::uint32_t credentials_told = 0;
    std::uint32_t offers_told = 0;
  };

  Progress read_message(Half& half, const Chunk& chunk, FactSink& facts);
  Progress read_smb2(Half& half, const Chunk& chunk, FactSink& facts);
  Progress read_smb1(Half& half, const Chunk& chunk, FactSink& facts);
  void look_into(Half& half, const Smb2Header& header, Bytes message, const Chunk& chunk, FactSink& facts);
  void on_negotiated(Half& half, Bytes message, const Chunk& chunk, FactSink& facts);
  void on_session_setup(Half& half, const Smb2Header& header, Bytes message, const Chunk& chunk, FactSink& facts);
  void tell(Half& half, std::size_t bit, FactBody fact, const Chunk& chunk, FactSink& facts) const;
  void tell_session(const SmbSessionSeen& seen, const Chunk& chunk, FactSink& facts);
  Progress unreadable(Half& half, const ParseError& error, const Chunk& chunk, FactSink& facts) const;

  std::array<Half, 2> halves_;
  SmbSessionSeen seen_;
  std::uint8_t num_negotiations_ = 0;
};

}  // namespace sealtrace
