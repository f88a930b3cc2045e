// Rules of other programs, said in this language: iptables(8), nft(8), firewall-cmd(1),
// ip-route(8), pf.conf(5), and blocks of lines such as those of ssh_config(5), HAProxy and nginx.
#include <algorithm>

#include "config/hints/hosts.h"
#include "config/hints/kinds.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

using Tokens = std::vector<std::string>;

bool is_digit_or_colon(std::string_view word) {
  return !word.empty() && (is_digit(word[0]) || word.find(':') != word.npos);
}

/// The words of a part of a text: `address="192.0.2.25";` are two, `!10.0.0.0/8` and `{25}` too.
Tokens tokens_of(std::string_view text, Span part) {
  Tokens tokens;
  for (Span line = line_around(text, part.from); line.from < part.to;
       line = next_line(text, line)) {
    const Span code = code_of(text, line);
    for (const Word& word : words_of(text, {std::max(code.from, part.from), code.to})) {
      std::string token;
      const auto flush = [&] {
        // XML; <inside> is a table of pf.conf(5).
        if (token.ends_with("/>")) token.resize(token.size() - 2);
        if (token.starts_with('<') && !token.ends_with('>')) token.erase(0, 1);
        if (token.ends_with('>') && !token.starts_with('<') && token != "->") token.pop_back();
        if (!token.empty()) tokens.push_back(std::move(token));
        token.clear();
      };
      for (const char c : word.text) {
        if (c == '"' || c == '\'' || c == '(' || c == ')') continue;
        if (c == '=' && token != "!") {
          flush();
        } else if (c == '{' || c == '}' || (c == '!' && word.text != "!=")) {
          flush();
          tokens.emplace_back(1, c);
        } else {
          token += c;
        }
      }
      flush();
    }
  }
  return tokens;
}

/// The parts of a rule, as far as they were found; as they were written, so that the next mistake
/// in them is told.
struct Parts {
  std::string action, source, destination, ports;
  std::string any;  // what any destination means in it: those of one family, or loopback
  bool has_tcp = false, has_udp = false;
  bool but_destination = false, but_ports = false;  // it is for all others
  bool by_source = false;                           // it matches a source address
  bool is_incoming = false;                         // it is for connections of others
  std::string lost;                                 // what no rule can say

  std::string rule(bool is_for_others) const {
    std::string text = is_for_others ? "direct" : action;
    std::string to = destination;
    if (but_destination && !is_for_others) to.clear();
    if (action == "bind" && !is_for_others) {
      text += " " + source;
    } else if (!any.empty() && (to.empty() || to == any_word)) {
      to = any;
    }
    if (action == "bind" || !to.empty() || !ports.empty()) {
      text += " to " + (to.empty() ? std::string(any_word) : to);
    }
    if (!ports.empty() && (is_for_others || !but_ports)) text += " port " + ports;
    return has_udp ? text + (has_tcp ? " proto any" : " proto udp") : text;
  }
  std::string rules() const {
    return but_destination || but_ports ? rule(true) + "\n" + rule(false) : rule(false);
  }
};

/// Reads the words of one rule.
class Translator {
 public:
  explicit Translator(Tokens tokens) : tokens_(std::move(tokens)) {
    for (size_t i = 0; i < tokens_.size(); ++i) take(i);
    if (!parts.source.empty() && !(parts.by_source && !parts.action.empty())) {
      parts.action = "bind";
      parts.by_source = false;
    }
  }

  Parts parts;

 private:
  std::string_view token(size_t i) const {
    return i < tokens_.size() ? std::string_view(tokens_[i]) : std::string_view();
  }

  /// The values after a word: one, or those of a list with commas or in braces.
  std::string values(size_t i, bool& is_negated) const {
    if (is_one_of(token(i), {"!", "!=", "not"})) {
      is_negated = true;
      ++i;
    }
    const bool in_braces = token(i) == "{";
    std::string text;
    for (i += in_braces ? 1 : 0; i < tokens_.size() && token(i) != "}"; ++i) {
      if (token(i) == ",") continue;
      text += (text.empty() ? "" : ", ") + tokens_[i];
      // `Host 198.51.100.7 198.51.100.8`
      const std::string_view next = token(i + 1);
      const bool goes_on = is_digit_or_colon(next) && next.find('.') != next.npos;
      if (!in_braces && next != "," && !goes_on) break;
    }
    return text;
  }

  void take_destination(size_t i) {
    parts.but_destination |= i > 1 && token(i - 2) == "!";  // iptables: ! -d ADDRESS
    std::string found = values(i, parts.but_destination);
    if (is_one_of(found, {"port", "ports"}) || found.starts_with('-')) return;
    // `server mx1 198.51.100.7:25`, `proxy_pass 198.51.100.7:25`
    const size_t colon = found.rfind(':');
    const bool has_port = colon != found.npos && found.find(':') == colon &&
                          read_ports(found.substr(colon + 1)).low > 0;
    if (has_port) {
      parts.ports = found.substr(colon + 1);
      found.erase(colon);
    }
    parts.destination = found;
  }

  void take_verdict(std::string_view word) {
    if (!parts.action.empty()) return;
    if (is_one_of(word, {"accept", "return", "pass", "permit", "allow", "skip"})) {
      parts.action = "direct";
    }
    if (is_one_of(word, {"drop", "reject", "block", "deny"})) parts.action = "refuse";
    if (word == "masquerade") parts.source = "ADDRESS";
  }

  void take(size_t i) {
    std::string name = lower(token(i));
    if (name.starts_with('-') && name != "->") name.erase(0, name.find_first_not_of('-'));
    if (name.empty()) return;
    std::string_view next = token(i + 1);
    while (is_one_of(next, {"address", "port", "ip", "name"}) && name != "to")
      next = token(++i + 1);
    const std::string before_it = i == 0 ? std::string() : lower(token(i - 1));
    const bool is_translation =
        is_one_of(name, {"to-source", "nat-to", "->"}) ||
        (is_one_of(name, {"snat", "to"}) &&
         (name == "snat" || before_it == "snat" || (i > 1 && token(i - 2) == "snat")));
    const bool is_source = is_translation || name.find("bind") != name.npos ||
                           is_one_of(name, {"src", "source", "prefsrc", "preferredsource"});
    if (is_source && is_digit_or_colon(next)) {
      const size_t colon = next.find(':');
      const bool is_ipv4 = next.find('.') < colon;
      parts.source += (parts.source.empty() ? "" : ", ") +
                      std::string(next.substr(0, is_ipv4 ? colon : next.npos));
      parts.by_source = is_one_of(name, {"source", "src"});
    } else if (is_one_of(name, {"d", "dst", "destination", "daddr", "to", "host", "originalhost",
                                "proxy_pass"})) {
      take_destination(i + 1);
    } else if (name == "server" && next.find(':') == next.npos && is_digit_or_colon(token(i + 2))) {
      take_destination(i + 2);
    } else if (is_one_of(name, {"dport", "dports", "port", "ports", "destination-port", "service",
                                "eq"})) {
      parts.but_ports |= before_it == "!";
      parts.ports = values(i + 1, parts.but_ports);
      if (is_one_of(parts.ports, {">", "<", ">=", "<="})) parts.ports += token(i + 2);
    } else if (is_one_of(name, {"j", "jump"})) {
      take_verdict(lower(next));
    } else if (is_one_of(name, {"on", "o", "oif", "oifname"}) && next.starts_with("lo") &&
               is_interface(next == "lo0" ? "lo" : next)) {
      parts.any = "127.0.0.0/8, ::1";
    } else if (is_one_of(name, {"uid-owner", "gid-owner", "skuid", "skgid", "user", "group",
                                "match-set", "mark", "exec", "sport", "sports"})) {
      parts.lost = name;
    } else if (is_one_of(name, {"input", "prerouting", "forward", "rdr-to", "rdr"}) ||
               (name == "in" && i == 1)) {  // pass in
      parts.is_incoming = true;
    } else if (is_one_of(name, {"inet", "inet6", "ipv4", "ipv6"})) {
      const bool is_table = is_one_of(before_it, {"rule", "table", "add-rule"});
      if (!is_table && parts.any.empty()) parts.any = name.ends_with('6') ? "::/0" : "0.0.0.0/0";
    } else if (is_digit(name[0]) && parts.ports.empty()) {
      const std::string port = name.substr(0, name.find('/'));  // ufw(8)
      const bool is_other = before_it == "," || before_it == "listen";
      if (!is_other && read_ports(port).low > 0) parts.ports = port;
    } else if (is_one_of(name, {"all", any_word}) && parts.destination.empty()) {
      parts.destination = any_word;
    } else {
      parts.has_tcp |= name == "tcp";
      parts.has_udp |= name == "udp";
      take_verdict(name);
    }
  }

  Tokens tokens_;
};

/// Behind the last line of the block that a line begins: to its brace, or the lines that are
/// indented below it; after the statement where there is none.
size_t block_end(const Place& place) {
  const std::string_view text = place.text;
  const size_t open = text.substr(0, place.code.to).rfind('{');
  size_t end = place.end;
  if (open != text.npos && open >= place.begin) {
    size_t depth = 0;
    for (size_t at = open; at < text.size(); ++at) {
      depth += text[at] == '{' ? 1 : 0;
      depth -= text[at] == '}' ? 1 : 0;
      if (depth == 0) return std::max(at + 1, place.end);
    }
    return end;
  }
  const size_t indent = place.words[0].at - place.line.from;
  const auto is_host = [](const Word& one) {
    return is_one_of(lower(one.text), {"host", "match"});
  };
  for (Span line = next_line(text, place.line); line.from < text.size();
       line = next_line(text, line)) {
    const Span code = code_of(text, line);
    const auto words = words_of(text, code);
    const bool is_deeper = !words.empty() && words[0].at - line.from > indent;
    if (words.empty() || (!is_deeper && (!is_host(place.words[0]) || is_host(words[0])))) break;
    if (index_of_word(statement_words, words[0].text) >= 0) break;
    end = code.to;
  }
  return end;
}

bool is_of_other_program(const Place& place) {
  if (is_one_of(lower(place.at_word(0)), {"server", "host", "match", "backend", "stream"})) {
    return true;
  }
  for (size_t i = 0; i < place.words.size(); ++i) {
    const std::string_view word = place.at_word(i);
    const bool is_known =
        is_one_of(word, {"--to-source", "snat", "-j",      "src",    "nat-to",    "SNAT",
                         "out",         "in",   "quick",   "daddr",  "dport",     "saddr",
                         "-A",          "-I",   "--dport", "inet",   "inet6",     "->",
                         "eq",          "host", "unix",    "family", "masquerade"}) ||
        word.starts_with("family=");
    if (is_known || (word == "on" && is_interface(place.at_word(i + 1)))) return true;
  }
  return false;
}

}  // namespace

Found packet_filter(const Place& place) {
  const bool is_first = place.index == 0 && (place.hint == Hint::statement || place.length != 0);
  if (!is_first || place.words.empty() || place.begin != place.code.from) return {};
  if (index_of_word(statement_words, place.at_word(0)) >= 0) return {};
  if (!is_of_other_program(place) || is_one_of(place.at_word(0), {"table", "chain"})) return {};
  const size_t end = block_end(place);
  if (end == place.end && place.words.size() < 3) return {};
  const Tokens tokens = tokens_of(place.text, {place.words[0].at, end});
  Parts parts = Translator(tokens).parts;
  if (is_one_of(tokens[0], {"ip", "route"})) {  // ip route add PREFIX
    for (size_t i = 0; i + 1 < tokens.size(); ++i) {
      if (is_one_of(tokens[i], {"add", "replace"})) parts.destination = tokens[i + 1];
    }
  }
  Repair repair = before("a rule of another program");
  repair.is_foreign = true;
  if (parts.is_incoming && parts.source.empty()) {
    repair = say("for incoming connections: a rule file has none, remove this");
    remove_statement(repair, place);
    repair.is_foreign = true;
    return repair;
  }
  if (parts.action.empty()) return {};
  if (parts.by_source || !parts.lost.empty()) {
    const bool by_user = parts.lost.ends_with("owner") || is_one_of(parts.lost, {"skuid", "user"});
    repair =
        parts.by_source ? say("a rule goes by the destination, not by the source: write `" +
                              parts.action + " to 198.51.100.0/24`, for example")
        : by_user
            ? say("a rule goes by the program, not by its user: write `" + parts.rule(false) +
                  " program smtp`, for example")
            : say("no rule goes by " + parts.lost + ": without it write `" + parts.rules() + "`");
    repair.stand_in = {{place.words[0].at, end - place.words[0].at, "direct"}};
    return repair;
  }
  if ((parts.source + parts.destination + parts.ports + parts.any).empty()) return {};
  repair.replace(Span{place.words[0].at, end}, parts.rules());
  repair.may_move = true;
  repair.whole_statement = true;
  return repair;
}

}  // namespace clusterbind::hints
