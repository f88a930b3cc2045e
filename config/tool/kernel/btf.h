// Where this kernel keeps what the program reads, according to the kernel's own type information
// (BTF); Documentation/bpf/btf.rst describes its format.
#pragma once

#include <optional>

#include "config/tool/kernel/map_elements.h"

namespace clusterbind::tool {

/// A member is empty if the kernel has no type information, or keeps the data elsewhere.
struct KernelOffsets {
  std::optional<NameOffsets> names;
  std::optional<SocketOffsets> socket;
};

/// The first call reads /sys/kernel/btf/vmlinux, which takes some 20 ms.
const KernelOffsets& read_kernel_offsets();

}  // namespace clusterbind::tool
