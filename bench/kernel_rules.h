// Control groups, with rules in the kernel or without: `clusterbind attach`.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/tool/host/sockets.h"

namespace clusterbind::bench {

/// A new group within the one that this process is in, removed by the destructor.
class ControlGroup {
 public:
  /// Throws Failure if it cannot be made.
  ControlGroup();
  ~ControlGroup();
  ControlGroup(const ControlGroup&) = delete;
  ControlGroup& operator=(const ControlGroup&) = delete;

  /// The value for Command::cgroup.
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

/// Makes a group; leaves `group` empty if that is not possible.
void try_to_make(std::optional<ControlGroup>& group);

class KernelRules {
 public:
  /// Makes the group and attaches the rules. Throws Failure if that is not possible.
  explicit KernelRules(const std::string& rules);

  const std::string& folder() const { return group_.folder(); }

 private:
  ControlGroup group_;  // the rules are removed with it
};

/// Switches a group, within microseconds, between the rules of other groups and none. So one
/// process can be measured with rules in the kernel and without.
class KernelSwitch {
 public:
  /// Throws Failure if a group or its rules cannot be opened.
  explicit KernelSwitch(const std::string& group);

  /// From now on, the rules of `group`, a folder of KernelRules, decide connections; if empty, none
  /// do. Throws Failure.
  void put(const std::string& group);

 private:
  using Programs = std::array<tool::Descriptor, 2>;  // for connect4 and connect6
  void detach();
  Programs& programs_of(const std::string& group);

  tool::Descriptor group_;
  std::map<std::string, Programs> known_;
  Programs* attached_ = nullptr;
};

}  // namespace clusterbind::bench
