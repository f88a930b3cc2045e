// Where this kernel keeps what the program reads: asked of the kernel's own type information (BTF),
// whose format is Documentation/bpf/btf.rst.
#pragma once

#include <optional>

#include "config/tool/kernel/map_elements.h"

namespace clusterbind::tool {

/// Nothing where the kernel has no type information, or keeps these things elsewhere.
struct KernelOffsets {
  std::optional<NameOffsets> names;
  std::optional<SocketOffsets> socket;
};

/// Reads /sys/kernel/btf/vmlinux when it is first called, which takes some 20 ms.
const KernelOffsets& read_kernel_offsets();

}  // namespace clusterbind::tool
