#include "config/tool/connections/owners.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>

#include "config/tool/host/files.h"
#include "config/tool/host/process.h"

namespace clusterbind::tool {
namespace {

/// The inode number in "socket:[12345]"; 0 if the text has another form.
uint32_t inode_in(std::string_view target) {
  constexpr std::string_view prefix = "socket:[";
  uint32_t inode = 0;
  if (target.starts_with(prefix)) {
    target.remove_prefix(prefix.size());
    std::from_chars(target.data(), target.data() + target.size(), inode);
  }
  return inode;
}

void look_in(pid_t pid, const std::set<uint32_t>& inodes, Owners& owners) {
  const std::string path = process_path(pid, "fd");
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), &closedir);
  if (!folder) {
    // A process that has ended in the meantime holds nothing.
    owners.is_complete = owners.is_complete && errno != EACCES && errno != EPERM;
    return;
  }
  while (const dirent* const entry = readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe)
    const uint32_t inode = inode_in(link_target(path + '/' + entry->d_name));
    if (inode != 0 && inodes.contains(inode)) {
      owners.by_inode.try_emplace(inode, Owner{pid, executable_of(pid)});
    }
  }
}

}  // namespace

Owners find_owners(const std::set<uint32_t>& inodes) {
  Owners owners;
  if (inodes.empty()) {
    return owners;
  }
  owners.is_complete = shows_all_processes() && is_in_first_pid_namespace();
  auto pids = process_ids();
  std::sort(pids.begin(), pids.end());
  for (const pid_t pid : pids) {
    look_in(pid, inodes, owners);
  }
  return owners;
}

}  // namespace clusterbind::tool
