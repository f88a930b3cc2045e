// Rules of other programs, said in this language.
#include <algorithm>
#include <iterator>

#include "config/hints/kinds.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

/// The parts of a rule, as far as they were found.
struct Parts {
  std::string action = "bind";
  std::string source, destination, ports, protocol;

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

/// Takes the value behind the name of a part.
void take(Parts& parts, std::string_view name, std::string_view value) {
  while (name.starts_with('-')) name.remove_prefix(1);
  const std::string key = lower(name);
  const std::string text(value);
  if (is_one_of(key, {"to-source", "src", "saddr", "source", "from", "address", "addr", "ip",
                      "bind", "snat-to", "source_address", "source-address", "bind_address"})) {
    if (read_address(value)) parts.source = text;
  } else if (is_one_of(key, {"d", "dst", "destination", "daddr", "to", "dest"})) {
    if (read_prefix(value).address || value == "any") parts.destination = text;
  } else if (is_one_of(key, {"dport", "dports", "port", "ports", "destination-port"})) {
    std::string ports = text;
    std::replace(ports.begin(), ports.end(), ':', '-');
    if (read_ports(ports).low > 0) parts.ports = ports;
  } else if (is_one_of(key, {"p", "protocol", "proto"})) {
    parts.protocol = text;
  } else if (is_one_of(key, {"j", "jump"})) {
    if (is_one_of(value, {"ACCEPT", "RETURN"})) parts.action = "direct";
    if (is_one_of(value, {"DROP", "REJECT"})) parts.action = "refuse";
  }
}

Repair translated(const Place& place, const char* reason, const Parts& parts) {
  Repair repair = rewrite(place, reason, parts.rule());
  repair.may_move = true;
  return repair;
}

}  // namespace

// iptables(8), nft(8), ip-route(8), pf.conf(5).
Found packet_filter(const Place& place) {
  if (place.hint != Hint::statement || place.index != 0) return {};
  const std::string_view first = place.at_word(0);
  const bool known = is_one_of(first, {"iptables", "ip6tables", "nft", "ip", "pfctl", "-A", "-I",
                                       "-t", "nat", "add", "rule", "match", "ufw", "route"});
  const bool translates = std::any_of(place.words.begin(), place.words.end(), [](const Word& one) {
    return is_one_of(one.text, {"--to-source", "snat", "-j", "src", "nat-to", "SNAT"});
  });
  if (!known || !translates) return {};
  Parts parts;
  for (size_t i = 0; i + 1 < place.words.size(); ++i) {
    std::string_view name = place.at_word(i);
    const std::string_view value = place.at_word(i + 1);
    const bool is_source =
        is_one_of(name, {"snat", "nat-to"}) || (name == "to" && place.at_word(i - 1) == "snat");
    if (is_source) name = "src";
    if (first == "ip" && is_one_of(name, {"add", "replace"})) name = "to";
    take(parts, name, value);
  }
  if (parts.source.empty() && parts.action == "bind") return {};
  return translated(place, "not a rule of a packet filter", parts);
}

// `bind:` and indented lines of `name: value`.
Found yaml(const Place& place) {
  std::string_view first = place.at_word(0);
  if (first == "-") first = place.at_word(1);
  if (place.hint != Hint::statement || !first.ends_with(':') || place.words.back().text != first) {
    return {};
  }
  Parts parts;
  const std::string_view action = first.substr(0, first.size() - 1);
  if (Place::index_of_word(std::span(statement_words).first(3), action) >= 0) {
    parts.action = action;
  }
  Repair repair;
  bool has_line = false;
  for (Span line = next_line(place.text, place.line); line.from < place.text.size();
       line = next_line(place.text, line)) {
    const auto words = words_of(place.text, code_of(place.text, line));
    const bool is_indented = line.from < line.to && place.text[line.from] <= ' ';
    if (words.empty() || !is_indented) break;
    const size_t mark = words[0].text == "-" && words.size() > 1 ? 1 : 0;
    std::string_view name = words[mark].text;
    if (!name.ends_with(':')) break;
    name.remove_suffix(1);
    std::string value;
    for (size_t i = mark + 1; i < words.size(); ++i) {
      if (i > mark + 1 && words[i].text != ",") value += ' ';
      value += words[i].text;
    }
    take(parts, name, value);
    remove_line(repair, place.text, line);
    has_line = true;
  }
  if (!has_line || (parts.action == "bind" && parts.source.empty())) return {};
  Repair whole = translated(place, "not YAML", parts);
  whole.show(place.word(0).at, place.words.back().end());
  whole.edits.insert(whole.edits.end(), repair.edits.begin(), repair.edits.end());
  return whole;
}

}  // namespace clusterbind::hints
