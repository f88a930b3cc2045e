// `clusterbind explain`: which rule decides a connection, and what would become of it.

#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"
#include "config/tool/explain/connect.h"
#include "config/tool/explain/question.h"
#include "config/tool/host/files.h"
#include "config/tool/host/host.h"
#include "config/tool/rules/given.h"
#include "config/tool/rules/report.h"

namespace clusterbind::tool {
namespace {

struct Answer {
  bool spared = false;           // `only` does not name the program
  std::optional<uint32_t> rule;  // none: no rule
  std::optional<Address> source;
  Held held;  // the source
  enum { made, failed, unknown } fate = made;
  std::string outcome;
  std::optional<Attempt> attempt;
};

/// What a bind rule makes of the connection.
void answer_bind(const Rule& rule, Family family, Answer& answer) {
  answer.source = source_of(rule, family);
  answer.held = held_by_this_host(*answer.source);
  const std::string source = address_text(*answer.source);
  if (answer.held.presence == Presence::here) {
    answer.outcome = "bound to " + source;
  } else if (answer.held.presence == Presence::unknown) {
    answer.fate = Answer::unknown;
    answer.outcome =
        fmt::format("could not find out: bound to {0} if it is on this host, else {1}", source,
                    rule.fallback == Fallback::direct ? "left alone (else direct)"
                                                      : "refused with EADDRNOTAVAIL");
  } else if (rule.fallback == Fallback::direct) {
    answer.outcome = fmt::format("left alone: {} is not on this host now (else direct)", source);
  } else {
    answer.fate = Answer::failed;
    answer.outcome = fmt::format("refused with EADDRNOTAVAIL: {} is not on this host now", source);
  }
}

Answer decide(const RuleText& rules, const Question& question) {
  Answer answer;
  answer.outcome = "left alone";
  const std::string_view program = question.naming.seen;
  if (rules.spares(program)) {
    answer.spared = true;
    answer.outcome = "left alone: `only` does not name this program";
    return answer;
  }
  const View view = rules.compile_for(program);
  const uint32_t found =
      view.ruleset.lookup(question.destination, question.port)[question.protocol];
  if (found == no_rule) {
    return answer;
  }
  answer.rule = found;
  const Rule& rule = rules.parsed().rules[*answer.rule];
  switch (rule.action) {
    case Action::bind:
      answer_bind(rule, question.destination.family, answer);
      break;
    case Action::direct:
      break;
    case Action::refuse:
      answer.fate = Answer::failed;
      answer.outcome = "refused with ECONNREFUSED";
      break;
  }
  return answer;
}

void try_connection(const Question& question, Answer& answer) {
  constexpr std::chrono::seconds patience{10};
  const bool is_bound = answer.held.presence == Presence::here;
  const auto source = is_bound ? answer.source : std::nullopt;
  answer.attempt = attempt(question.destination, question.port, question.protocol == Protocol::udp,
                           source, patience);
  answer.fate = answer.attempt->made ? Answer::made : Answer::failed;
}

std::string presence_text(const Held& held) {
  switch (held.presence) {
    case Presence::here:
      return "on this host now";
    case Presence::absent:
      return "not on this host now";
    case Presence::unknown:
      break;
  }
  return fmt::format("could not find out whether it is on this host: {}", held.trouble);
}

void print(const RuleText* rules, const Question& question, const Answer& answer) {
  fmt::print("{} {}\n", endpoint_text(question.destination, question.port),
             question.protocol == Protocol::udp ? "udp" : "tcp");
  if (question.program != question.naming.seen) {
    fmt::print("program: {} runs {}: rules see the name {}\n", printable(question.program),
               printable(question.naming.file), printable(question.naming.seen));
  }
  if (answer.rule) {
    fmt::print("rule:    {}: {}\n", rule_place(*rules, *answer.rule),
               rule_text(*rules, *answer.rule));
  } else {
    fmt::print("rule:    no rule\n");
  }
  if (answer.source) {
    fmt::print("source:  {}, {}\n", address_text(*answer.source), presence_text(answer.held));
  }
  fmt::print("outcome: {}\n",
             paint(answer.fate == Answer::made || answer.attempt ? Colour::heading : Colour::error,
                   answer.outcome));
  if (answer.attempt && answer.attempt->made) {
    fmt::print("connect: {} from {} in {:.3f} ms\n", paint(Colour::good, "made"),
               answer.attempt->local
                   ? endpoint_text(*answer.attempt->local, answer.attempt->local_port)
                   : "an unknown address",
               static_cast<double>(answer.attempt->time.count()) / 1000);
  } else if (answer.attempt) {
    fmt::print("connect: {}: {}\n", paint(Colour::error, "failed"), answer.attempt->trouble);
  }
}

void add_attempt(Json& json, const Attempt& attempt) {
  json.object("connect");
  json.add("made", attempt.made);
  if (attempt.local) {
    json.add("local", address_text(*attempt.local));
    json.add("local_port", attempt.local_port);
  }
  json.add("microseconds", attempt.time.count());
  if (!attempt.made) {
    json.add("trouble", attempt.trouble);
  }
  json.end();
}

void print_json(const RuleText* rules, const Question& question, const Answer& answer) {
  Json json;
  json.object();
  json.add("destination", address_text(question.destination));
  json.add("port", question.port);
  json.add("proto", question.protocol == Protocol::udp ? "udp" : "tcp");
  json.add("program", question.program);
  json.add("executable", question.naming.seen);
  if (answer.rule) {
    json.object("rule");
    json.add("file", rules->name());
    add_rule(json, *rules, *answer.rule);
    json.end();
  } else {
    json.add_null("rule");
  }
  if (answer.source) {
    json.add("source", address_text(*answer.source));
    if (answer.held.presence == Presence::unknown) {
      json.add_null("on_this_host");
      json.add("trouble", answer.held.trouble);
    } else {
      json.add("on_this_host", answer.held.presence == Presence::here);
    }
  }
  if (answer.fate == Answer::unknown) {
    json.add_null("made");
  } else {
    json.add("made", answer.fate == Answer::made);
  }
  json.add("outcome", answer.outcome);
  if (answer.attempt) {
    add_attempt(json, *answer.attempt);
  }
  json.end();
  fmt::print("{}\n", json.text());
}

int report_wrong(const Options& options, const Given& given, const RuleText* rules) {
  fmt::print(stderr, "{}{}", trouble_report(given), rules == nullptr ? "" : error_report(*rules));
  if (options.json) {
    print_wrong_json(given, rules);
  } else {
    fmt::print(
        "outcome: with wrong rules every TCP connection outside loopback is refused with "
        "EADDRNOTAVAIL\n");
  }
  return exit_bad;
}

int finish(const Options& options, const RuleText* rules, const Question& question, Answer answer) {
  if (options.connect && answer.fate == Answer::made) {
    try_connection(question, answer);
  }
  options.json ? print_json(rules, question, answer) : print(rules, question, answer);
  switch (answer.fate) {
    case Answer::made:
      return exit_good;
    case Answer::failed:
      return exit_bad;
    case Answer::unknown:
      break;
  }
  return exit_unknown;
}

/// The program of --program is none that could be looked at.
int report_program(const Options& options, const Question& question) {
  const std::string trouble =
      fmt::format("could not find out which name rules see: {}", question.naming.trouble);
  complain(fmt::format("{}: give the name alone, as in --program {}", printable(trouble),
                       printable(base_name(question.program))));
  if (options.json) {
    Json json;
    json.object();
    json.add("program", question.program);
    json.add("trouble", trouble);
    json.end();
    fmt::print("{}\n", json.text());
  }
  return exit_unknown;
}

}  // namespace

int run_explain(const Options& options) {
  const auto question = read_question(options);
  if (!question) {
    return exit_usage;
  }
  if (!question->naming.trouble.empty()) {
    return report_program(options, *question);
  }
  Given given = given_by(options);
  if (given.none) {
    Answer answer;
    answer.outcome = "left alone: there are no rules";
    return finish(options, nullptr, *question, answer);
  }
  if (!given.trouble.empty()) {
    return report_wrong(options, given, nullptr);
  }
  const RuleText rules(given.name, std::move(given.text));
  if (!rules.right() || !given.refused.empty()) {
    return report_wrong(options, given, &rules);
  }
  return finish(options, &rules, *question, decide(rules, *question));
}

}  // namespace clusterbind::tool
