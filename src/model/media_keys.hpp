// MediaKey: a master key that signalling gave for a stream, and who could read it there.
#pragma once

#include "model/evidence.hpp"
#include "model/ids.hpp"
#include "model/srtp.hpp"

namespace sealtrace {

/// MediaKey is one candidate for the key of one direction of a media flow: from the SDP of its sender. `readable`: anybody on the path of
/// that signalling could read it, because it was clear, or its TLS protected nothing.
struct MediaKey {
  SrtpMasterKey key;
  TimedEvidence where;  ///< the message that carried the description
  FlowId signalling{};  ///< its flow
  Timestamp offered{};  ///< when the offer came that began this exchange: the key was not in use before
  bool readable = false;
};

}  // namespace sealtrace
