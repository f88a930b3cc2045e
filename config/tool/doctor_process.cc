// `clusterbind doctor --pid`: is the library in a running process and its descendants.

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "config/origin.h"
#include "config/tool/doctor.h"
#include "config/tool/files.h"
#include "config/tool/given.h"
#include "config/tool/library.h"
#include "config/tool/process.h"
#include "config/tool/rules.h"
#include "config/tool/terminal.h"

namespace clusterbind::tool {
namespace {

struct Patient {
  pid_t pid = 0;
  std::string executable;
  Mapped mapped;
  std::optional<std::vector<std::string>> environment;
  bool is_secure = false;
};

Patient look_at(pid_t pid) {
  return {pid, executable_of(pid), mapped_library(pid), environment_of(pid),
          is_secure_process(pid)};
}

/// What the library in a process has read, as far as it can be told from outside.
std::string rules_text_of(const Patient& patient) {
  const std::vector<std::string> environment =
      patient.environment.value_or(std::vector<std::string>());
  const std::string rules = variable_in(environment, "CLUSTERBIND_RULES");
  const std::string config = variable_in(environment, "CLUSTERBIND_CONFIG");
  const Origin origin = choose_origin({rules.c_str(), config.c_str()}, patient.is_secure);
  if (origin.wrong != nullptr) {
    return fmt::format("wrong: {}", origin.wrong);
  }
  // A process that changed its root has read the file before.
  Given given = origin.text != nullptr ? given_text(origin.text) : given_file(origin.path);
  const std::string name = origin.text != nullptr ? std::string(rules_variable) : given.name;
  if (!given.trouble.empty()) {
    return fmt::format("{}: {}", name, given.trouble);
  }
  const Rules read(name, std::move(given.text));
  std::string text = read.right()
                         ? fmt::format("{}: {}", name, counted(read.syntax().rules.size(), "rule"))
                         : fmt::format("{}: wrong: see clusterbind check", name);
  if (read.right() && read.spares(base_name(patient.executable))) {
    text += "; `only` leaves this program alone";
  }
  struct stat facts = {};
  const time_t started = start_time(patient.pid);
  if (origin.path != nullptr && stat(origin.path, &facts) == 0 && started != 0 &&
      facts.st_mtime > started) {
    text += read.right() && read.syntax().settings.reload
                ? "; changed since the process started"
                : "; changed since the process started, which has the older rules";
  }
  return text;
}

std::string library_text(const Patient& patient) {
  if (!patient.mapped.is_readable) {
    return "cannot be told: no permission";
  }
  if (patient.mapped.library.empty()) {
    return "not in this process";
  }
  const std::string version =
      patient.mapped.is_deleted ? std::string() : library_version(patient.mapped.library);
  return patient.mapped.library + (patient.mapped.is_deleted ? ", replaced or removed since"
                                   : version.empty()         ? ", version unknown"
                                                             : ", version " + version);
}

/// Why the library is not in a process.
std::string absence_of(const Patient& patient) {
  const auto elf = read_elf(process_path(patient.pid, "exe"));
  if (elf) {
    if (const std::string why = obstacle(*elf); !why.empty()) {
      return why.substr(0, why.find_first_of(":;"));
    }
  }
  if (patient.is_secure) {
    return "runs in secure execution";
  }
  if (!patient.environment) {
    return "its environment cannot be read";
  }
  return variable_in(*patient.environment, "LD_PRELOAD").find(library_name) == std::string::npos
             ? "its LD_PRELOAD does not name the library"
             : "ld.so did not find the library";
}

std::string environment_text(const std::vector<std::string>& environment) {
  std::string text;
  for (const std::string& entry : environment) {
    if (entry.starts_with("CLUSTERBIND_") || entry.starts_with("LD_PRELOAD=")) {
      append(text, entry, " ");
    }
  }
  return text.empty() ? "nothing of ours" : text;
}

struct Household {
  std::vector<Patient> all;
  std::vector<Patient> lacking;
  bool is_hidden = false;  // some could not be looked at
};

Household descendants(pid_t pid) {
  Household family;
  for (const pid_t one : descendants_of(pid)) {
    Patient patient = look_at(one);
    if (patient.executable.empty() && !patient.mapped.is_readable) {
      family.is_hidden = family.is_hidden || (exists(process_path(one, "exe")) && errno == EACCES);
      continue;  // a zombie, or gone
    }
    family.all.push_back(patient);
    if (!patient.mapped.is_readable) {
      family.is_hidden = true;
    } else if (patient.mapped.library.empty()) {
      family.lacking.push_back(patient);
    }
  }
  return family;
}

Verdict verdict_of(const Patient& patient, const Household& family) {
  if (!patient.mapped.is_readable) {
    return {Verdict::unknown,
            "could not find out: no permission to look at this process: ask as root"};
  }
  if (patient.mapped.library.empty()) {
    const std::string program = patient.executable;
    return {Verdict::no, fmt::format("not reached: {}; see: clusterbind doctor {}",
                                     absence_of(patient), program)};
  }
  if (!family.lacking.empty()) {
    return {Verdict::no,
            fmt::format("reached, but {} of {} not: {} (pid {}): {}", family.lacking.size(),
                        counted(family.all.size(), "descendant"), family.lacking[0].executable,
                        family.lacking[0].pid, absence_of(family.lacking[0]))};
  }
  if (family.is_hidden) {
    return {Verdict::unknown, "reached, but some descendants could not be looked at: ask as root"};
  }
  return {Verdict::yes, family.all.empty() ? "reached"
                                           : fmt::format("reached, with {}",
                                                         counted(family.all.size(), "descendant"))};
}

void print(const Patient& patient, const Household& family) {
  print_fact("process", fmt::format("{} {}", patient.pid, patient.executable));
  print_fact("library", library_text(patient));
  if (!patient.mapped.library.empty()) {
    print_fact("rules", rules_text_of(patient));
  }
  if (patient.is_secure) {
    print_fact("rights", "secure execution: its environment does not count");
  }
  print_fact("environment",
             patient.environment ? environment_text(*patient.environment) : "cannot be read");
  print_fact("descendants",
             fmt::format("{}, {} without the library", family.all.size(), family.lacking.size()));
  for (const Patient& one : family.lacking) {
    print_fact("", fmt::format("{} {}: {}", one.pid, one.executable, absence_of(one)));
  }
}

void add_patient(Json& json, const Patient& patient) {
  json.add("pid", patient.pid);
  json.add("program", patient.executable);
  json.add("library", patient.mapped.library);
  if (patient.mapped.is_readable && patient.mapped.library.empty()) {
    json.add("absence", absence_of(patient));
  }
}

void add_all(Json& json, const Patient& patient, const Household& family) {
  add_patient(json, patient);
  json.add("secure_execution", patient.is_secure);
  if (!patient.mapped.library.empty()) {
    json.add("rules", rules_text_of(patient));
  }
  json.array("descendants");
  for (const Patient& one : family.all) {
    json.object();
    add_patient(json, one);
    json.end();
  }
  json.end();
}

}  // namespace

int examine_process(const Options& options, const std::string& pid) {
  const bool is_number =
      !pid.empty() && pid.size() < 10 && pid.find_first_not_of("0123456789") == pid.npos;
  if (!is_number) {
    complain(fmt::format("not a process id: {}", printable(pid)));
    return exit_usage;
  }
  const auto number = static_cast<pid_t>(std::strtol(pid.c_str(), nullptr, 10));
  Json json;
  json.object();
  if (!exists(process_path(number, "stat"))) {
    return finish_verdict({Verdict::unknown, "could not find out: no such process: " + pid},
                          options.json ? &json : nullptr);
  }
  const Patient patient = look_at(number);
  const Household family = descendants(number);
  if (options.json) {
    add_all(json, patient, family);
  } else {
    print(patient, family);
  }
  return finish_verdict(verdict_of(patient, family), options.json ? &json : nullptr);
}

}  // namespace clusterbind::tool
