// Control groups, and those whose connections go by rules in the kernel: `clusterbind attach`.
#pragma once

#include <optional>
#include <string>

namespace clusterbind::bench {

/// A group of our own, in the one that this process is in, removed at the end.
class ControlGroup {
 public:
  /// Throws Failure where it can't be made.
  ControlGroup();
  ~ControlGroup();
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  /// For Command::cgroup.
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

/// One, or none where it can't be made.
void try_to_make(std::optional<ControlGroup>& group);

class KernelRules {
 public:
  /// Makes the group and attaches the rules. Throws Failure where that can't be done.
  explicit KernelRules(const std::string& rules);

  const std::string& folder() const { return group_.folder(); }

 private:
  ControlGroup group_;  // the rules go with it
};

}  // namespace clusterbind::bench
