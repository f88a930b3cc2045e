#include "config/tool/program/access.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/tool/host/files.h"

namespace clusterbind::tool {

std::vector<std::string> folders_of(const std::string& path) {
  std::vector<std::string> folders = {"/"};
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    folders.push_back(path.substr(0, at));
  }
  return folders;
}

std::string hidden_from_users(const std::string& path) {
  if (geteuid() != 0) {
    return access(path.c_str(), R_OK) == 0 ? std::string()
                                           : fmt::format("this user cannot read {}", path);
  }
  struct stat facts = {};
  // A symbolic link is reached through one path, and its target through another.
  for (const std::string& way : {path, resolved(path)}) {
    for (const std::string& folder : folders_of(way)) {
      if (stat(folder.c_str(), &facts) == 0 && (facts.st_mode & S_IXOTH) == 0) {
        return fmt::format("other users cannot enter {}", folder);
      }
    }
  }
  if (stat(path.c_str(), &facts) == 0 && (facts.st_mode & S_IROTH) == 0) {
    return fmt::format("other users cannot read {}", path);
  }
  return {};
}

}  // namespace clusterbind::tool
