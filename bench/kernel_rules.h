// Control groups, and those whose connections go by rules in the kernel: `clusterbind attach`.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/tool/host/sockets.h"

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

/// Puts the rules of other groups in force in one, and takes them away again, within microseconds:
/// so one process can be measured with rules in the kernel and without.
class KernelSwitch {
 public:
  /// Throws Failure where a group, or its rules, can't be opened.
  explicit KernelSwitch(const std::string& group);

  /// The rules of `group`, a folder of KernelRules, count for connections made from now on; empty:
  /// none do. Throws Failure.
  void put(const std::string& group);

 private:
  using Programs = std::array<tool::Descriptor, 2>;  // of connect4 and connect6
  void detach();
  Programs& programs_of(const std::string& group);

  tool::Descriptor group_;
  std::map<std::string, Programs> known_;
  Programs* attached_ = nullptr;
};

}  // namespace clusterbind::bench
