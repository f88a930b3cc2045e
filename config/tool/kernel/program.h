// The program that decides connections in the kernel. Except for the bounds of its loops it is the
// same for all rules: the decision comes from its maps, which hold the compiled rules exactly as
// the library has them. So this is a second reader of config/layout.h, and each block says which
// line of config/search.h or config/ruleset.cc it mirrors.
#pragma once

#include <linux/bpf.h>

#include <optional>
#include <vector>

#include "config/address.h"
#include "config/tool/kernel/assembler.h"
#include "config/tool/kernel/map_elements.h"

namespace clusterbind::tool {

/// The properties of the rules and of the kernel that a program is written for.
struct ProgramTraits {
  MapNumbers maps{};
  Bounds bounds;
  size_t name_size = 0;                 // of the keys of the map of views; a multiple of 8, or
                                        // 0 if the rules name no program
  std::optional<NameOffsets> names;     // nothing if the rules name no program
  std::optional<SocketOffsets> socket;  // nothing if this kernel has no BTF, or other structures
  bool sets_errors = true;  // bpf_set_retval() exists; otherwise each refused connection gets EPERM
};

/// The program for one of the hooks BPF_CGROUP_INET4_CONNECT and BPF_CGROUP_INET6_CONNECT.
std::vector<bpf_insn> connect_program(const ProgramTraits& traits, Family hook);

/// The same lookup for a KernelQuestion, for BPF_PROG_RUN with a BPF_PROG_TYPE_SYSCALL program.
std::vector<bpf_insn> question_program(const ProgramTraits& traits);

}  // namespace clusterbind::tool
