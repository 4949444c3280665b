// Identities and units of the vocabulary.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace sealtrace {

/// Timestamp is a point of the capture's clock, UTC, in nanoseconds since 1970.
using Timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// FrameNumber counts frames of one capture from 1, as Wireshark does. 0 means no frame.
enum class FrameNumber : std::uint64_t {};

/// CaptureId is the index of a capture file (or interface) in the audit, in the order they are read.
enum class CaptureId : std::uint32_t {};

/// FlowId numbers the flows of an audit from 1 in the order of their first frames. 0 means not numbered yet.
enum class FlowId : std::uint64_t {};

/// CertificateId is the index of a distinct certificate in the audit's CertificateStore.
enum class CertificateId : std::uint32_t {};

/// StapleId is the index of a distinct stapled OCSP response in the audit's StapleStore.
enum class StapleId : std::uint32_t {};

constexpr std::uint64_t value(FrameNumber frame) { return static_cast<std::uint64_t>(frame); }
constexpr std::uint32_t value(CaptureId capture) { return static_cast<std::uint32_t>(capture); }
constexpr std::uint64_t value(FlowId flow) { return static_cast<std::uint64_t>(flow); }
constexpr std::uint32_t value(CertificateId certificate) { return static_cast<std::uint32_t>(certificate); }
constexpr std::uint32_t value(StapleId staple) { return static_cast<std::uint32_t>(staple); }

}  // namespace sealtrace
