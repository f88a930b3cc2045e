// Whether the interposer can reach a program.
#pragma once

#include <optional>
#include <string>

#include "config/tool/mta/mtas.h"
#include "config/tool/program/program.h"

namespace clusterbind::tool {

/// The library's files on this host, as far as they matter for one program.
struct Libraries {
  std::string fitting;   // for the program's class and machine; empty: none
  bool is_named = true;  // the program's loader finds `fitting` by its bare name
  std::string secure;    // the one that ld.so takes in secure execution; empty: none
  std::string listed;    // our entry in /etc/ld.so.preload; empty: none
};

/// Looks for the libraries that fit an ELF file, in the order of its loader: where the cache of
/// ldconfig(8) has one, in the system's folders, and beside this tool.
Libraries find_libraries(const ElfFile& elf);

struct Verdict {
  enum Reach { yes, no, unknown } reach = unknown;
  std::string text;  // one line: why, and the next thing to do
};

/// Judges a program as this process's user would start it.
Verdict judge(const Program& program, const std::optional<Mta>& mta, const Libraries& libraries);

/// Why no preloaded library can work in such a program, whoever starts it and on every host; empty
/// where one can.
std::string obstacle(const ElfFile& elf);

}  // namespace clusterbind::tool
