// `clusterbind audit`: lists connections of this host that should have another source address.

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <map>

#include "config/tool/audit/sums.h"
#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"
#include "config/tool/connections/deviations.h"
#include "config/tool/host/files.h"
#include "config/tool/host/process.h"
#include "config/tool/host/sockets.h"
#include "config/tool/rules/given.h"
#include "config/tool/rules/report.h"

namespace clusterbind::tool {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void on_signal(int /*signal*/) {
  interrupted = 1;
}

/// Without SA_RESTART, so that a signal ends the pause between two samples at once.
void stop_on_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

/// The file of a network namespace, given by its ip-netns(8) name or by a path.
std::string namespace_path(const std::string& name) {
  return name.find('/') == name.npos ? "/run/netns/" + name : name;
}

/// Enters a network namespace. Returns 0 or an errno value.
int enter_namespace(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.valid() && setns(file.get(), CLONE_NEWNET) == 0 ? 0 : errno;
}

std::string_view kind_word(Deviation::Kind kind) {
  switch (kind) {
    case Deviation::leak:
      return "leak";
    case Deviation::ended:
      return "ended";
    case Deviation::else_direct:
      return "else direct";
    case Deviation::own_choice:
      return "own choice";
  }
  return "";
}

std::string owner_text(const Owner& owner) {
  return owner.pid == 0
             ? "unknown process"
             : fmt::format("{} (pid {})", printable(base_name(owner.executable)), owner.pid);
}

void print(const RuleText& rules, const Deviation& deviation) {
  const Connection& connection = deviation.connection;
  fmt::print("{}: {}: {} -> {} {}: should be {} ({}): {}\n",
             paint(deviation.kind == Deviation::leak ? Colour::error : Colour::heading,
                   kind_word(deviation.kind)),
             owner_text(deviation.owner), endpoint_text(connection.local, connection.local_port),
             endpoint_text(connection.remote, connection.remote_port), state_name(connection.state),
             address_text(deviation.wanted), rule_place(rules, deviation.rule), deviation.reason);
}

void add(Json& json, const RuleText& rules, const Deviation& deviation) {
  const Connection& connection = deviation.connection;
  json.object();
  json.add("kind", kind_word(deviation.kind));
  json.add("pid", deviation.owner.pid);
  json.add("program", deviation.owner.executable);
  json.add("local", address_text(connection.local));
  json.add("local_port", connection.local_port);
  json.add("remote", address_text(connection.remote));
  json.add("remote_port", connection.remote_port);
  json.add("state", state_name(connection.state));
  json.add("wanted", address_text(deviation.wanted));
  json.add("file", rules.name());
  json.add("line", rules.parsed().rules[deviation.rule].line);
  json.add("reason", deviation.reason);
  json.end();
}

void add_sums(Json& json, const RuleText& rules, const Survey& survey) {
  json.array("sums");
  for (const Sum& sum : sums_of(survey.deviations)) {
    json.object();
    json.add("program", sum.program);
    json.add("file", rules.name());
    json.add("line", rules.parsed().rules[sum.rule].line);
    json.add("leaks", sum.counts[Deviation::leak]);
    json.add("ended", sum.counts[Deviation::ended]);
    json.add("else_direct", sum.counts[Deviation::else_direct]);
    json.add("own_choice", sum.counts[Deviation::own_choice]);
    json.end();
  }
  json.end();
  json.array("next");
  for (const std::string& step : next_steps(survey.deviations)) {
    json.item(step);
  }
  json.end();
}

void print_json(const RuleText& rules, const Survey& survey, bool summary_only) {
  Json json;
  json.object();
  json.add("outgoing", survey.outgoing);
  json.add("undecided", survey.undecided);
  json.add("leaks", count_kinds(survey.deviations)[Deviation::leak]);
  if (!summary_only) {
    json.array("connections");
    for (const Deviation& deviation : survey.deviations) {
      add(json, rules, deviation);
    }
    json.end();
  }
  add_sums(json, rules, survey);
  json.end();
  fmt::print("{}\n", json.text());
}

void print_survey(const RuleText& rules, const Survey& survey) {
  for (const Deviation& deviation : survey.deviations) {
    print(rules, deviation);
  }
}

void print_sums(const RuleText& rules, const Survey& survey) {
  for (const Sum& sum : sums_of(survey.deviations)) {
    fmt::print("sum: {} ({}): {}\n",
               sum.program.empty() ? "unknown process" : printable(sum.program),
               rule_place(rules, sum.rule), counts_text(sum.counts, true));
  }
}

void print_end(const Survey& survey) {
  fmt::print("{}: {}\n", counted(survey.outgoing, "outgoing connection"),
             counts_text(count_kinds(survey.deviations), false));
  for (const std::string& step : next_steps(survey.deviations)) {
    fmt::print("next: {}\n", step);
  }
  if (survey.undecided != 0) {
    complain(fmt::format("{} of other users' processes could not be judged: {}",
                         counted(survey.undecided, "connection"), permission_hint()));
  }
}

int exit_code(const Survey& survey) {
  if (count_kinds(survey.deviations)[Deviation::leak] != 0) {
    return exit_bad;
  }
  return survey.undecided != 0 ? exit_unknown : exit_good;
}

/// Reports on standard error, and in JSON, why nothing could be determined.
int fail(bool as_json, const std::string& trouble) {
  complain(trouble);
  if (as_json) {
    Json json;
    json.object();
    json.add("trouble", trouble);
    json.end();
    fmt::print("{}\n", json.text());
  }
  return exit_unknown;
}

int fail(bool as_json, const std::string& what, int error) {
  return fail(as_json, fmt::format("{}: {}", what, error_text(error)));
}

/// Reports that there are no rules to judge by.
int fail_by_rules(const Options& options, const Given& given, const RuleText* rules) {
  say(trouble_report(given) + (rules == nullptr ? "" : error_report(*rules)));
  if (options.json) {
    print_wrong_json(given, rules);
  }
  return exit_unknown;
}

int look_once(Auditor& auditor, const RuleText& rules, const Options& options) {
  Survey survey;
  if (const int error = auditor.look(survey); error != 0) {
    return fail(options.json, "sock_diag", error);
  }
  if (options.json) {
    print_json(rules, survey, options.quiet);
  } else {
    if (!options.quiet) {
      print_survey(rules, survey);
    }
    print_sums(rules, survey);
    print_end(survey);
  }
  return exit_code(survey);
}

/// What counts as the same finding, which is reported only once: deviations of one kind by one
/// process under one rule. If no process holds the connection any more, the destination takes the
/// place of the process.
std::string subject_of(const Deviation& deviation) {
  const Owner& owner = deviation.owner;
  const auto start = owner.pid == 0 ? std::nullopt : start_since_boot(owner.pid);
  return fmt::format("{} {} {} {} {}", kind_word(deviation.kind), deviation.rule, owner.pid,
                     start ? start->count() : 0,
                     owner.pid == 0 ? address_text(deviation.connection.remote) : std::string());
}

/// The sample, by number, in which each subject was last seen.
using Known = std::map<std::string, size_t>;

/// Keeps only findings that are new or that were not seen during ten minutes of samples.
void drop_known(Survey& survey, Known& known, size_t look) {
  constexpr size_t remembered = 600;
  std::erase_if(known, [&](const auto& entry) { return entry.second + remembered < look; });
  std::erase_if(survey.deviations, [&](const Deviation& deviation) {
    return !known.insert_or_assign(subject_of(deviation), look).second;
  });
}

/// What a watcher prints about findings that are new.
void print_news(const RuleText& rules, const Survey& survey, const Options& options) {
  if (options.json) {
    print_json(rules, survey, options.quiet);
  } else if (options.quiet) {
    print_sums(rules, survey);
  } else {
    print_survey(rules, survey);
  }
}

int watch(Auditor& auditor, const RuleText& rules, const Options& options) {
  constexpr timespec interval = {1, 0};
  stop_on_signals();
  Known known;
  int worst = exit_good;
  for (size_t look = 1; interrupted == 0; ++look) {
    Survey survey;
    if (const int error = auditor.look(survey); error != 0) {
      return fail(options.json, "sock_diag", error);
    }
    worst = exit_code(survey) == exit_good || worst == exit_bad ? worst : exit_code(survey);
    drop_known(survey, known, look);
    if (!survey.deviations.empty()) {
      print_news(rules, survey, options);
      if (std::fflush(stdout) != 0) {
        return exit_unknown;
      }
    }
    nanosleep(&interval, nullptr);
  }
  return worst;
}

/// When the rule file was last changed or replaced.
std::optional<timespec> change_time(const Given& given) {
  struct stat facts = {};
  return given.path && stat(given.path->c_str(), &facts) == 0 ? std::optional(facts.st_ctim)
                                                              : std::nullopt;
}

}  // namespace

int run_audit(const Options& options) {
  if (!options.operands.empty()) {
    complain(fmt::format("audit takes no operand: '{}'", printable(options.operands[0])));
    return exit_usage;
  }
  Given given = given_by(options);
  if (!given.trouble.empty()) {
    return fail_by_rules(options, given, nullptr);
  }
  const auto file_time = change_time(given);
  const RuleText rules(given.name, std::move(given.text));
  if (!rules.right() || !given.refused.empty()) {
    return fail_by_rules(options, given, &rules);
  }
  if (options.netns) {
    const std::string path = namespace_path(*options.netns);
    if (const int error = enter_namespace(path); error != 0) {
      return fail(options.json, path, error);
    }
  }
  // With `reload on`, running processes have the new rules too.
  Auditor auditor(rules, rules.parsed().settings.reload ? std::nullopt : file_time);
  return options.watch ? watch(auditor, rules, options) : look_once(auditor, rules, options);
}

}  // namespace clusterbind::tool
