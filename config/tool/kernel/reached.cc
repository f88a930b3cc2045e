#include "config/tool/kernel/reached.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <vector>

#include "config/tool/host/process.h"
#include "config/tool/kernel/attach.h"
#include "config/tool/kernel/bpf.h"
#include "config/tool/kernel/group.h"

namespace clusterbind::tool {

KernelReach reach_by_kernel(pid_t pid) {
  try {
    const std::string own = group_of_process(std::to_string(pid));
    std::vector<std::string> groups = groups_around(own);
    groups.push_back(own);
    const auto found = std::ranges::find_if(groups, has_rules);
    if (found != groups.end()) {
      return {KernelReach::yes, *found, {}};
    }
    // A container does not show the groups around its own.
    return {is_decided_by_rules(own) ? KernelReach::yes : KernelReach::no, {}, {}};
  } catch (const NoGroups&) {
    return {};
  } catch (const Refused& refused) {
    if (refused.error == EPERM || refused.error == EACCES) {
      return {KernelReach::unknown, {}, permission_hint()};
    }
    return {};  // a kernel without BPF
  } catch (const std::runtime_error& trouble) {
    return {KernelReach::unknown, {}, trouble.what()};
  }
}

}  // namespace clusterbind::tool
