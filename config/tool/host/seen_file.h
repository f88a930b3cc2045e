// A file as another process sees it.
#pragma once

#include <sys/types.h>

#include <string>

#include "config/tool/host/sockets.h"

namespace clusterbind::tool {

/// A file that a process in another mount namespace, such as that of a container, knows by this
/// path: mount_namespaces(7). A process that has changed its root directory since is taken to have
/// seen the file before it did so.
class SeenFile {
 public:
  SeenFile(pid_t pid, const std::string& path);

  /// The path by which this process reaches the file, as long as this object exists.
  const std::string& path() const { return path_; }

 private:
  Descriptor file_;
  std::string path_;
};

}  // namespace clusterbind::tool
