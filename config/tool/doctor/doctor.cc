// `clusterbind doctor`: whether the library can reach a program, and why not.

#include "config/tool/doctor/doctor.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "config/origin.h"
#include "config/rule_text.h"
#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"
#include "config/tool/doctor/by_kernel.h"
#include "config/tool/host/files.h"
#include "config/tool/mta/php.h"
#include "config/tool/program/c_library.h"
#include "config/tool/program/library.h"
#include "config/tool/rules/given.h"

namespace clusterbind::tool {
namespace {

/// Why LD_PRELOAD has to name the library by its path and not by its bare name.
std::string bare_name_text(const std::string& library) {
  const bool is_installed = library == resolved(CLUSTERBIND_FULL_LIBDIR) + '/' + library_name;
  return fmt::format(", not where its loader looks for a bare name{}",
                     is_installed ? ": run ldconfig" : "");
}

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
                     libraries.is_named ? "" : bare_name_text(libraries.fitting));
}

/// What the library would do in a program, apart from being loaded into it.
struct Inside {
  std::string rules;                   // which rules, and what is wrong with them
  std::vector<std::string> notes;      // about the rule file
  bool is_excluded = false;            // `only` leaves the program alone
  std::vector<std::string> bypassing;  // PHP's extensions that bypass the library
  bool has_uring = false;              // the program uses io_uring, by liburing
};

/// What the rules say about a program if it is started with this environment.
Inside look_inside(const Options& options, const Program& program) {
  Inside inside;
  if (!program.elf) {
    return inside;
  }
  if (is_php(program)) {
    inside.bypassing = php_extensions();
  }
  inside.has_uring = std::ranges::any_of(program.elf->needed, [](const std::string& library) {
    return library.starts_with("liburing.so");
  });
  const bool has_rules = options.file || options.rules;
  Given given =
      program.rights.is_secure && !has_rules ? given_file(default_file, true) : given_by(options);
  if (given.is_default && given.is_missing) {
    inside.rules = "none: the library does nothing";
    return inside;
  }
  if (!given.trouble.empty() || !given.refused.empty()) {
    inside.rules =
        fmt::format("{}: {}", given.name, given.trouble.empty() ? given.refused : given.trouble);
    return inside;
  }
  if (given.path) {
    for (const FileProblem& problem : file_problems(given)) {
      inside.notes.push_back(fmt::format("{}: {}", given.name, problem.message));
    }
  }
  const RuleText rules(given.name, std::move(given.text));
  const std::string_view name = base_name(program.file);
  inside.is_excluded = rules.right() && rules.excludes(name);
  inside.rules = !rules.right()       ? fmt::format("{}: wrong: see clusterbind check", given.name)
                 : inside.is_excluded ? fmt::format("{}: `only` leaves {} alone", given.name, name)
                                      : fmt::format("{}: {}", given.name,
                                                    counted(rules.parsed().rules.size(), "rule"));
  return inside;
}

/// What is not covered although the library is loaded; follows a good verdict.
std::string exceptions_text(const Program& program, const Inside& inside) {
  std::string text;
  if (inside.is_excluded) {
    text += fmt::format("; but `only` leaves {} alone", base_name(program.file));
  }
  if (!inside.bypassing.empty()) {
    text += fmt::format("; but not PHP's extensions {}", extension_names(inside.bypassing));
  }
  if (inside.has_uring) {
    text += "; but not what it connects by io_uring";
  }
  return text;
}

void print_inside(const Inside& inside) {
  print_fact("rules", inside.rules);
  for (const std::string& note : inside.notes) {
    print_fact("note", note);
  }
  if (!inside.bypassing.empty()) {
    print_fact("note",
               fmt::format("PHP's extensions bypass every preloaded library (RTLD_DEEPBIND): "
                           "connections of {} leave from the node's address",
                           extension_names(inside.bypassing)));
  }
}

void print_program(const Program& program, const Libraries& libraries,
                   const std::optional<Mta>& mta, const Inside& inside) {
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
    if (!program.elf->interpreter.empty()) {
      print_fact("C library", c_library_text(c_library_of(program.file, *program.elf)));
    }
    print_fact("rights", rights_text(program.rights) +
                             (program.rights.is_secure ? ": secure execution for this user" : ""));
    print_fact("library", library_text(libraries));
  }
  if (!libraries.listed.empty()) {
    print_fact("ld.so.preload", libraries.listed);
  }
  if (program.elf) {
    print_inside(inside);
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

void add_c_library(Json& json, const CLibrary& found) {
  constexpr std::array<const char*, 3> names = {"glibc", "musl", "other"};
  json.object("c_library");
  json.add("name", names[found.kind]);
  json.add("version", found.version);
  json.add("path", found.path);
  json.end();
}

void add_program(Json& json, const Program& program, const Libraries& libraries,
                 const std::optional<Mta>& mta, const Inside& inside) {
  json.add("program", program.path);
  json.add("file", program.file);
  json.array("scripts");
  for (const Script& script : program.scripts) {
    json.item(script.path);
  }
  json.end();
  if (program.elf) {
    add_elf(json, *program.elf);
    if (!program.elf->interpreter.empty()) {
      add_c_library(json, c_library_of(program.file, *program.elf));
    }
    json.object("rights");
    json.add("setuid", program.rights.setuid);
    json.add("setgid", program.rights.setgid);
    json.add("capabilities", program.rights.capabilities);
    json.add("secure_execution", program.rights.is_secure);
    json.end();
    json.add("library", libraries.fitting);
    json.add("library_for_secure_execution", libraries.secure);
    json.add("ld_so_preload", libraries.listed);
    json.add("rules", inside.rules);
    json.add("spared", inside.is_excluded);
    json.array("past_preload");
    for (const std::string& path : inside.bypassing) {
      json.item(path);
    }
    json.end();
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
  const Inside inside = look_inside(options, program);
  Verdict verdict = judge(program, mta, libraries);
  if (verdict.reach == Verdict::yes) {
    verdict.text += exceptions_text(program, inside);
    verdict.kernel_can = inside.has_uring || !inside.bypassing.empty();
  }
  std::vector<ByKernel> by_kernel;
  if (verdict.kernel_can) {
    by_kernel = ways_by_kernel(options, program);
    verdict.text += fmt::format("; rules in the kernel reach {} (root, Linux 5.10)",
                                verdict.reach == Verdict::yes ? "that, too" : "it");
  }
  if (options.json) {
    Json json;
    json.object();
    add_program(json, program, libraries, mta, inside);
    if (!by_kernel.empty()) {
      json.object("by_kernel");
      for (const ByKernel& way : by_kernel) {
        json.add(way.member, way.command);
      }
      json.end();
    }
    return finish_verdict(verdict, &json);
  }
  if (!program.path.empty()) {
    print_program(program, libraries, mta, inside);
  }
  const char* label = "by kernel";
  for (const ByKernel& way : by_kernel) {
    print_fact(label, fmt::format("{}: {}", way.starts, way.command));
    label = "";
  }
  return finish_verdict(verdict, nullptr);
}

int run_doctor(const Options& options) {
  if (options.operands.size() + (options.pid ? 1 : 0) != 1) {
    const std::string surplus = options.operands.empty() ? std::string()
                                                         : fmt::format("one word too many: '{}': ",
                                                                       options.operands.back());
    complain(surplus + "doctor takes one PROGRAM or UNIT, or --pid PID");
    return exit_usage;
  }
  const bool is_unit = !options.pid && is_unit_name(options.operands.front());
  if (is_unit && options.rules) {
    complain("a unit takes its rules from a file: use -c FILE in place of --rules");
    return exit_usage;
  }
  if (const std::string warning = version_warning(); !warning.empty()) {
    complain(warning);
  }
  if (options.pid) {
    return examine_process(options, *options.pid);
  }
  const std::string& name = options.operands.front();
  return is_unit ? examine_unit(options, name) : examine_program(options, name);
}

}  // namespace clusterbind::tool
