#include "bench/kernel_rules.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/failure.h"
#include "bench/process.h"
#include "config/tool/kernel/attach.h"

namespace clusterbind::bench {

ControlGroup::ControlGroup() {
  static unsigned made = 0;
  folder_ = fmt::format("{}/clusterbind-bench.{}.{}", own_group(), getpid(), made++);
  if (mkdir(folder_.c_str(), 0755) != 0) throw system_failure(folder_);
}

// A group goes when its last process has gone.
ControlGroup::~ControlGroup() {
  rmdir(folder_.c_str());
}

void try_to_make(std::optional<ControlGroup>& group) {
  try {
    group.emplace();
  } catch (const Failure&) {
    end_if_interrupted();
  }
}

KernelRules::KernelRules(const std::string& rules) {
  try {
    tool::attach_rules(group_.folder(), RuleText{"clusterbind-bench", rules});
  } catch (const std::exception& error) {
    throw Failure(error.what());
  }
}

}  // namespace clusterbind::bench
