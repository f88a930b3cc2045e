// `clusterbind status`: which units are under the rules, and which of their processes are covered.

#include "config/tool/kernel/status.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <stdexcept>

#include "config/origin.h"
#include "config/rule_text.h"
#include "config/tool/command/json.h"
#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"
#include "config/tool/connections/deviations.h"
#include "config/tool/host/age.h"
#include "config/tool/host/files.h"
#include "config/tool/host/process.h"
#include "config/tool/rules/given.h"
#include "config/tool/rules/report.h"
#include "config/tool/units/coverage.h"
#include "config/tool/units/unit_rules.h"

namespace clusterbind::tool {
namespace {

struct Fact {
  std::string label;
  std::string text;
};

/// What is reported about one unit, which is not a template.
struct Answer {
  std::string unit;
  std::vector<Fact> facts;
  enum { covered, not_covered, not_running, unknown } verdict = covered;
  std::string why;  // the verdict, in a few words

  void worsen(decltype(verdict) worse, std::string reason) {
    if (verdict == covered) {
      verdict = worse;
      why = std::move(reason);
    }
  }
};

/// The rules of a unit as its file has them now, and which processes may still have older ones.
void look_at_rules(Answer& answer, const Unit& unit, const DropIn& drop_in,
                   const Coverage& coverage) {
  const std::string path = rule_file_of(unit, drop_in);
  Given given = given_file(path, path == default_file);
  if (!given.trouble.empty()) {
    answer.facts.push_back({"rules", fmt::format("{}: {}", path, given.trouble)});
    return;
  }
  const RuleText rules(path, std::move(given.text));
  if (!rules.right()) {
    answer.facts.push_back(
        {"rules", fmt::format("{}: wrong now; see: clusterbind check {}", path, path)});
    return;
  }
  if (!given.refused.empty() && reads_as_root(unit, drop_in)) {
    answer.facts.push_back({"rules", fmt::format("{}: {}: it would not start again; {}", path,
                                                 given.refused, given.refused_hint)});
    return;
  }
  std::string text = fmt::format("{}, {}", path, counted(rules.parsed().rules.size(), "rule"));
  struct stat facts = {};
  const bool is_there = stat(path.c_str(), &facts) == 0;
  // For units by kernel, the kernel itself says which rules it has.
  const bool is_library = drop_in.way == Way::library;
  const auto older = !is_library ? 0 : std::ranges::count_if(coverage.processes, [&](pid_t pid) {
    return is_there && is_changed_since_start(pid, facts.st_ctim);
  });
  if (older != 0) {
    text += rules.parsed().settings.reload
                ? fmt::format("; newer than {}, which take it over when they connect",
                              counted(static_cast<size_t>(older), "process"))
                : fmt::format(
                      "; newer than {} of {} processes, which have the older rules until "
                      "they are restarted",
                      older, coverage.processes.size());
  }
  answer.facts.push_back({"rules", text});
  Auditor auditor(rules, is_there && !rules.parsed().settings.reload ? std::optional(facts.st_ctim)
                                                                     : std::nullopt);
  Survey survey;
  if (auditor.look(survey) != 0) {
    return;
  }
  for (const Deviation& leak : survey.deviations) {
    const bool is_ours =
        std::ranges::find(coverage.processes, leak.owner.pid) != coverage.processes.end();
    if (is_ours && leak.kind == Deviation::leak) {
      answer.facts.push_back(
          {"leak",
           fmt::format("{} (pid {}): {} -> {}", base_name(leak.owner.executable), leak.owner.pid,
                       endpoint_text(leak.connection.local, leak.connection.local_port),
                       endpoint_text(leak.connection.remote, leak.connection.remote_port))});
      answer.worsen(Answer::not_covered, "a connection has the wrong source address");
    }
  }
}

void look_at_processes(Answer& answer, const Coverage& coverage) {
  const size_t all = coverage.processes.size();
  if (all == 0) {
    answer.facts.push_back({"runs", "no"});
    answer.worsen(Answer::not_running, "it does not run");
    return;
  }
  answer.facts.push_back({"covered", fmt::format("{} of {} processes",
                                                 all - coverage.lacking.size() -
                                                     coverage.unclear.size() - coverage.hidden,
                                                 all)});
  for (const UncoveredProcess& one : coverage.lacking) {
    answer.facts.push_back(
        {"not", fmt::format("{} (pid {}): {}", base_name(one.program), one.pid, one.why)});
  }
  for (const UncoveredProcess& one : coverage.unclear) {
    answer.facts.push_back({"unknown", fmt::format("{} (pid {}): its rules {}",
                                                   base_name(one.program), one.pid, one.why)});
  }
  if (!coverage.lacking.empty()) {
    answer.worsen(Answer::not_covered,
                  fmt::format("restart it: systemctl restart {}", answer.unit));
  } else if (coverage.hidden != 0) {
    answer.worsen(Answer::unknown,
                  fmt::format("some processes cannot be looked at: {}", permission_hint()));
  } else if (!coverage.unclear.empty()) {
    answer.worsen(Answer::unknown, "some processes have overwritten their environment");
  }
}

void look_at_sockets(Answer& answer, const Unit& unit) {
  for (const std::string& name : unit.words("TriggeredBy")) {
    std::string trouble;
    if (name.ends_with(".socket") &&
        property(show_unit(name, trouble), "ActiveState") == "failed") {
      answer.facts.push_back(
          {"socket", fmt::format("{0} has failed; do: systemctl reset-failed {0} && systemctl "
                                 "start {0}",
                                 name)});
      answer.worsen(Answer::not_running, "its socket has failed");
    }
  }
}

/// The kernel's counts, and whether its rules are those that the file has now.
void look_into_kernel(Answer& answer) {
  const auto attachment = attachment_of(folder_of_unit(answer.unit));
  if (!attachment) {
    return;
  }
  const std::string text = attachment_text(*attachment);
  for (const std::string_view line : split(text, "\n")) {
    answer.facts.push_back({"kernel", std::string(line)});
  }
  if (file_state(*attachment) == FileState::changed) {
    answer.worsen(Answer::not_covered,
                  fmt::format("the kernel has older rules; do: clusterbind enable --now {}, or: "
                              "clusterbind attach --unit {}",
                              answer.unit, answer.unit));
  }
}

Answer look_at_unit(const Unit& unit) {
  Answer answer;
  answer.unit = unit.name;
  if (unit.is_unknown || !unit.trouble.empty()) {
    answer.facts.push_back({"trouble", unit.trouble});
    answer.verdict = unit.is_unknown ? Answer::unknown : Answer::not_covered;
    answer.why = unit.trouble;
    return answer;
  }
  auto drop_in = read_drop_in(unit.name);
  if (!drop_in && !unit.template_name().empty()) {
    drop_in = read_drop_in(unit.template_name());
  }
  if (!drop_in) {
    answer.facts.push_back({"way", "none: it is not enabled"});
    answer.verdict = Answer::not_covered;
    answer.why = fmt::format("not enabled; do: clusterbind enable --now {}", unit.name);
    return answer;
  }
  answer.facts.push_back({"way", fmt::format("by {}", way_word(drop_in->way))});
  if (const std::string culprit = undone_by(unit, *drop_in); !culprit.empty()) {
    answer.facts.push_back({"drop-in", "not in effect: " + culprit});
    answer.worsen(Answer::not_covered, "the drop-in is not in effect: " + culprit);
  }
  if (property(unit.properties, "NeedDaemonReload") == "yes") {
    answer.facts.push_back({"drop-in", "systemd has not read it yet; do: systemctl daemon-reload"});
    answer.worsen(Answer::not_covered, "systemd has older settings");
  }
  try {
    const Coverage coverage = coverage_of(unit.name, *drop_in);
    look_at_processes(answer, coverage);
    look_at_rules(answer, unit, *drop_in, coverage);
    if (drop_in->way == Way::kernel && !coverage.processes.empty()) {
      look_into_kernel(answer);
    }
  } catch (const std::runtime_error& trouble) {
    answer.facts.push_back({"kernel", trouble.what()});
    answer.worsen(Answer::unknown, trouble.what());
  }
  look_at_sockets(answer, unit);
  return answer;
}

/// The units that a name stands for: for a template, its running instances.
std::vector<Answer> look_at_name(const std::string& name) {
  const Unit unit = read_unit(name);
  const std::vector<std::string> instances =
      unit.is_template() && unit.trouble.empty() ? active_units(unit) : std::vector<std::string>();
  std::vector<Answer> answers;
  for (const std::string& instance : instances) {
    answers.push_back(look_at_unit(read_unit(instance)));
  }
  if (instances.empty()) {
    answers.push_back(look_at_unit(unit));
    answers.back().unit = unit.name;
  }
  return answers;
}

void print(const Answer& answer) {
  fmt::print("{}\n", paint(Colour::heading, printable(answer.unit)));
  for (const Fact& fact : answer.facts) {
    fmt::print("  {:<8} {}\n", fact.label, printable(fact.text));
  }
}

int verdict_of(const std::vector<Answer>& answers, std::string& text) {
  const auto has = [&](auto verdict) {
    return std::ranges::find(answers, verdict, &Answer::verdict);
  };
  for (const auto verdict : {Answer::not_covered, Answer::unknown, Answer::not_running}) {
    if (const auto found = has(verdict); found != answers.end()) {
      text = fmt::format("{}{}: {}", verdict == Answer::unknown ? "could not find out: " : "",
                         found->unit, found->why);
      return verdict == Answer::unknown ? exit_unknown : exit_bad;
    }
  }
  text = "all covered";
  return exit_good;
}

std::string json_of(const std::vector<Answer>& answers, const std::string& verdict) {
  constexpr std::array<std::string_view, 4> words = {"covered", "not covered", "not running",
                                                     "unknown"};
  Json json;
  json.object();
  json.array("units");
  for (const Answer& answer : answers) {
    json.object();
    json.add("unit", answer.unit);
    json.add("state", words[static_cast<size_t>(answer.verdict)]);
    json.array("facts");
    for (const Fact& fact : answer.facts) {
      json.object();
      json.add(fact.label, fact.text);
      json.end();
    }
    json.end();
    json.end();
  }
  json.end();
  json.add("verdict", verdict);
  json.end();
  return json.text();
}

}  // namespace

int run_status(const Options& options) {
  if (const std::string trouble = no_systemd(); !trouble.empty()) {
    complain(trouble);
    return exit_unknown;
  }
  const auto names = options.operands.empty() ? units_with_drop_in() : options.operands;
  std::vector<Answer> answers;
  for (const std::string& name : names) {
    std::ranges::move(look_at_name(name), std::back_inserter(answers));
  }
  std::string verdict;
  int code = verdict_of(answers, verdict);
  if (answers.empty()) {
    verdict = "no unit is enabled";
    code = exit_bad;
  }
  if (options.json) {
    fmt::print("{}\n", json_of(answers, verdict));
    return code;
  }
  std::ranges::for_each(answers, print);
  fmt::print("verdict: {}\n",
             paint(code == exit_good ? Colour::good : Colour::error, printable(verdict)));
  return code;
}

}  // namespace clusterbind::tool
