#include "config/tool/kernel/reached.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <vector>

#include "config/tool/kernel/attach.h"
#include "config/tool/kernel/bpf.h"
#include "config/tool/kernel/group.h"

namespace clusterbind::tool {

std::optional<std::string> group_that_reaches(pid_t pid) {
  try {
    const std::string own = group_of_process(std::to_string(pid));
    std::vector<std::string> groups = groups_around(own);
    groups.push_back(own);
    const auto found = std::ranges::find_if(groups, has_rules);
    return found == groups.end() ? std::string() : *found;
  } catch (const Refused& refused) {
    if (refused.error == EPERM || refused.error == EACCES) {
      return std::nullopt;
    }
    return std::string();  // a kernel without BPF
  } catch (const std::runtime_error&) {
    return std::string();  // no cgroup v2
  }
}

}  // namespace clusterbind::tool
