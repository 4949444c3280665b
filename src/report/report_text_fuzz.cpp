// Any octets through the two doors by which a peer's text reaches a report. What comes out is UTF-8, steers no display, and
// keeps its bounds; JSON strings close themselves.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "report/json_writer.hpp"
#include "report/terminal_text.hpp"
#include "report/utf8.hpp"

namespace {

using namespace sealtrace;

void require(bool invariant) {
  if (!invariant) std::abort();
}

void require_fit_to_print(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text, at);
    require(character.valid && !steers_display(character.code));
    at += character.num_bytes;
  }
}

/// require_closed checks that the only quotes that are not escaped are the first and the last character.
void require_closed(std::string_view json) {
  require(json.size() >= 2 && json.front() == '"' && json.back() == '"');
  for (std::size_t at = 1; at + 1 < json.size(); ++at) {
    require(json[at] != '"');
    if (json[at] == '\\') ++at;
    require(at + 1 < json.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  TextBuffer buffer;
  JsonWriter{buffer}.value(text);
  const std::string_view json = buffer.view();
  require_fit_to_print(json);
  require_closed(json);

  for (const Charset charset : {Charset::unicode, Charset::ascii}) {
    const std::size_t max_columns = size % 97 + 2;
    const std::string shown = printable(text, charset, max_columns);
    require_fit_to_print(shown);
    require(columns(shown) <= max_columns);
    for (std::size_t width = 2; width < 20; width += 5) {
      for (const std::string& line : wrap(shown, width)) {
        require_fit_to_print(line);
        require(columns(line) <= width);
      }
    }
  }
  return 0;
}
