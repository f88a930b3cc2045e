// Whether the interposer can reach a program.
#pragma once

#include <optional>
#include <string>

#include "config/tool/mtas.h"
#include "config/tool/program.h"

namespace clusterbind::tool {

/// The library's files on this host, as far as they matter for one program.
struct Libraries {
  std::string fitting;  // for the program's class and machine; empty: none
  bool is_own = false;  // `fitting` is beside this tool, not where ld.so looks
  std::string secure;   // the one that ld.so takes in secure execution; empty: none
  std::string listed;   // our entry in /etc/ld.so.preload; empty: none
};

/// Looks for the libraries that fit an ELF file.
Libraries find_libraries(const ElfFile& elf);

struct Verdict {
  enum Reach { yes, no, unknown } reach = unknown;
  std::string text;  // one line: why, and the next thing to do
};

/// Judges a program as this process's user would start it.
Verdict judge(const Program& program, const std::optional<Mta>& mta, const Libraries& libraries);

/// Why no preloaded library can work in such a program, whoever starts it; empty where one can.
std::string obstacle(const ElfFile& elf);

}  // namespace clusterbind::tool
