// PHP loads its extensions with RTLD_DEEPBIND: the functions that an extension calls are looked up
// first in itself and its libraries, and so bypass every preloaded library.
#pragma once

#include <string>
#include <vector>

#include "config/tool/program/program.h"

namespace clusterbind::tool {

/// Whether a program runs PHP: php and similar names, or a web server if PHP's module is installed.
bool is_php(const Program& program);

/// The extensions on this host that connect by themselves: "/usr/lib/php/20220829/curl.so".
std::vector<std::string> php_extensions();

/// Those of them that a process has loaded; none if it does not run PHP.
std::vector<std::string> php_extensions_in(pid_t pid);

/// The names alone: "curl, sockets".
std::string extension_names(const std::vector<std::string>& paths);

}  // namespace clusterbind::tool
