// Judges whether the library can reach a program.
#pragma once

#include <optional>
#include <string>

#include "config/tool/mta/mtas.h"
#include "config/tool/program/program.h"

namespace clusterbind::tool {

/// The files of the library on this host that matter for one program.
struct Libraries {
  std::string fitting;   // for the program's class and machine; empty if there is none
  bool is_named = true;  // the program's loader finds `fitting` by its bare name
  std::string secure;    // the one that ld.so accepts in secure execution; empty if there is none
  std::string listed;    // our entry in /etc/ld.so.preload; empty if there is none
};

/// Finds the library's files that fit an ELF file, in the order of the program's loader: in the
/// cache of ldconfig(8), in the system's folders, and beside this tool.
Libraries find_libraries(const ElfFile& elf);

struct Verdict {
  enum Reach { yes, no, unknown } reach = unknown;
  std::string text;         // one line: the reason, and what to do next
  bool kernel_can = false;  // rules in the kernel would reach it: clusterbind-attach(8)
};

/// Judges a program as if this process's user started it.
Verdict judge(const Program& program, const std::optional<Mta>& mta, const Libraries& libraries);

/// Why no preloaded library can work in such a program, on any host and for any user; empty if one
/// can.
std::string obstacle(const ElfFile& elf);

}  // namespace clusterbind::tool
