// `clusterbind doctor`: can the library reach a program, or why not.

#include "config/tool/doctor.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>

#include "config/tool/commands.h"
#include "config/tool/files.h"
#include "config/tool/library.h"
#include "config/tool/terminal.h"

namespace clusterbind::tool {
namespace {

std::string library_text(const Libraries& libraries) {
  if (libraries.fitting.empty()) {
    return "none for this architecture";
  }
  struct stat facts = {};
  stat(libraries.fitting.c_str(), &facts);
  const std::string version = library_version(libraries.fitting);
  return fmt::format("{}, {}, mode {:04o}{}", libraries.fitting,
                     version.empty() ? "version unknown" : "version " + version,
                     facts.st_mode & 07777,
                     libraries.is_own ? ", not where ld.so looks for a bare name" : "");
}

void print_program(const Program& program, const Libraries& libraries,
                   const std::optional<Mta>& mta) {
  print_fact("program", program.path);
  for (const Script& script : program.scripts) {
    print_fact("script", fmt::format("{}: {}", script.path,
                                     script.interpreter.empty() ? "no #! line: shells use /bin/sh"
                                                                : "#!" + script.interpreter));
  }
  if (!program.file.empty() && program.file != program.path) {
    print_fact("runs", program.file);
  }
  if (program.elf) {
    print_fact("file", elf_text(*program.elf));
    print_fact("rights", rights_text(program.rights) +
                             (program.rights.is_secure ? ": secure execution for this user" : ""));
    print_fact("library", library_text(libraries));
  }
  if (!libraries.listed.empty()) {
    print_fact("ld.so.preload", libraries.listed);
  }
  if (mta) {
    print_fact("mail program", mta->name);
    print_fact("its setting", mta->setting.empty() ? "none known" : mta->setting);
    for (const std::string& note : mta->notes) {
      print_fact("note", note);
    }
  }
}

void add_elf(Json& json, const ElfFile& elf) {
  json.object("elf");
  json.add("class", elf.elf_class);
  json.add("machine", machine_name(elf.machine, elf.elf_class));
  json.add("static", elf.interpreter.empty());
  json.add("interpreter", elf.interpreter);
  json.array("needed");
  for (const std::string& name : elf.needed) {
    json.item(name);
  }
  json.end();
  json.add("go", elf.is_go);
  json.end();
}

void add_program(Json& json, const Program& program, const Libraries& libraries,
                 const std::optional<Mta>& mta) {
  json.add("program", program.path);
  json.add("file", program.file);
  json.array("scripts");
  for (const Script& script : program.scripts) {
    json.item(script.path);
  }
  json.end();
  if (program.elf) {
    add_elf(json, *program.elf);
    json.object("rights");
    json.add("setuid", program.rights.setuid);
    json.add("setgid", program.rights.setgid);
    json.add("capabilities", program.rights.capabilities);
    json.add("secure_execution", program.rights.is_secure);
    json.end();
    json.add("library", libraries.fitting);
    json.add("library_for_secure_execution", libraries.secure);
    json.add("ld_so_preload", libraries.listed);
  }
  if (mta) {
    json.object("mail_program");
    json.add("name", mta->name);
    json.add("setting", mta->setting);
    json.array("notes");
    for (const std::string& note : mta->notes) {
      json.item(note);
    }
    json.end();
    json.end();
  }
}

}  // namespace

void print_fact(std::string_view label, std::string_view text) {
  fmt::print("{:<14} {}\n", label, printable(text));
}

int finish_verdict(const Verdict& verdict, Json* json) {
  const std::string_view reach = verdict.reach == Verdict::yes  ? "yes"
                                 : verdict.reach == Verdict::no ? "no"
                                                                : "unknown";
  if (json != nullptr) {
    json->add("reachable", reach);
    json->add("verdict", verdict.text);
    json->end();
    fmt::print("{}\n", json->text());
  } else {
    fmt::print("verdict: {}\n", paint(verdict.reach == Verdict::yes ? Colour::good : Colour::error,
                                      printable(verdict.text)));
  }
  if (verdict.reach == Verdict::unknown) {
    return exit_unknown;
  }
  return verdict.reach == Verdict::yes ? exit_good : exit_bad;
}

int examine_program(const Options& options, const std::string& name) {
  const Program program = find_program(name);
  const auto mta = known_mta(program);
  const Libraries libraries = program.elf ? find_libraries(*program.elf) : Libraries{};
  const Verdict verdict = judge(program, mta, libraries);
  if (options.json) {
    Json json;
    json.object();
    add_program(json, program, libraries, mta);
    return finish_verdict(verdict, &json);
  }
  if (!program.path.empty()) {
    print_program(program, libraries, mta);
  }
  return finish_verdict(verdict, nullptr);
}

int run_doctor(const Options& options) {
  if (options.operands.size() + (options.pid ? 1 : 0) != 1) {
    complain("doctor takes one PROGRAM, or --pid PID");
    return exit_usage;
  }
  if (const std::string warning = version_warning(); !warning.empty()) {
    complain(warning);
  }
  return options.pid ? examine_process(options, *options.pid)
                     : examine_program(options, options.operands.front());
}

}  // namespace clusterbind::tool
