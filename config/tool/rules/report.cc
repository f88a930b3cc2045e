#include "config/tool/rules/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/diagnosis.h"
#include "config/keywords.h"
#include "config/tool/command/terminal.h"

namespace clusterbind::tool {
namespace {

// The blanks in front of a caret: a tab stays a tab, a UTF-8 character becomes one blank.
std::string blanks_for(std::string_view text) {
  std::string blanks;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      blanks += c == '\t' ? '\t' : ' ';
    }
  }
  return blanks;
}

// The erroneous line and its caret. Of a very long line only the part around the error is shown.
std::string excerpt(std::string_view text, const Error& error) {
  constexpr size_t most = 160;
  std::string_view line = line_of(text, error.line);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  size_t at = std::min<size_t>(error.column - 1, line.size());
  if (line.size() > most) {
    const size_t first = at > most / 2 ? at - most / 2 : 0;
    line = line.substr(first, most);
    at -= first;
  }
  const size_t length = std::clamp<size_t>(error.length, 1, std::max<size_t>(line.size() - at, 1));
  const std::string before = printable(line.substr(0, at));
  const std::string word = printable(line.substr(at, length));
  const std::string marks =
      "^" + std::string(std::max<size_t>(blanks_for(word).size(), 1) - 1, '~');
  return fmt::format("  {}{}{}\n  {}{}\n", before, word,
                     printable(line.substr(std::min(at + length, line.size()))), blanks_for(before),
                     paint(Colour::error, marks, true));
}

std::string destination_text(const Destination& destination) {
  if (destination.any) {
    return any_word;
  }
  const std::string address = address_text(destination.first);
  return destination.length == bits(destination.first.family)
             ? address
             : fmt::format("{}/{}", address, destination.length);
}

std::string port_text(const PortRange& range) {
  return range.low == range.high ? fmt::format("{}", range.low)
                                 : fmt::format("{}-{}", range.low, range.high);
}

template <typename Element, typename Write>
std::string list_text(std::span<const Element> list, size_t most, const Write& write) {
  std::string out;
  for (const Element& element : list.first(std::min(list.size(), most))) {
    append(out, write(element));
  }
  return list.size() > most ? out + fmt::format(", ... ({} in all)", list.size()) : out;
}

std::string program_text(std::string_view name) {
  return std::string(name);
}

/// The value of one clause of a rule; empty if it is the default. `to` is always shown.
std::string value_text(const RuleText& rules, uint32_t rule, Clause clause, size_t most) {
  const Rule& parts = rules.parsed().rules[rule];
  switch (clause) {
    case Clause::to:
      return rules.destinations(rule).empty()
                 ? any_word
                 : list_text(rules.destinations(rule), most, destination_text);
    case Clause::port:
      return ports_text(rules.ports(rule), most);
    case Clause::proto:
      return parts.protocol == ProtocolClause::tcp
                 ? std::string()
                 : std::string(word_of(protocol_words, parts.protocol));
    case Clause::program:
      return list_text(rules.programs(rule), most, program_text);
    case Clause::pick:
      return parts.picks_at_random ? std::string(word_of(pick_words, Pick::random)) : std::string();
    case Clause::otherwise:
      return parts.fallback == Fallback::refuse
                 ? std::string()
                 : std::string(word_of(fallback_words, parts.fallback));
    case Clause::override_program:  // it has no value
    case Clause::none:
      return {};
  }
  return {};
}

/// One clause of a rule as it would be written, preceded by a blank; or nothing.
std::string clause_text(const RuleText& rules, uint32_t rule, Clause clause, size_t most) {
  const std::string word = fmt::format(" {}", word_of(clause_words, clause));
  if (clause == Clause::override_program) {
    return rules.parsed().rules[rule].override_program ? word : std::string();
  }
  const std::string value = value_text(rules, rule, clause, most);
  return value.empty() ? value : word + ' ' + value;
}

}  // namespace

std::string address_text(const Address& address) {
  std::array<char, address_text_size> buffer;
  return std::string(write_address(address, buffer));
}

std::string endpoint_text(const Address& address, uint16_t port) {
  std::array<char, address_text_size> buffer;
  return std::string(write_endpoint(address, port, buffer));
}

std::string ports_text(std::span<const PortRange> ports, size_t most) {
  return list_text(ports, most, port_text);
}

std::string error_report(const RuleText& rules) {
  const std::string name = printable(rules.name());
  const std::string label = paint(Colour::error, "error:", true);
  std::string out;
  const Diagnosis diagnosis = diagnose(rules.text());
  for (const auto& [error, hint] : diagnosis.mistakes) {
    out += error.line == 0 ? fmt::format("{}: {} {}\n", name, label, error.message)
                           : fmt::format("{}:{}:{}: {} {}\n", name, error.line, error.column, label,
                                         error.message);
    if (error.line != 0) {
      out += excerpt(rules.text(), error);
    }
    out += fmt::format("hint: {}\n", printable(hint));
  }
  if (diagnosis.more != 0) {
    out += fmt::format("{}: {}\n", name, counted(diagnosis.more, "more error"));
  }
  return out;
}

void add_errors(Json& json, const RuleText& rules) {
  const Diagnosis diagnosis = diagnose(rules.text());
  json.add("error_count", diagnosis.mistakes.size() + diagnosis.more);
  json.array("errors");
  for (const auto& [error, hint] : diagnosis.mistakes) {
    json.object();
    json.add("line", error.line);
    json.add("column", error.column);
    json.add("length", error.length);
    json.add("message", error.message);
    json.add("hint", hint);
    json.end();
  }
  json.end();
}

void print_wrong_json(const Given& given, const RuleText* rules) {
  Json json;
  json.object();
  json.add("source", given.name);
  json.add("right", rules != nullptr && rules->right());
  if (!given.trouble.empty()) {
    json.add("trouble", given.trouble);
  }
  if (!given.refused.empty()) {
    json.add("refused", given.refused);
  }
  if (rules != nullptr) {
    add_errors(json, *rules);
  }
  json.end();
  fmt::print("{}\n", json.text());
}

std::string rule_text(const RuleText& rules, uint32_t rule, size_t most) {
  const Rule& parts = rules.parsed().rules[rule];
  std::string out(word_of(statement_words, parts.action));
  const char* separator = " ";
  for (const Address& source : rules.sources(rule)) {
    out += separator + address_text(source);
    separator = parts.list_count != 0 ? ", " : " ";
  }
  for (size_t clause = 0; clause < std::size(clause_words); ++clause) {
    out += clause_text(rules, rule, static_cast<Clause>(clause), most);
  }
  return out;
}

void add_rule(Json& json, const RuleText& rules, uint32_t rule) {
  const Rule& parts = rules.parsed().rules[rule];
  json.add("number", rule + 1);
  json.add("line", parts.line);
  json.add("text", rule_text(rules, rule, SIZE_MAX));
  json.add("action", word_of(statement_words, parts.action));
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    if (parts.action == Action::bind && serves(parts, family)) {
      json.add(family == Family::ipv4 ? "source_ipv4" : "source_ipv6",
               address_text(source_of(parts, family)));
    }
  }
  if (parts.list_count != 0) {
    json.array("sources");
    for (const Address& source : rules.sources(rule)) {
      json.item(address_text(source));
    }
    json.end();
    json.add("pick", word_of(pick_words, parts.picks_at_random));
  }
  json.add("proto", word_of(protocol_words, parts.protocol));
  if (parts.action == Action::bind) {
    json.add("override", parts.override_program);
    json.add("else", word_of(fallback_words, parts.fallback));
  }
}

std::string rule_place(const RuleText& rules, uint32_t rule) {
  const std::string place = rules.place(rule);
  const std::string name = printable(rules.name());
  return place.starts_with("line ") ? fmt::format("{}:{}", name, rules.parsed().rules[rule].line)
                                    : fmt::format("{} ({})", name, place);
}

}  // namespace clusterbind::tool
