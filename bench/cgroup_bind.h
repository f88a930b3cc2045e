// A control group whose connections leave from a given address: cgroup/connect4 with bpf_bind, by
// bpf(2) alone.
#pragma once

#include <string>

#include "bench/descriptor.h"

namespace clusterbind::bench {

class CgroupBind {
 public:
  /// Makes the group and attaches the program. Throws Failure where that can't be done.
  explicit CgroupBind(const std::string& ipv4_source);
  ~CgroupBind();
  CgroupBind(const CgroupBind&) = delete;
  CgroupBind& operator=(const CgroupBind&) = delete;

  /// The group's folder, for Command::cgroup.
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  Descriptor program_;
};

}  // namespace clusterbind::bench
