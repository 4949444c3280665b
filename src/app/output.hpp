// Where reports go: standard output, or files written whole or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace sealtrace {

/// check_output_file throws UsageError when `path` exists (unless `force`) or its folder does not, before any work is done.
void check_output_file(const std::filesystem::path& path, bool force);

/// write_file lets `write` fill a temporary file beside `path` and then moves it there. Throws OutputError; then `path` is as it was.
void write_file(const std::filesystem::path& path, const std::function<void(const std::function<void(std::string_view)>& sink)>& write);

/// write_standard_output is a sink that writes to standard output. Errors stay with the stream: run() reports them.
void write_standard_output(std::string_view piece);

}  // namespace sealtrace
