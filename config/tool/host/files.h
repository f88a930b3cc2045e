// Reading of files and links.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clusterbind::tool {

/// The text of an errno value, strerror(3).
std::string error_text(int error);

/// The first `limit` bytes of a file; nothing, with errno set, if it cannot be read. The size is
/// not asked for, because files in /proc have none.
std::optional<std::string> read_file(const std::string& path, size_t limit);

/// The same for an open file, from its current position.
std::optional<std::string> read_descriptor(int descriptor, size_t limit);

/// The target of a symbolic link; empty if it cannot be read.
std::string link_target(const std::string& path);

/// The last part of a path.
std::string_view base_name(std::string_view path);

/// The path without symbolic links, realpath(3); `path` itself if it does not exist.
std::string resolved(const std::string& path);

bool exists(const std::string& path);

/// Splits `text` at each of the separators; empty parts are left out.
std::vector<std::string_view> split(std::string_view text, std::string_view separators);

}  // namespace clusterbind::tool
