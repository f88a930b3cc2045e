#include "bench/kernel_rules.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/failure.h"
#include "bench/process.h"
#include "config/tool/kernel/attach.h"
#include "config/tool/kernel/bpf.h"
#include "config/tool/kernel/group.h"

namespace clusterbind::bench {
namespace {

constexpr std::array<bpf_attach_type, 2> hooks = {BPF_CGROUP_INET4_CONNECT,
                                                  BPF_CGROUP_INET6_CONNECT};

}  // namespace

ControlGroup::ControlGroup() {
  static unsigned made = 0;
  folder_ = fmt::format("{}/clusterbind-bench.{}.{}", own_group(), getpid(), made++);
  if (mkdir(folder_.c_str(), 0755) != 0) throw system_failure(folder_);
}

// A group cannot be removed before its last process has ended.
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

KernelSwitch::KernelSwitch(const std::string& group) : group_(tool::open_group(group)) {}

KernelSwitch::Programs& KernelSwitch::programs_of(const std::string& group) {
  const auto [place, is_new] = known_.try_emplace(group);
  if (is_new) {
    const tool::Descriptor folder = tool::open_group(group);
    for (size_t i = 0; i < hooks.size(); ++i) {
      const std::vector<uint32_t> ids = tool::programs_on(folder, hooks[i], false);
      if (ids.empty()) throw Failure(group + ": no rules in the kernel");
      place->second[i] = tool::program_by_id(ids[0]);
    }
  }
  return place->second;
}

void KernelSwitch::detach() {
  if (attached_ == nullptr) return;
  for (size_t i = 0; i < hooks.size(); ++i) tool::detach_program(group_, hooks[i], (*attached_)[i]);
  attached_ = nullptr;
}

void KernelSwitch::put(const std::string& group) {
  detach();
  if (group.empty()) return;
  Programs& programs = programs_of(group);
  for (size_t i = 0; i < hooks.size(); ++i)
    tool::attach_program(group_, hooks[i], programs[i], nullptr);
  attached_ = &programs;
}

}  // namespace clusterbind::bench
