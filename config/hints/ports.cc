// Ports, ranges of ports and names of programs, as other people and programs write them.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "config/hints/kinds.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

struct Service {
  std::string_view name;
  unsigned port;
};

// Services from IANA's list for which people configure mail programs and proxies.
constexpr Service services[] = {
    {"http", 80},    {"https", 443},       {"imap", 143}, {"imaps", 993},     {"pop3", 110},
    {"pop3s", 995},  {"ssh", 22},          {"dns", 53},   {"domain", 53},     {"ntp", 123},
    {"ldap", 389},   {"ldaps", 636},       {"ftp", 21},   {"telnet", 23},     {"sieve", 4190},
    {"ssmtp", 465},  {"mail", 25},         {"msa", 587},  {"smtp-relay", 25}, {"www", 80},
    {"mysql", 3306}, {"postgresql", 5432}, {"urd", 465},  {"iso-tsap", 102},  {"tsap", 102}};

std::string number_text(long number) {
  return std::to_string(number);
}

/// One port, or nothing.
std::string port_in(std::string_view word) {
  while (word.size() > 1 && (word[0] == '0' || word[0] == '+') && is_digit(word[1])) {
    word.remove_prefix(1);
  }
  const PortWord port = read_ports(word);
  return port.low > 0 && port.low == port.high ? std::string(word) : std::string();
}

std::string range_text(std::string_view low, std::string_view high) {
  const PortWord first = read_ports(port_in(low));
  const PortWord last = read_ports(port_in(high));
  if (first.low <= 0 || last.low <= 0) return {};
  if (first.low == last.low) return number_text(first.low);
  return number_text(std::min(first.low, last.low)) + "-" +
         number_text(std::max(first.low, last.low));
}

std::string improved(std::string_view word) {
  for (const Service& one : services) {
    if (lower(word) == one.name) return number_text(one.port);
  }
  for (const std::string_view end : {"/tcp", "/TCP", "."}) {
    if (word.ends_with(end)) return port_in(word.substr(0, word.size() - end.size()));
  }
  if (word.starts_with("tcp/") || word.starts_with("tcp:")) return port_in(word.substr(4));
  if (word.starts_with(">=")) return range_text(word.substr(2), "65535");
  if (word.starts_with('>') && is_number(word.substr(1))) {
    return range_text(number_text(std::atol(std::string(word.substr(1)).c_str()) + 1), "65535");
  }
  if (word.starts_with("<=")) return range_text("1", word.substr(2));
  if (word.starts_with('<') && is_number(word.substr(1))) {
    return range_text("1", number_text(std::atol(std::string(word.substr(1)).c_str()) - 1));
  }
  if (word.starts_with("0-")) return range_text("1", word.substr(2));
  if (word.ends_with('+')) return range_text(word.substr(0, word.size() - 1), "65535");
  for (const std::string_view mark : {"..", "-", ":", "~"}) {
    const size_t at = word.find(mark);
    if (at == word.npos) continue;
    std::string_view low = word.substr(0, at), high = word.substr(at + mark.size());
    while (high.starts_with('.')) high.remove_prefix(1);
    if (low.empty()) low = "1";
    if (high.empty() ||
        (is_number(high) && high.size() < 9 && std::atol(std::string(high).c_str()) > 65535)) {
      high = "65535";
    }
    return range_text(low, high);
  }
  return port_in(word);
}

}  // namespace

// `port > 1024`, `port ge 1024`.
Found comparison(const Place& place) {
  const size_t i = place.index;
  if (place.hint != Hint::port || place.length == 0 || !is_number(place.at_word(i + 1))) return {};
  std::string mark = lower(place.at_word(i));
  for (const auto& [word, meant] :
       {std::pair("gt", ">"), {"ge", ">="}, {"lt", "<"}, {"le", "<="}}) {
    if (mark == word) mark = meant;
  }
  if (mark != ">" && mark != ">=" && mark != "<" && mark != "<=") return {};
  const std::string text = improved(mark + std::string(place.at_word(i + 1)));
  if (text.empty()) return {};
  Repair repair;
  repair.replace(Span{place.word(i).at, place.word(i + 1).end()}, text);
  return repair;
}

// `1024 - 2000`, `1024 to 2000`.
Found split_range(const Place& place) {
  const size_t i = place.index;
  if (place.length == 0 || i < 1) return {};
  std::string_view high = place.at_word(i);
  size_t low = i - 1, last = i;
  const std::string name = lower(high);
  const bool is_mark = high == "-" || high == ".." || high == "..." || name == "until" ||
                       name == "through" || name == "thru" || high == ":" || high == "--";
  if (is_mark) {
    high = place.at_word(++last);
  } else if (high.starts_with('-')) {
    high.remove_prefix(1);
  } else if (place.at_word(i - 1) == word_of(clause_words, Clause::to) && i > 1) {
    low = i - 2;
  } else if (place.at_word(i).ends_with('-') && is_number(place.at_word(i + 1))) {
    low = i;
    high = place.at_word(++last);
  } else {
    return {};
  }
  std::string_view first = place.at_word(low);
  if (first.ends_with('-')) first.remove_suffix(1);
  const std::string text = range_text(first, high);
  if (text.empty()) return {};
  Repair repair = after("without blanks");
  repair.replace(Span{place.word(low).at, place.word(last).end()}, text);
  return repair;
}

Found port(const Place& place) {
  const bool is_port = place.hint == Hint::port || place.hint == Hint::range_of_numbers ||
                       place.hint == Hint::low_port_first;
  if (!is_port || place.length == 0) return {};
  const Word word = place.word(place.index);
  const std::string name = lower(word.text);
  if (name == "any" || name == "all" || name == "*" || name == "0-65535" || name == "every") {
    Repair repair = say("every port: leave out port");
    size_t from = place.index;
    while (from > 0 && !place.is_clause(from)) --from;
    remove_words(repair, place, from, place.clause_end(from));
    return repair;
  }
  if (is_number(word.text) &&
      (word.text.find_first_not_of('0') == word.text.npos || word.text.size() > 4) &&
      port_in(word.text).empty()) {
    return say("a port is a number from 1 to 65535");
  }
  const Word next = place.word(place.index + 1);
  if (name == "udp" && read_ports(next.text).low > 0) {  // `port udp 53`
    Repair repair;
    repair.replace(Span{word.at, next.at}, "").insert(place.words.back().end(), " proto udp");
    return repair;
  }
  if (word.text.ends_with("/udp")) {
    const std::string text = port_in(word.text.substr(0, word.text.size() - 4));
    if (text.empty()) return {};
    Repair repair;
    repair.replace(word, text).insert(place.words.back().end(), " proto udp");
    return repair;
  }
  const std::string text = improved(word.text);
  if (text.empty() || text == word.text) return {};
  const bool is_service = is_letter(word.text[0]) && is_number(text);
  Repair repair = is_service ? before("no such name here") : Repair();
  repair.replace(word, text);
  return repair;
}

// `/usr/sbin/exim4`, `exim*`, `sendmail -t`.
Found program(const Place& place) {
  const Word word = place.word(place.index);
  if (place.hint == Hint::element_or_clause || place.hint == Hint::commas) {
    const bool is_argument =
        word.text.starts_with('-') && place.length != 0 && place.index > 0 &&
        (place.clause_of(place.index) == Clause::program || place.begins_with(Statement::only));
    if (!is_argument) return {};
    Repair repair = say("a program's name alone: remove its arguments");
    size_t end = place.index;
    while (end < place.words.size() && !place.is_clause(end) && place.at_word(end) != ",") ++end;
    remove_words(repair, place, place.index, end);
    return repair;
  }
  if (place.hint != Hint::program_name || place.length == 0) return {};
  const size_t slash = word.text.rfind('/');
  if (slash != word.text.npos && is_name(word.text.substr(slash + 1))) {
    Repair repair = after("the file name alone");
    repair.replace(word, std::string(word.text.substr(slash + 1)));
    return repair;
  }
  if (word.text == "*" || word.text == "any") {
    Repair repair = say("every program: leave out program");
    const size_t from = place.index - 1;
    remove_words(repair, place, from, place.clause_end(from));
    return repair;
  }
  const size_t star = word.text.find_first_of("*?");
  if (star != word.text.npos) {
    const std::string_view head = word.text.substr(word.text.rfind('/') + 1);
    const std::string stem(head.substr(0, head.find_first_of("*?")));
    std::string name = stem;
    for (const std::string_view known : {"exim4", "postfix", "sendmail", "smtpd", "courier"}) {
      if (!stem.empty() && known.starts_with(stem)) name = known;
    }
    if (name.empty()) return {};
    Repair repair = say("no patterns: write each name, " + name + " say");
    repair.replace(word, name);
    return repair;
  }
  std::string kept(word.text);
  std::erase_if(kept, [](char c) { return !is_name(std::string_view(&c, 1)); });
  if (kept.empty() || std::any_of(word.text.begin(), word.text.end(),
                                  [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return {};
  }
  Repair repair;
  repair.replace(word, kept);
  return repair;
}

}  // namespace clusterbind::hints
