// The program that decides connections in the kernel. It is the same for all rules, but for the
// bounds of its loops: what it decides is in its maps, which hold the compiled rules as the library
// has them. It is a second reader of config/layout.h: each block says which line of config/search.h
// or config/ruleset.cc it mirrors.
#pragma once

#include <linux/bpf.h>

#include <optional>
#include <vector>

#include "config/address.h"
#include "config/tool/kernel/assembler.h"
#include "config/tool/kernel/map_elements.h"

namespace clusterbind::tool {

/// What a program is written for.
struct ProgramTraits {
  MapNumbers maps{};
  Bounds bounds;
  size_t name_size = 0;                 // of the keys of the map of views; a multiple of 8, or
                                        // 0 where the rules name no program
  std::optional<NameOffsets> names;     // nothing: the rules name no program
  std::optional<SocketOffsets> socket;  // nothing: this kernel does not say where things are
  bool sets_errors = true;  // bpf_set_retval() is there; else each refused connection gets EPERM
};

/// The program for one of the hooks BPF_CGROUP_INET4_CONNECT and BPF_CGROUP_INET6_CONNECT.
std::vector<bpf_insn> connect_program(const ProgramTraits& traits, Family hook);

/// The same lookup for a KernelQuestion, to be run by BPF_PROG_RUN as BPF_PROG_TYPE_SYSCALL.
std::vector<bpf_insn> question_program(const ProgramTraits& traits);

}  // namespace clusterbind::tool
