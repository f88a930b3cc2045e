// A control group whose connections go by rules in the kernel: `clusterbind attach`.
#pragma once

#include <string>

namespace clusterbind::bench {

class KernelRules {
 public:
  /// Makes the group and attaches the rules. Throws Failure where that can't be done.
  explicit KernelRules(const std::string& rules);
  ~KernelRules();
  KernelRules(const KernelRules&) = delete;
  KernelRules& operator=(const KernelRules&) = delete;

  /// The group's folder, for Command::cgroup.
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

}  // namespace clusterbind::bench
