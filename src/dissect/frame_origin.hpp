// Where octets of a test come from. Only tests and fuzz targets include it.
#pragma once

#include <chrono>
#include <cstdint>

#include "dissect/session.hpp"

namespace sealtrace::testing {

/// FrameOrigin says that a chunk is all of one frame, seen in the second of its number.
class FrameOrigin final : public Origin {
 public:
  explicit FrameOrigin(std::uint64_t frame) : frame_{frame} {}
  [[nodiscard]] Evidence at(std::size_t offset, std::size_t length) const override {
    return {.capture = {},
            .frame = FrameNumber{frame_},
            .offset = static_cast<std::uint32_t>(offset),
            .length = static_cast<std::uint32_t>(length)};
  }
  [[nodiscard]] Timestamp time_at(std::size_t /*offset*/) const override { return Timestamp{std::chrono::seconds{frame_}}; }

 private:
  std::uint64_t frame_;
};

}  // namespace sealtrace::testing
