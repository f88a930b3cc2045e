#include "config/tool/host/seen_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "config/tool/host/files.h"
#include "config/tool/host/process.h"

namespace clusterbind::tool {
namespace {

std::string mounts_of(pid_t pid) {
  return link_target(process_path(pid, "ns/mnt"));
}

/// The root of a mount namespace, by the nearest process, from this one upwards, that has it.
std::string root_of(pid_t pid) {
  const std::string mounts = mounts_of(pid);
  for (pid_t one = pid; one > 0 && mounts_of(one) == mounts; one = parent_of(one)) {
    if (link_target(process_path(one, "root")) == "/") {
      return process_path(one, "root");
    }
  }
  return process_path(pid, "root");
}

}  // namespace

SeenFile::SeenFile(pid_t pid, const std::string& path) : path_(path) {
  const std::string mounts = mounts_of(pid);
  if (mounts.empty() || mounts == link_target("/proc/self/ns/mnt")) {
    return;
  }
  const std::string root = root_of(pid);
  path_ = root + path;
  const Descriptor folder(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  open_how how = {};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;  // absolute links lead to files of that namespace, too
  // Before Linux 5.6 there is no openat2.
  file_ = Descriptor(
      static_cast<int>(syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof how)));
  if (file_.valid()) {
    path_ = fmt::format("/proc/self/fd/{}", file_.get());
  }
}

}  // namespace clusterbind::tool
