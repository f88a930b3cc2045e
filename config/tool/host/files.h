// Ordinary file reading.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clusterbind::tool {

/// The text of an errno value, as strerror(3) has it.
std::string error_text(int error);

/// The first `limit` bytes of a file; nothing, and errno, where it cannot be read. Files of /proc
/// have no size, so none is asked for.
std::optional<std::string> read_file(const std::string& path, size_t limit);

/// The same of an open file, from where it stands.
std::optional<std::string> read_descriptor(int descriptor, size_t limit);

/// Where a symbolic link points to; empty where it cannot be read.
std::string link_target(const std::string& path);

/// The last part of a path.
std::string_view base_name(std::string_view path);

/// The path without symbolic links, as realpath(3); `path` itself where there is none.
std::string resolved(const std::string& path);

bool exists(const std::string& path);

/// `text` at each `separator`; empty parts are left out.
std::vector<std::string_view> split(std::string_view text, std::string_view separators);

}  // namespace clusterbind::tool
