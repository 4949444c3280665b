// A file of SRTP keys, as --srtp-keys takes it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "model/srtp.hpp"

namespace sealtrace {

/// SrtpKeyFileError says what is wrong with a file of keys and in which line. It never holds octets of a key.
class SrtpKeyFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// kMaxGivenSrtpKeys bounds the keys of one file: each may be tried on every stream.
inline constexpr std::size_t kMaxGivenSrtpKeys = 4096;

/// parse_srtp_keys reads lines of four columns parted by tabs: the capture (or `any`), the SSRC (decimal, 0x and hexadecimal, or `any`),
/// the suite by its name, and master key and salt in base64, which may be followed by `|lifetime` and `|MKI:length` as in SDP (RFC 4568
/// section 6.1). Empty lines and those that begin with # are passed over. `file` names it in errors. Throws SrtpKeyFileError.
std::vector<GivenSrtpKey> parse_srtp_keys(std::string_view text, std::string_view file);

/// read_srtp_keys reads a file by parse_srtp_keys and wipes what it read. Throws SrtpKeyFileError, too, when it cannot be read.
std::vector<GivenSrtpKey> read_srtp_keys(const std::string& path);

}  // namespace sealtrace
