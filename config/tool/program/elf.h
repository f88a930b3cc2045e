// What an ELF file says about how to run it; elf(5).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace clusterbind::tool {

struct ElfFile {
  int elf_class = 0;        // 32 or 64
  unsigned machine = 0;     // EM_* of elf.h
  bool is_foreign = false;  // it has another byte order, and the rest is not read
  bool is_dynamic = false;  // has a dynamic section
  bool is_pie = false;      // DF_1_PIE
  bool is_program = false;  // ET_EXEC, or ET_DYN with an interpreter or DF_1_PIE
  std::string interpreter;  // PT_INTERP; empty if statically linked
  std::vector<std::string> needed;
  bool is_go = false;
  std::string go_version;  // "go1.19.8"; may be empty
};

/// Reads an ELF file. Nothing if it is not an ELF file, is truncated, or cannot be read; errno is 0
/// if it could be read.
std::optional<ElfFile> read_elf(const std::string& path);

/// "x86-64", "i386", or "machine 12".
std::string machine_name(unsigned machine, int elf_class);

/// "64-bit x86-64, dynamic, position independent".
std::string elf_text(const ElfFile& elf);

/// Whether the interpreter is musl's.
bool is_musl(const ElfFile& elf);

}  // namespace clusterbind::tool
