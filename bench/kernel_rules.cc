#include "bench/kernel_rules.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/failure.h"
#include "bench/process.h"
#include "config/tool/kernel/attach.h"

namespace clusterbind::bench {
namespace {

// A group of our own, in the one that this process is in.
std::string make_group() {
  static unsigned made = 0;
  std::string folder = fmt::format("{}/clusterbind-bench.{}.{}", own_group(), getpid(), made++);
  if (mkdir(folder.c_str(), 0755) != 0) throw system_failure(folder);
  return folder;
}

}  // namespace

KernelRules::KernelRules(const std::string& rules) : folder_(make_group()) {
  try {
    tool::attach_rules(folder_, tool::RuleText{"clusterbind-bench", rules});
  } catch (const std::exception& error) {
    rmdir(folder_.c_str());
    throw Failure(error.what());
  }
}

// The rules go with the group; a group goes when its last process has gone.
KernelRules::~KernelRules() {
  rmdir(folder_.c_str());
}

}  // namespace clusterbind::bench
