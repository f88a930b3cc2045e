// PHP's extensions, which it loads with RTLD_DEEPBIND: what they and their libraries call is looked
// for in themselves first, past every preloaded library.
#pragma once

#include <string>
#include <vector>

#include "config/tool/program/program.h"

namespace clusterbind::tool {

/// Whether a program runs PHP: php and its kin by name, a web server where PHP's module is there.
bool is_php(const Program& program);

/// The extensions on this host that connect by themselves, "/usr/lib/php/20220829/curl.so".
std::vector<std::string> php_extensions();

/// Of these, the ones that a process has loaded; none in a process without PHP.
std::vector<std::string> php_extensions_in(pid_t pid);

/// "curl, sockets".
std::string extension_names(const std::vector<std::string>& paths);

}  // namespace clusterbind::tool
