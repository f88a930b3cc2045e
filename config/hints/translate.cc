// Rules of packet filters, said in this language: iptables(8), nft(8), ip-route(8), pf.conf(5).
#include <algorithm>
#include <initializer_list>
#include <memory>

#include "config/hints/kinds.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

/// The parts of a rule, as far as they were found.
struct Parts {
  std::string action, source, destination, ports, protocol;

  std::string rule() const {
    std::string text = action;
    if (action == "bind") text += " " + source;
    if (action == "bind" || !destination.empty() || !ports.empty()) {
      text += " to " + (destination.empty() ? "any" : destination);
    }
    if (!ports.empty()) text += " port " + ports;
    return protocol == "udp" ? text + " proto udp" : text;
  }
};

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// The values behind a word: one, or those of a list with commas or in braces.
std::vector<std::string> values_at(const Place& place, size_t i) {
  std::vector<std::string> values;
  bool in_braces = false;
  for (; i < place.words.size(); ++i) {
    std::string word(place.at_word(i));
    if (word == ",") continue;
    in_braces |= word.starts_with('{');
    const bool closes = word.ends_with('}');
    std::erase_if(word, [](char c) { return c == '{' || c == '}'; });
    if (!word.empty()) values.push_back(word);
    if (closes || (!in_braces && place.at_word(i + 1) != ",")) break;
  }
  return values;
}

std::string ports_of(const std::vector<std::string>& values) {
  std::string text;
  for (std::string value : values) {
    std::replace(value.begin(), value.end(), ':', '-');
    if (read_ports(value).low <= 0) return {};
    text += (text.empty() ? "" : ", ") + value;
  }
  return text;
}

std::string destinations_of(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    if (value != any_word && !read_prefix(value).address) return {};
    text += (text.empty() ? "" : ", ") + value;
  }
  return text;
}

void take_verdict(Parts& parts, const std::string& word) {
  if (!parts.action.empty()) return;
  if (is_one_of(word, {"accept", "return", "pass", "permit", "allow"})) parts.action = "direct";
  if (is_one_of(word, {"drop", "reject", "block", "deny"})) parts.action = "refuse";
}

void take(Parts& parts, const Place& place, size_t i) {
  std::string name(place.at_word(i));
  std::string_view next = place.at_word(i + 1);
  if (const Halves halves = split(place.at_word(i), '='); halves.marked) {
    name = halves.before;
    next = halves.behind;
  }
  const size_t colon = name.find(':');
  if (colon != name.npos && read_address(name.substr(0, colon)) &&
      read_ports(name.substr(colon + 1)).low > 0) {
    parts.destination = name.substr(0, colon);
    parts.ports = name.substr(colon + 1);
    return;
  }
  const bool is_option = name.starts_with('-') && name != "->";
  if (is_option) name.erase(0, name.find_first_not_of('-'));
  const std::string before_it = i == 0 ? std::string() : lower(place.at_word(i - 1));
  const bool is_source = is_one_of(name, {"to-source", "nat-to", "->", "src", "source",
                                          "smtp_bind_address", "smtp_bind_address6"}) ||
                         (is_one_of(name, {"snat", "to"}) &&
                          (name == "snat" || is_one_of(before_it, {"snat", "ip", "ip6"})));
  if (is_source && read_address(next.substr(0, next.find(":0")))) {
    parts.source = next;
    return;
  }
  if (is_one_of(name, {"d", "dst", "destination", "daddr", "to", "host"})) {
    const std::string found = destinations_of(values_at(place, i + 1));
    if (!found.empty()) parts.destination = found;
  } else if (is_one_of(name, {"dport", "dports", "port", "ports", "destination-port", "eq"})) {
    const std::string found = ports_of(values_at(place, i + 1));
    if (!found.empty()) parts.ports = found;
  } else if (is_one_of(name, {"p", "protocol", "proto"})) {
    parts.protocol = next;
  } else if (is_one_of(name, {"j", "jump"})) {
    take_verdict(parts, lower(next));
  } else if (is_digit(name[0]) && parts.ports.empty()) {
    parts.ports = ports_of({name.substr(0, name.find('/'))});  // ufw(8)
  } else if (is_one_of(name, {"all", any_word}) && parts.destination.empty()) {
    parts.destination = any_word;
  } else if (name == "udp") {
    parts.protocol = name;
  } else {
    take_verdict(parts, lower(name));
  }
}

bool is_right(const std::string& rule) {
  ParsedRules parsed;
  const auto errors = std::make_unique<Errors>();
  parse(rule, parsed, *errors);
  return errors->count == 0;
}

}  // namespace

Found packet_filter(const Place& place) {
  const bool is_first = place.index == 0 && (place.hint == Hint::statement || place.length != 0);
  if (!is_first || place.words.size() < 3) return {};
  if (Place::index_of_word(statement_words, place.at_word(0)) >= 0) return {};
  const bool known =
      std::any_of(place.words.begin(), place.words.end(),
                  [](const Word& one) {
                    return is_one_of(
                        one.text,
                        {"--to-source", "snat",  "-j",    "src",   "nat-to", "SNAT", "out",
                         "in",          "quick", "daddr", "dport", "saddr",  "-A",   "-I",
                         "--dport",     "inet",  "inet6", "->",    "eq",     "host", "unix"});
                  }) ||
      place.at_word(0) == "server";
  if (!known) return {};
  Parts parts;
  const bool is_route = place.at_word(0) == "ip" || place.at_word(0) == "route";
  for (size_t i = 0; i < place.words.size(); ++i) {
    if (is_route && is_one_of(place.at_word(i), {"add", "replace"})) {
      parts.destination = destinations_of(values_at(place, i + 1));
    }
    take(parts, place, i);
  }
  if (!parts.source.empty()) parts.action = "bind";
  if (parts.source.empty() && parts.destination.empty() && parts.ports.empty()) return {};
  if (parts.action.empty() || !is_right(parts.rule())) return {};
  Repair repair = rewrite(place, "a rule of another program", parts.rule());
  repair.may_move = true;
  return repair;
}

}  // namespace clusterbind::hints
