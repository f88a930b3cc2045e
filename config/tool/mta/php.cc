#include "config/tool/mta/php.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/host/process.h"

namespace clusterbind::tool {
namespace {

// The folders of Debian, of the Red Hat family, of Alpine, and of PHP's own installation.
constexpr std::array<const char*, 4> folders = {"/usr/lib/php/[0-9]*", "/usr/lib64/php/modules",
                                                "/usr/lib/php*/modules",
                                                "/usr/local/lib/php/extensions/*"};
constexpr std::array<const char*, 3> web_modules = {"/usr/lib/apache2/modules/libphp*.so",
                                                    "/usr/lib64/httpd/modules/libphp*.so",
                                                    "/usr/local/apache2/modules/libphp*.so"};
// Extensions that are known to connect through a library of their own. PHP's other extensions
// connect through PHP itself.
constexpr std::array<std::string_view, 6> extensions = {"curl",  "imap",      "ldap",
                                                        "pgsql", "pdo_pgsql", "sockets"};

std::vector<std::string> matching(const std::string& pattern) {
  glob_t found = {};
  std::vector<std::string> paths;
  // glob is called before any thread exists.
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {  // NOLINT(concurrency-mt-unsafe)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  globfree(&found);
  return paths;
}

bool is_extension(std::string_view file) {
  return file.ends_with(".so") && std::find(extensions.begin(), extensions.end(),
                                            file.substr(0, file.size() - 3)) != extensions.end();
}

/// "php", "php8.2", "php-fpm8.2", "php-cgi", "phpdbg", "lsphp".
bool is_php_name(std::string_view name) {
  const size_t end = name.find_last_not_of("0123456789.");
  const std::string_view stem = name.substr(0, end == name.npos ? 0 : end + 1);
  constexpr std::string_view stems[] = {"php", "php-fpm", "php-cgi", "phpdbg", "lsphp"};
  return std::find(std::begin(stems), std::end(stems), stem) != std::end(stems);
}

bool is_web_server(std::string_view name) {
  return name == "apache2" || name == "httpd";
}

}  // namespace

bool is_php(const Program& program) {
  const std::string_view name = base_name(program.file);
  return is_php_name(name) ||
         (is_web_server(name) && std::ranges::any_of(web_modules, [](const char* pattern) {
            return !matching(pattern).empty();
          }));
}

std::vector<std::string> php_extensions() {
  std::vector<std::string> found;
  for (const char* const folder : folders) {
    for (const std::string_view name : extensions) {
      std::ranges::move(matching(fmt::format("{}/{}.so", folder, name)), std::back_inserter(found));
    }
  }
  return found;
}

std::vector<std::string> php_extensions_in(pid_t pid) {
  const std::vector<std::string> files = mapped_files(pid);
  const bool has_php = is_php_name(base_name(executable_of(pid))) ||
                       std::ranges::any_of(files, [](const std::string& file) {
                         return base_name(file).starts_with("libphp");
                       });
  std::vector<std::string> found;
  if (has_php) {
    std::ranges::copy_if(files, std::back_inserter(found),
                         [](const std::string& file) { return is_extension(base_name(file)); });
  }
  return found;
}

std::string extension_names(const std::vector<std::string>& paths) {
  std::vector<std::string_view> names;
  std::string text;
  for (const std::string& path : paths) {
    const std::string_view file = base_name(path);
    const std::string_view name = file.substr(0, file.size() - 3);
    if (std::ranges::find(names, name) == names.end()) {
      names.push_back(name);
      append(text, name);
    }
  }
  return text;
}

}  // namespace clusterbind::tool
