#include "config/tool/units/plan.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"
#include "config/tool/host/users.h"
#include "config/tool/mta/mtas.h"
#include "config/tool/mta/postfix.h"
#include "config/tool/program/judge.h"
#include "config/tool/program/library.h"
#include "config/tool/units/chroot.h"
#include "config/tool/units/identity.h"
#include "config/tool/units/sandbox.h"
#include "config/tool/units/settings.h"
#include "config/tool/units/unit_rules.h"

namespace clusterbind::tool {
namespace {

constexpr const char* attach_name = "clusterbind-attach";

/// Whether the program's file gives it additional rights when the unit starts it.
bool may_gain_rights(const Unit& unit, const Rights& rights) {
  return !rights.nosuid && property(unit.properties, "NoNewPrivileges") != "yes" &&
         (rights.setuid || rights.setgid || rights.capabilities);
}

/// Whether the program runs in secure execution (AT_SECURE) when the unit starts it.
bool is_secure_in(const Identity& identity, const Rights& rights) {
  return (rights.setuid && rights.owner != identity.user) ||
         (rights.setgid && rights.group != identity.group) ||
         (rights.capabilities && identity.user != 0);
}

/// The programs of a property, searched in systemd's own path.
std::vector<std::string> programs_of(const Unit& unit, const char* name) {
  std::vector<std::string> programs = unit.programs(name);
  for (std::string& program : programs) {
    if (!program.starts_with('/')) {
      for (const char* const folder :
           {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/"}) {
        if (exists(folder + program)) {
          program.insert(0, folder);
          break;
        }
      }
    }
  }
  return programs;
}

struct Reach {
  Verdict verdict;
  bool is_script = false;
  Libraries libraries;
  std::optional<Mta> mta;
  std::string program;
};

/// Whether the library reaches one program of a unit.
Reach reach_of(const Unit& unit, const std::string& path) {
  Program program = find_program(path);
  const Identity identity = identity_of(unit);
  const bool gains = may_gain_rights(unit, program.rights);
  program.rights.is_secure = gains && is_secure_in(identity, program.rights);
  Reach reach;
  reach.program = path;
  reach.is_script = !program.scripts.empty();
  reach.mta = known_mta(program);
  reach.libraries = program.elf ? find_libraries(*program.elf) : Libraries{};
  reach.verdict = judge(program, reach.mta, reach.libraries);
  if (gains && !identity.unknown.empty()) {
    reach.verdict = {Verdict::unknown,
                     fmt::format("could not find out who {} is, and so whether it would run in "
                                 "secure execution ({})",
                                 identity.unknown, rights_text(program.rights))};
  }
  for (const std::string_view begin : {"reachable: ", "not reachable: "}) {
    if (reach.verdict.text.starts_with(begin)) {
      reach.verdict.text.erase(0, begin.size());
    }
  }
  return reach;
}

bool is_runtime(std::string_view entry) {
  const std::string_view name = base_name(entry);
  return std::ranges::any_of(
      std::to_array<std::string_view>(
          {"libasan.", "libhwasan.", "liblsan.", "libtsan.", "libubsan.", "libclang_rt."}),
      [&](std::string_view runtime) { return name.starts_with(runtime); });
}

/// LD_PRELOAD with our entry first, but after the sanitizers' runtimes that it begins with, as in
/// preload/follow.cc.
std::string merged_preload(const std::string& ours, const std::string& theirs) {
  std::string front;
  std::string rest;
  for (const std::string_view entry : split(theirs, " :")) {
    if (base_name(entry) != library_name) {
      append(rest.empty() && is_runtime(entry) ? front : rest, entry, ":");
    }
  }
  append(front, ours, ":");
  if (!rest.empty()) {
    append(front, rest, ":");
  }
  return front;
}

/// The program that a unit starts to put the rules into the kernel; empty if it is not installed.
std::string attach_program() {
  const std::string tool = link_target("/proc/self/exe");
  const std::string folder = tool.substr(0, tool.rfind('/'));
  for (const std::string& candidate :
       {folder, folder + "/../" CLUSTERBIND_LIBEXECDIR, std::string(CLUSTERBIND_FULL_LIBEXECDIR)}) {
    std::string path = resolved(candidate + '/' + attach_name);
    if (exists(path)) {
      return path;
    }
  }
  return {};
}

/// Why the library does not reach the unit; empty if it does: then the plan is complete.
std::string plan_library(Plan& plan, bool is_asked_for) {
  if (std::string why = forbids_bind(plan.unit); !why.empty()) {
    return why;
  }
  std::optional<Reach> first;
  for (const std::string& path : programs_of(plan.unit, "ExecStart")) {
    Reach reach = reach_of(plan.unit, path);
    if (reach.verdict.reach != Verdict::yes) {
      plan.is_unknown = reach.verdict.reach == Verdict::unknown;
      return fmt::format("{}: {}", path, reach.verdict.text);
    }
    if (reach.is_script) {
      if (!is_asked_for) {
        return fmt::format("{} is a script, and what it starts is not known", path);
      }
      plan.notes.push_back(
          fmt::format("{0} is a script: whether the library is in what it starts, "
                      "`clusterbind status {1}` tells after the start",
                      path, plan.unit.name));
    }
    if (reach.mta && reach.mta->name == "Postfix") {
      std::ranges::move(postfix_notes(), std::back_inserter(plan.notes));
      plan.drop_in.logs = postfix_logs(plan.unit);
    } else if (reach.mta && reach.mta->runs_itself_secure) {
      std::ranges::copy(reach.mta->notes, std::back_inserter(plan.notes));
    }
    for (const std::string& note : sandbox_notes(plan.unit, path)) {
      plan.notes.push_back(note);
    }
    if (!first) {
      first = std::move(reach);
    }
  }
  const std::string library =
      first->libraries.is_named ? std::string(library_name) : first->libraries.fitting;
  if (library.find_first_of(" \t:$%") != library.npos) {
    return fmt::format("{}: LD_PRELOAD cannot name a path with a blank or one of : $ %", library);
  }
  plan.drop_in.program = link_target("/proc/self/exe");
  plan.drop_in.preload = merged_preload(
      library, set_by_environment(read_settings(own_files(plan.unit)), "LD_PRELOAD"));
  plan.why = fmt::format("the loader takes it into {}", first->program);
  return {};
}

/// Why the unit cannot be put under the rules by the kernel; empty if it can.
std::string plan_kernel(Plan& plan) {
  plan.drop_in.program = attach_program();
  plan.drop_in.logs.clear();
  plan.drop_in.reloads = !plan.unit.commands("ExecReload").empty();
  if (plan.drop_in.reloads) {
    // The ExecReload line that systemd shows may be ours alone.
    const auto settings = read_settings(own_files(plan.unit));
    plan.drop_in.reloads = std::ranges::any_of(
        settings, [](const Setting& setting) { return setting.key == "ExecReload"; });
  }
  if (plan.drop_in.program.empty()) {
    return fmt::format("{} is not installed", attach_name);
  }
  if (!plan.unit.words("TriggeredBy").empty()) {
    plan.notes.push_back(fmt::format("sockets that {} makes for it are not reached",
                                     plan.unit.words("TriggeredBy").front()));
  }
  return {};
}

/// A command of a template, with %i in place of the instance that systemd was asked about.
std::string as_written(const Unit& unit, const std::string& command) {
  if (!unit.is_template()) {
    return command;
  }
  const size_t at = unit.name.find('@') + 1;
  const std::string instance = unit.shown.substr(at, unit.shown.rfind('.') - at);
  std::string text;
  for (const std::string_view word : split(command, " ")) {
    append(text, word == instance ? "%i" : word, " ");
  }
  return text;
}

void note_earlier_lines(Plan& plan) {
  for (const char* const name : {"ExecCondition", "ExecStartPre"}) {
    for (const std::string& command : plan.unit.commands(name)) {
      const std::string program = command.substr(0, command.find(' '));
      if (program != plan.drop_in.program) {
        plan.notes.push_back(fmt::format("{}={} runs before the rules are looked at", name,
                                         as_written(plan.unit, command)));
      }
    }
  }
}

void choose_way(const Options& options, Plan& plan) {
  std::string why_not;
  if (!options.kernel) {
    why_not = plan_library(plan, options.library);
    if (why_not.empty() || options.library) {
      plan.trouble = why_not;
      return;
    }
  }
  plan.is_unknown = false;
  plan.notes.clear();
  plan.drop_in.way = Way::kernel;
  const std::string trouble = plan_kernel(plan);
  // The part that says what to do is cut off: rules in the kernel need none of that.
  plan.why = options.kernel ? "as asked for" : why_not.substr(0, why_not.find(", where"));
  if (!trouble.empty()) {
    plan.trouble = options.kernel
                       ? trouble
                       : fmt::format("not by library: {}; nor by kernel: {}", why_not, trouble);
  }
}

}  // namespace

Plan plan_unit(const Options& options, const std::string& name) {
  Plan plan;
  plan.unit = read_unit(name);
  plan.trouble = plan.unit.trouble;
  plan.is_unknown = plan.unit.is_unknown;
  if (!plan.trouble.empty()) {
    return plan;
  }
  if (options.file) {
    // A symbolic link stays one: it may lead to another file later.
    plan.drop_in.file = std::filesystem::absolute(*options.file).lexically_normal();
  }
  choose_way(options, plan);
  if (!plan.trouble.empty()) {
    return plan;
  }
  std::vector<std::string> needed = {plan.drop_in.program, rule_file_of(plan.unit, plan.drop_in)};
  if (const auto library = own_library(); library && plan.drop_in.way == Way::library) {
    needed.push_back(*library);
  }
  plan.trouble = hides_files(plan.unit, needed);
  if (plan.trouble.empty()) {
    note_earlier_lines(plan);
    look_at_rules(plan);
  }
  if (const auto old = read_file(drop_in_path(plan.unit.name), size_t{1} << 20)) {
    plan.old_text = old;
  }
  return plan;
}

}  // namespace clusterbind::tool
