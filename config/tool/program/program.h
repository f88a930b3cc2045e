// What the kernel would execute for a program's name, and with which rights.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "config/tool/program/elf.h"

namespace clusterbind::tool {

/// The rights that a program's file gives in addition to those of the user who starts it.
struct Rights {
  bool setuid = false;
  bool setgid = false;
  bool capabilities = false;  // security.capability, capabilities(7)
  uid_t owner = 0;
  gid_t group = 0;
  bool nosuid = false;     // a mount option of the file system: all of these rights are ignored
  bool is_secure = false;  // AT_SECURE when this process's user starts it, getauxval(3)
};

struct Script {
  std::string path;
  std::string interpreter;  // the line after "#!"; empty if none: shells then run it with /bin/sh
};

struct Program {
  std::string path;             // as found
  std::vector<Script> scripts;  // that lead to the program
  std::string file;             // the file that is executed in the end, without symbolic links
  std::optional<ElfFile> elf;   // of `file`; nothing if it is not an ELF file
  Rights rights;
  bool is_executable = false;
  std::string broken;   // why the kernel cannot execute it; empty if it can
  std::string trouble;  // why it could not be determined; empty if it could
};

/// Finds a program as execvp(3) would, and follows scripts to their interpreter as the kernel does.
Program find_program(const std::string& name);

/// Reads the rights of a file. Nothing, with errno set, if stat(2) fails.
std::optional<Rights> read_rights(const std::string& file);

/// "setuid root", "setgid smmsp, capabilities", or "none".
std::string rights_text(const Rights& rights);

}  // namespace clusterbind::tool
