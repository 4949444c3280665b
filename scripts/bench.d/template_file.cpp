#include "template_file.hpp"

#include <cstdio>
#include <cstdlib>

namespace bench {
namespace {

class File {
 public:
  explicit File(const char* path) : file_{std::fopen(path, "rb")} {
    if (file_ == nullptr) {
      std::perror(path);
      std::exit(1);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { std::fclose(file_); }

  bool more() {
    const int octet = std::fgetc(file_);
    if (octet != EOF) std::ungetc(octet, file_);
    return octet != EOF;
  }
  std::uint32_t number(int octets) {
    std::uint32_t value = 0;
    for (int i = 0; i < octets; ++i) {
      const int octet = std::fgetc(file_);
      if (octet == EOF) {
        std::fputs("the templates end early\n", stderr);
        std::exit(1);
      }
      value |= static_cast<std::uint32_t>(octet) << i * 8;
    }
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return number(4); }

 private:
  std::FILE* file_;
};

}  // namespace

std::vector<Template> read_templates(const char* path) {
  File file{path};
  std::vector<Template> templates;
  while (file.more()) {
    Template& t = templates.emplace_back();
    t.protocol = file.u8();
    t.port = file.u16();
    t.clear_certificate = file.u8() != 0;
    for (auto& stream : t.streams) {
      stream.resize(file.u32());
      for (std::uint8_t& octet : stream) octet = file.u8();
    }
    t.pieces.resize(file.u32());
    for (Piece& piece : t.pieces) {
      piece.side = file.u8();
      piece.length = file.u32();
    }
    t.runs.resize(file.u32());
    for (Run& run : t.runs) {
      run.side = file.u8();
      run.offset = file.u32();
      run.length = file.u32();
      run.group = file.u8();
    }
  }
  return templates;
}

}  // namespace bench
