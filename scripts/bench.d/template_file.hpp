// Templates of conversations, as templates.py writes them.
#pragma once

#include <cstdint>
#include <vector>

namespace bench {

struct Piece {
  std::uint8_t side = 0;  // 0 the client
  std::uint32_t length = 0;
};

/// Run is octets that change in each replica; those of one group change alike. Group 0 makes the leaf another certificate.
struct Run {
  std::uint8_t side = 0;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::uint8_t group = 0;
};

struct Template {
  std::uint8_t protocol = 0;
  std::uint16_t port = 0;
  bool clear_certificate = false;
  std::vector<std::uint8_t> streams[2];
  std::vector<Piece> pieces;
  std::vector<Run> runs;
};

/// read_templates ends the program when the file is not one.
std::vector<Template> read_templates(const char* path);

}  // namespace bench
