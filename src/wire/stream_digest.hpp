// StreamDigest: a hash over octets that pass by, without saying which library computes it.
#pragma once

#include <string>

#include "wire/bytes.hpp"

namespace sealtrace {

/// StreamDigest takes a file's octets in order and names them at the end (upper-case hex of SHA-256).
class StreamDigest {
 public:
  virtual ~StreamDigest() = default;
  virtual void update(Bytes octets) = 0;
  virtual std::string finish() = 0;
};

}  // namespace sealtrace
