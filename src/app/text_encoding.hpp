// utf8_text: text files of Windows as UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace sealtrace {

/// utf8_text drops a byte order mark and turns UTF-16, which PowerShell and `cmd /u` write, into UTF-8; other text is given back as it is.
/// Halves of surrogate pairs that stand alone become U+FFFD.
std::string utf8_text(std::string_view octets);

}  // namespace sealtrace
