// `clusterbind explain`: which rule decides a connection, and what would happen to it.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
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

/// One of the source addresses that the connection can have.
struct Candidate {
  Address address;
  Held held;
};

struct Answer {
  bool excluded = false;         // `only` does not name the program
  std::optional<uint32_t> rule;  // nothing: no rule matches
  std::vector<Candidate> candidates;
  std::optional<Address> source;  // the one that would be used; with `pick random`, one that may be
  enum { made, failed, unknown } fate = made;
  std::string outcome;
  std::optional<Attempt> attempt;
};

bool is_here(const Candidate& candidate) {
  return candidate.held.presence == Presence::here;
}

bool is_unknown(const Candidate& candidate) {
  return candidate.held.presence == Presence::unknown;
}

std::string addresses_text(const std::vector<Candidate>& candidates) {
  std::string text;
  for (const Candidate& candidate : candidates) {
    append(text, address_text(candidate.address));
  }
  return text;
}

/// What a bind rule does with the connection.
void answer_bind(const RuleText& rules, uint32_t number, Family family, Answer& answer) {
  const Rule& rule = rules.parsed().rules[number];
  for (const Address& source : rules.sources(number, family)) {
    answer.candidates.push_back({source, held_by_this_host(source)});
  }
  auto& all = answer.candidates;
  std::vector<Candidate> here;
  std::ranges::copy_if(all, std::back_inserter(here), is_here);
  const auto first_unknown = std::ranges::find_if(all, is_unknown);
  const bool is_certain =
      first_unknown == all.end() || (!here.empty() && !rule.picks_at_random &&
                                     std::ranges::find_if(all, is_here) < first_unknown);
  const std::string names = addresses_text(all);
  if (!is_certain) {
    answer.fate = Answer::unknown;
    answer.outcome = fmt::format("could not find out: bound to {0} if it is on this host, else {1}",
                                 all.size() == 1 ? names : "the first of these",
                                 rule.fallback == Fallback::direct ? "left alone (else direct)"
                                                                   : "refused with EADDRNOTAVAIL");
    return;
  }
  if (!here.empty()) {
    answer.source = here[0].address;
    answer.outcome = rule.picks_at_random && here.size() > 1
                         ? fmt::format("bound to one of {}, drawn at random", addresses_text(here))
                         : "bound to " + address_text(here[0].address);
    return;
  }
  const std::string absent = all.size() == 1 ? names + " is not on this host now"
                                             : fmt::format("none of {} is on this host now", names);
  if (rule.fallback == Fallback::direct) {
    answer.outcome = fmt::format("left alone: {} (else direct)", absent);
  } else {
    answer.fate = Answer::failed;
    answer.outcome = "refused with EADDRNOTAVAIL: " + absent;
  }
}

Answer decide(const RuleText& rules, const Question& question) {
  Answer answer;
  answer.outcome = "left alone";
  const std::string_view program = question.naming.seen;
  if (rules.excludes(program)) {
    answer.excluded = true;
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
      answer_bind(rules, *answer.rule, question.destination.family, answer);
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
  answer.attempt = attempt(question.destination, question.port, question.protocol == Protocol::udp,
                           answer.source, patience);
  answer.fate = answer.attempt->made ? Answer::made : Answer::failed;
}

std::string presence_text(const Held& held) {
  switch (held.presence) {
    case Presence::here:
      return "on this host now";
    case Presence::absent:
      return "not on this host now";
    case Presence::broadcast:
      return "a broadcast address of this host";
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
  const char* label = "source:  ";
  for (const Candidate& candidate : answer.candidates) {
    fmt::print("{}{}, {}\n", label, address_text(candidate.address), presence_text(candidate.held));
    label = "      or ";
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

void add_candidate(Json& json, const Candidate& candidate) {
  json.add("source", address_text(candidate.address));
  if (is_unknown(candidate)) {
    json.add_null("on_this_host");
    json.add("trouble", candidate.held.trouble);
  } else {
    json.add("on_this_host", is_here(candidate));
  }
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
  if (answer.candidates.size() == 1) {
    add_candidate(json, answer.candidates[0]);
  } else if (!answer.candidates.empty()) {
    json.array("sources");
    for (const Candidate& candidate : answer.candidates) {
      json.object();
      add_candidate(json, candidate);
      json.end();
    }
    json.end();
    if (answer.source) {
      json.add("source", address_text(*answer.source));
    } else {
      json.add_null("source");
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
  say(trouble_report(given) + (rules == nullptr ? "" : error_report(*rules)));
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

/// Reports why the program of --program could not be examined.
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
