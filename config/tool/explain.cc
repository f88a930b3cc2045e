// `clusterbind explain`: which rule decides a connection, and what would become of it.

#include <fmt/format.h>

#include <cstdio>
#include <optional>

#include "config/tool/commands.h"
#include "config/tool/connect.h"
#include "config/tool/given.h"
#include "config/tool/host.h"
#include "config/tool/report.h"
#include "config/tool/terminal.h"

namespace clusterbind::tool {
namespace {

struct Question {
  Address destination;
  uint16_t port = 0;
  Protocol protocol = Protocol::tcp;
  std::string_view program;
};

struct Answer {
  bool spared = false;           // `only` does not name the program
  std::optional<uint32_t> rule;  // none: no rule
  std::optional<Address> source;
  bool on_this_host = false;
  bool made = true;  // the connection would be, or was
  std::string outcome;
  std::optional<Attempt> attempt;
};

/// A port as the rule language has it: asks its parser, which knows the names.
std::optional<uint16_t> read_port(const std::string& text) {
  const bool is_one_word = !text.empty() && text.find_first_of(" \t\n;,#-") == text.npos;
  if (!is_one_word) {
    return std::nullopt;
  }
  const Rules rules("", "direct port " + text);
  return rules.right() ? std::optional(rules.syntax().ports[0].low) : std::nullopt;
}

std::optional<Protocol> read_protocol(std::string_view text) {
  if (text == "tcp") {
    return Protocol::tcp;
  }
  return text == "udp" ? std::optional(Protocol::udp) : std::nullopt;
}

std::optional<Question> read_question(const Options& options) {
  if (options.operands.size() != 2) {
    complain("explain takes DEST and PORT");
    return std::nullopt;
  }
  const auto destination = read_address(options.operands[0]);
  const auto port = read_port(options.operands[1]);
  const auto protocol = read_protocol(options.proto);
  if (!destination) {
    complain(fmt::format("not an address: {}", printable(options.operands[0])));
  } else if (!port) {
    complain(fmt::format("not a port (1 to 65535, or a name of clusterbind.conf(5)): {}",
                         printable(options.operands[1])));
  } else if (!protocol) {
    complain("--proto is tcp or udp");
  } else {
    return Question{*destination, *port, *protocol, options.program};
  }
  return std::nullopt;
}

/// What a bind rule makes of the connection.
void answer_bind(const Rule& rule, Family family, Answer& answer) {
  answer.source = source_of(rule, family);
  answer.on_this_host = is_on_this_host(*answer.source);
  const std::string source = address_text(*answer.source);
  if (answer.on_this_host) {
    answer.outcome = "bound to " + source;
  } else if (rule.fallback == Fallback::direct) {
    answer.outcome = fmt::format("left alone: {} is not on this host now (else direct)", source);
  } else {
    answer.made = false;
    answer.outcome = fmt::format("refused with EADDRNOTAVAIL: {} is not on this host now", source);
  }
}

Answer decide(const Rules& rules, const Question& question) {
  Answer answer;
  answer.outcome = "left alone";
  if (rules.spares(question.program)) {
    answer.spared = true;
    answer.outcome = "left alone: `only` does not name this program";
    return answer;
  }
  const View view = rules.compile_for(question.program);
  const uint32_t found =
      view.ruleset.lookup(question.destination, question.port)[question.protocol];
  if (found == no_rule) {
    return answer;
  }
  answer.rule = found;
  const Rule& rule = rules.syntax().rules[*answer.rule];
  switch (rule.action) {
    case Action::bind:
      answer_bind(rule, question.destination.family, answer);
      break;
    case Action::direct:
      break;
    case Action::refuse:
      answer.made = false;
      answer.outcome = "refused with ECONNREFUSED";
      break;
  }
  return answer;
}

void try_connection(const Question& question, Answer& answer) {
  constexpr std::chrono::seconds patience{10};
  const auto source = answer.on_this_host ? answer.source : std::nullopt;
  answer.attempt = attempt(question.destination, question.port, question.protocol == Protocol::udp,
                           source, patience);
  answer.made = answer.attempt->made;
}

void print(const Rules* rules, const Question& question, const Answer& answer) {
  fmt::print("{} {}\n", endpoint_text(question.destination, question.port),
             question.protocol == Protocol::udp ? "udp" : "tcp");
  if (answer.rule) {
    fmt::print("rule:    {}: {}\n", rule_place(*rules, *answer.rule),
               rule_text(*rules, *answer.rule));
  } else {
    fmt::print("rule:    no rule\n");
  }
  if (answer.source) {
    fmt::print("source:  {}, {}\n", address_text(*answer.source),
               answer.on_this_host ? "on this host now" : "not on this host now");
  }
  fmt::print("outcome: {}\n", paint(answer.made || answer.attempt ? Colour::heading : Colour::error,
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

void print_json(const Rules* rules, const Question& question, const Answer& answer) {
  Json json;
  json.object();
  json.add("destination", address_text(question.destination));
  json.add("port", question.port);
  json.add("proto", question.protocol == Protocol::udp ? "udp" : "tcp");
  json.add("program", question.program);
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
    json.add("on_this_host", answer.on_this_host);
  }
  json.add("made", answer.made);
  json.add("outcome", answer.outcome);
  if (answer.attempt) {
    add_attempt(json, *answer.attempt);
  }
  json.end();
  fmt::print("{}\n", json.text());
}

int report_wrong(const Options& options, const std::string& name, const std::string& report,
                 const Rules* rules) {
  fmt::print(stderr, "{}", report);
  if (options.json) {
    Json json;
    json.object();
    json.add("source", name);
    json.add("right", false);
    if (rules != nullptr) {
      add_errors(json, *rules);
    }
    json.end();
    fmt::print("{}\n", json.text());
  } else {
    fmt::print(
        "outcome: with wrong rules every TCP connection outside loopback is refused with "
        "EADDRNOTAVAIL\n");
  }
  return exit_bad;
}

int finish(const Options& options, const Rules* rules, const Question& question, Answer answer) {
  if (options.connect && answer.made) {
    try_connection(question, answer);
  }
  options.json ? print_json(rules, question, answer) : print(rules, question, answer);
  return answer.made ? exit_good : exit_bad;
}

}  // namespace

int run_explain(const Options& options) {
  const auto question = read_question(options);
  if (!question) {
    return exit_usage;
  }
  Given given = given_by(options);
  if (given.none) {
    Answer answer;
    answer.outcome = "left alone: there are no rules";
    return finish(options, nullptr, *question, answer);
  }
  if (!given.trouble.empty()) {
    return report_wrong(options, given.name, trouble_report(given), nullptr);
  }
  const Rules rules(given.name, std::move(given.text));
  if (!rules.right()) {
    return report_wrong(options, given.name, error_report(rules), &rules);
  }
  return finish(options, &rules, *question, decide(rules, *question));
}

}  // namespace clusterbind::tool
