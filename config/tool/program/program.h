// What the kernel would run for a program's name, and with which rights.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "config/tool/program/elf.h"

namespace clusterbind::tool {

/// The rights that a program's file gives beyond those of the user who starts it.
struct Rights {
  bool setuid = false;
  bool setgid = false;
  bool capabilities = false;  // security.capability, capabilities(7)
  uid_t owner = 0;
  gid_t group = 0;
  bool nosuid = false;     // the file system's mount option: all of them are ignored
  bool is_secure = false;  // AT_SECURE when this process's user starts it, getauxval(3)
};

struct Script {
  std::string path;
  std::string interpreter;  // the line behind "#!"; empty: none, and shells run it with /bin/sh
};

struct Program {
  std::string path;             // as found
  std::vector<Script> scripts;  // on the way to the program
  std::string file;             // that is run in the end, without symbolic links
  std::optional<ElfFile> elf;   // of `file`; nothing: it is none
  Rights rights;
  bool is_executable = false;
  std::string broken;   // why the kernel cannot run it; empty where it can
  std::string trouble;  // why it could not be found out; empty where it could
};

/// Finds a program as execvp(3) would, and follows scripts to their interpreter as the kernel does.
Program find_program(const std::string& name);

/// Reads the rights of a file. Nothing where it cannot be looked at (errno).
std::optional<Rights> read_rights(const std::string& file);

/// "setuid root", "setgid smmsp, capabilities", or "none".
std::string rights_text(const Rights& rights);

}  // namespace clusterbind::tool
