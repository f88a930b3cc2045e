// Addresses and prefixes, as other people and other programs write them.
#include <algorithm>
#include <cstdlib>

#include "config/hints/kinds.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

/// What to write for a word, and why.
struct Better {
  std::string word;
  std::string reason;
  std::string port = {};
};
using Improved = std::optional<Better>;

std::string text_of(const Address& address) {
  std::array<char, address_text_size> buffer;
  return std::string(write_address(address, buffer));
}

/// The prefix of an address with its host bits cleared.
std::string prefix_text(const Address& address, unsigned length) {
  return text_of(first_address(address, length)) + "/" + std::to_string(length);
}

bool is_right(std::string_view word) {
  const PrefixWord prefix = read_prefix(word);
  return prefix.address && prefix.length >= 0 &&
         first_address(*prefix.address, static_cast<unsigned>(prefix.length)) == *prefix.address;
}

/// The length that a netmask, or an inverse one, stands for; -1 if it is none.
int mask_length(std::string_view word) {
  const auto mask = read_address(word);
  if (!mask || mask->family != Family::ipv4) return -1;
  const auto bits = static_cast<uint32_t>(mask->low);
  const uint32_t ones = (bits & 0x80000000) != 0 || bits == 0 ? bits : ~bits;
  const int length = std::countl_one(ones);
  return std::countr_zero(ones) >= 32 - length ? length : -1;
}

/// An IPv4 prefix from the numbers that are there.
std::string padded(std::string_view numbers, int length) {
  std::string text(numbers);
  while (text.ends_with('.')) text.pop_back();
  auto points = std::count(text.begin(), text.end(), '.');
  const int known = static_cast<int>(points + 1) * 8;
  for (; points < 3; ++points) text += ".0";
  const auto address = read_address(text);
  return address ? prefix_text(*address, static_cast<unsigned>(length < 0 ? known : length))
                 : std::string();
}

Improved without_marks(std::string_view word) {
  for (const std::string_view scheme :
       {"smtp://", "smtps://", "tcp://", "udp://", "lmtp://", "http://", "https://",
        "inet:", "inet6:", "tcp:", "smtp:", "ip:", "ipv4:", "ipv6:", "IPv6:"}) {
    if (word.starts_with(scheme)) {
      return Better{std::string(word.substr(scheme.size())), "without " + std::string(scheme)};
    }
  }
  return {};
}

Improved brackets_and_port(std::string_view word) {
  if (word.starts_with('[')) {
    const size_t close = word.find(']');
    std::string_view inner = word.substr(1, close == word.npos ? close : close - 1);
    std::string_view rest = close == word.npos ? std::string_view() : word.substr(close + 1);
    Better better = {std::string(inner), "without brackets"};
    if (rest.starts_with('/')) better.word += rest;
    if (rest.starts_with(':') || rest.starts_with('#')) better.port = rest.substr(1);
    return better;
  }
  const size_t mark = word.find_last_of(":#");
  if (mark == word.npos || read_ports(word.substr(mark + 1)).low < 0) return {};
  const std::string_view host = word.substr(0, mark);
  if (!read_prefix(host).address || host.find(':') != host.npos) return {};
  return Better{std::string(host), "without the port", std::string(word.substr(mark + 1))};
}

Improved with_mask(std::string_view word) {
  const Halves halves = split(word, '/');
  const auto address = read_address(halves.before);
  if (!halves.marked || !address) return {};
  if (address->family == Family::ipv4) {
    const int length = mask_length(halves.behind);
    if (length >= 0 && halves.behind.find('.') != std::string_view::npos) {
      return Better{prefix_text(*address, static_cast<unsigned>(length)), ""};
    }
    const PrefixWord prefix = read_prefix(word);
    if (is_mapped_spelling(halves.before) && is_number(halves.behind)) {
      const long bits = std::strtol(std::string(halves.behind).c_str(), nullptr, 10);
      if (prefix.length < 0 && bits <= 32) {
        return Better{prefix_text(*address, static_cast<unsigned>(bits)), ""};
      }
    }
  }
  std::string bits(halves.behind);
  while (bits.size() > 1 && (bits[0] == '0' || bits[0] == '+')) bits.erase(0, 1);
  if (bits != halves.behind) return Better{std::string(halves.before) + "/" + bits, ""};
  return {};
}

Improved short_prefix(std::string_view word) {
  const Halves halves = split(word, '/');
  if (halves.marked && halves.before.find(':') != std::string_view::npos &&
      halves.before.find("::") == std::string_view::npos) {
    std::string text(halves.before);
    while (text.ends_with(':')) text.pop_back();
    return Better{text + "::/" + std::string(halves.behind), ""};
  }
  if (halves.before.empty() || halves.before.find_first_not_of("0123456789.") != word.npos) {
    return {};
  }
  if (std::count(halves.before.begin(), halves.before.end(), '.') >= 3 &&
      !halves.before.ends_with('.')) {
    return {};
  }
  const bool has_length = halves.marked && is_number(halves.behind);
  if (halves.marked && !has_length) return {};
  if (!halves.marked && halves.before.find('.') == word.npos) return {};
  const long length =
      has_length ? std::strtol(std::string(halves.behind).c_str(), nullptr, 10) : -1;
  if (length > 32) return {};
  const std::string text = padded(halves.before, static_cast<int>(length));
  return text.empty() ? Improved() : Better{text, ""};
}

Improved pattern(std::string_view word) {
  const size_t star = word.find_first_of("*xX?");
  if (star == word.npos || star == 0 || word[star - 1] != '.') return {};
  if (word.find_first_not_of(".*xX?0/", star) != word.npos) return {};
  const std::string text = padded(word.substr(0, star - 1), -1);
  return text.empty() ? Improved() : Better{text, "no patterns"};
}

/// The prefixes that cover a range of addresses.
Improved range(std::string_view word) {
  const Halves halves = split(word, '-');
  const auto first = read_address(halves.before);
  if (!halves.marked || !first || first->family != Family::ipv4) return {};
  auto last = read_address(halves.behind);
  if (is_number(halves.behind)) {
    const std::string_view head = halves.before.substr(0, halves.before.rfind('.') + 1);
    last = read_address(std::string(head) + std::string(halves.behind));
  }
  if (!last || last->family != Family::ipv4 || last->low < first->low) return {};
  std::string list;
  unsigned count = 0;
  for (uint64_t at = first->low; at <= last->low; ++count) {
    unsigned free = at == 0 ? 32 : static_cast<unsigned>(std::countr_zero(at));
    free = std::min(free, 32U);
    while ((uint64_t{1} << free) > last->low - at + 1) --free;
    if (!list.empty()) list += ", ";
    list +=
        free == 0 ? text_of({0, at, Family::ipv4}) : prefix_text({0, at, Family::ipv4}, 32 - free);
    at += uint64_t{1} << free;
  }
  if (count > 8) return {};
  return Better{list, "no ranges of addresses"};
}

/// Digits that are letters, zeros in front, points twice.
Improved digits(std::string_view word) {
  std::string text;
  for (const char c : word) {
    const bool is_double = !text.empty() && c == '.' && text.back() == '.';
    if (!is_double) text += c == 'O' || c == 'o' ? '0' : c == 'l' || c == 'I' ? '1' : c;
  }
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    const bool at_start = i == 0 || text[i - 1] == '.';
    while (at_start && text[i] == '0' && i + 1 < text.size() && is_digit(text[i + 1])) {
      text.erase(i, 1);
    }
  }
  while (text.ends_with('.') || (text.ends_with(':') && !text.ends_with("::"))) text.pop_back();
  while (text.find(":::") != text.npos) text.erase(text.find(":::"), 1);
  if (text == word || !is_right(text)) return {};
  return Better{text, word.find_first_of("OolI") != word.npos ? "digits, not letters" : ""};
}

Improved improved(std::string_view word, bool is_source) {
  const std::string name = lower(word);
  if (!is_source) {
    for (const char* all : {"all", "*", "everything", "everywhere", "world", "internet", "0/0",
                            "anywhere", "any/0", "default", "any4", "any6", "inet", "outside"}) {
      if (name == all) return Better{std::string(any_word), ""};
    }
  }
  if (name == "localhost") return Better{"127.0.0.1", "names are not looked up"};
  if (auto better = without_marks(word)) return better;
  if (auto better = brackets_and_port(word)) return better;
  if (const size_t zone = word.find('%'); zone != word.npos) {
    const size_t slash = word.find('/', zone);
    return Better{std::string(word.substr(0, zone)) +
                      std::string(slash == word.npos ? std::string_view() : word.substr(slash)),
                  "without the zone"};
  }
  if (const size_t mark = word.find('\\'); mark != word.npos && !is_source) {
    return Better{std::string(word.substr(0, mark)) + "/" + std::string(word.substr(mark + 1)), ""};
  }
  if (auto better = digits(word)) return better;
  if (is_source) {
    if (const Halves halves = split(word, '/'); halves.marked && read_address(halves.before)) {
      return Better{std::string(halves.before), "without the prefix length"};
    }
    return {};
  }
  if (auto better = with_mask(word)) return better;
  if (auto better = pattern(word)) return better;
  if (auto better = range(word)) return better;
  return short_prefix(word);
}

bool is_interface(std::string_view word) {
  size_t letters = 0;
  while (letters < word.size() && word[letters] >= 'a' && word[letters] <= 'z') ++letters;
  const std::string_view name = word.substr(0, letters);
  if (word == "lo") return true;
  const bool has_number = letters < word.size() && is_digit(word[letters]);
  for (const std::string_view known :
       {"eth", "en",  "eno", "ens", "enp", "enx",   "wlan", "wlp", "bond", "br",  "vlan",
        "wg",  "tun", "tap", "lo",  "em",  "dummy", "veth", "ib",  "team", "ppp", "docker"}) {
    if (name == known && has_number) return true;
  }
  return false;
}

bool is_placeholder(std::string_view word) {
  const auto is_upper = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; };
  return word.size() > 1 && (std::all_of(word.begin(), word.end(), is_upper) || word == "x.x.x.x" ||
                             word == "A.B.C.D" || word == "a.b.c.d");
}

std::string advice_on(const Place& place, std::string_view word) {
  const bool is_source = place.hint != Hint::destination;
  const std::string quoted(word.substr(0, 40));
  if (is_source && (word == any_word || word == "*" || word == "all" || word == "auto")) {
    return "write the one address to send from";
  }
  if (is_placeholder(word)) return quoted + " stands for an address: write one, 192.0.2.25 say";
  if (is_interface(word)) {
    return "an interface is not an address: write its address (ip -br addr shows it)";
  }
  const bool is_numeric = word.find_first_not_of("0123456789./") == word.npos;
  if (is_numeric)
    return "an IPv4 address has four numbers, each 0 to 255, with points between them";
  const size_t twice = word.find("::");
  if (twice != word.npos && word.find("::", twice + 1) != word.npos) {
    return "write :: once only: 2001:db8::25";
  }
  const bool is_name = word.find(':') == word.npos && word.find_first_of("/%*?") == word.npos;
  if (!is_name) return {};
  return is_source ? "names are not looked up: write the address to send from"
                   : "names are not looked up: write the addresses (getent ahosts " + quoted +
                         " shows them)";
}

bool is_address_hint(Hint hint) {
  return hint == Hint::address || hint == Hint::destination || hint == Hint::prefix_length ||
         hint == Hint::host_bits;
}

}  // namespace

// `to not 10.0.0.0/8`, `to !10.0.0.0/8`, `to any except 10.0.0.0/8`.
Found negation(const Place& place) {
  const std::string_view word = place.wrong();
  const std::string name = lower(word);
  const bool is_word = name == "not" || name == "!" || name == "except" || name == "but" ||
                       name == "without" || name == "excluding";
  if (!is_word && !word.starts_with('!')) return {};
  const Clause clause = place.clause_of(place.index);
  const bool is_list = place.index > 0 && (clause == Clause::to || clause == Clause::port ||
                                           clause == Clause::program);
  if (!is_list) return {};
  if (!place.begins_with(Statement::bind)) {
    return say(
        "there is no negation: the first rule that matches decides, so write the exceptions above");
  }
  const size_t end = place.clause_end(place.index);
  const size_t first = is_word ? place.index + 1 : place.index;
  if (first >= end) return {};
  std::string elements(
      place.text.substr(place.word(first).at, place.word(end - 1).end() - place.word(first).at));
  std::erase(elements, '!');
  const std::string rule = "direct " + std::string(word_of(clause_words, clause)) + " " + elements;
  Repair repair = say("there is no `" + (is_word ? std::string(word) : "!") + "`: write `" + rule +
                      "` above this rule");
  repair.insert(place.word(0).at, rule + (place.begin == place.code.from ? "\n" : "; "));
  size_t from = place.index;
  while (from > 0 && !place.is_clause(from)) --from;
  remove_words(repair, place, from + 1 == place.index ? from : place.index, end);
  repair.may_move = true;
  return repair;
}

// `to 198.51.100.7:25`, `to [2001:db8::7]:25`: the port goes to its clause.
Found address_and_port(const Place& place) {
  if (place.hint != Hint::destination && place.hint != Hint::prefix_length) return {};
  Repair repair;
  std::string port;
  const size_t last = place.clause_end(place.index) - 1;
  for (size_t i = place.index; i <= last; ++i) {
    auto better = brackets_and_port(place.at_word(i));
    if (!better || better->port.empty()) continue;
    if (port.empty()) port = better->port;
    repair.replace(place.word(i), better->word);
  }
  if (port.empty()) return {};
  const bool has_port = place.find_clause(Clause::port) < place.words.size();
  if (has_port) {
    repair.behind = "without the port";
  } else if (!repair.edits.empty() && repair.edits.back().at == place.word(last).at) {
    repair.edits.back().text += " port " + port;
  } else {
    repair.insert(place.word(last).end(), " port " + port);
  }
  repair.show(place.word(place.index).at, place.word(last).end());
  return repair;
}

// `10.0.0.0 netmask 255.0.0.0`, `10.0.0.0 /8`, `10.0.0.0/ 8`.
Found split_prefix(const Place& place) {
  const size_t i = place.index;
  if (place.length == 0 || i == 0) return {};
  const bool is_cut = place.at_word(i).ends_with('/') && is_number(place.at_word(i + 1));
  if (is_cut) {
    Repair repair;
    repair.replace(Span{place.word(i).end(), place.word(i + 1).at}, "");
    return repair.show(place.word(i).at, place.word(i + 1).end());
  }
  const auto address = read_address(place.at_word(i - 1));
  if (!address || place.clause_of(i) != Clause::to) return {};
  const std::string name = lower(place.at_word(i));
  const bool has_word = name == "netmask" || name == "mask" || name == "/" || name == "prefix";
  std::string_view value = place.at_word(has_word ? i + 1 : i);
  if (value.starts_with('/')) value.remove_prefix(1);
  if (!has_word && !place.at_word(i).starts_with('/') && mask_length(value) < 8) return {};
  const int length = value.find('.') == value.npos && is_number(value)
                         ? std::atoi(std::string(value).c_str())
                         : mask_length(value);
  if (length < 0 || static_cast<unsigned>(length) > bits(address->family)) return {};
  Repair repair;
  repair.replace(Span{place.word(i - 1).at, place.word(has_word ? i + 1 : i).end()},
                 prefix_text(*address, static_cast<unsigned>(length)));
  return repair;
}

// `192,0,2,25`.
Found commas_for_points(const Place& place) {
  if (place.index + 6 >= place.words.size()) return {};
  std::string text;
  for (size_t i = place.index; i <= place.index + 6; ++i) {
    text += place.at_word(i) == "," ? "." : place.at_word(i);
  }
  if (!read_address(text)) return {};
  Repair repair = behind("with points");
  repair.replace(Span{place.word(place.index).at, place.word(place.index + 6).end()}, text);
  return repair;
}

Found address(const Place& place) {
  if (!is_address_hint(place.hint) || place.length == 0) return {};
  const bool is_source = place.hint == Hint::address;
  const Word word = place.word(place.index);
  std::string text(word.text);
  std::string reason;
  for (int step = 0; step < 4; ++step) {
    const auto better = improved(text, is_source);
    if (!better || better->word == text) break;
    text = better->word;
    if (reason.empty()) reason = better->reason;
    const PrefixWord prefix = read_prefix(text);
    if (prefix.address && prefix.length >= 0) break;
  }
  const PrefixWord prefix = read_prefix(text);
  if (!is_source && prefix.address && prefix.length >= 0 && !is_right(text)) {
    text = prefix_text(*prefix.address, static_cast<unsigned>(prefix.length));
  }
  if (text == word.text) return {};
  Repair repair = reason.starts_with("without") ? behind(reason) : before(reason);
  repair.replace(word, text);
  return repair;
}

Found not_an_address(const Place& place) {
  if (place.hint != Hint::address && place.hint != Hint::destination) return {};
  const std::string advice = advice_on(place, place.wrong());
  return advice.empty() ? Found() : say(advice);
}

}  // namespace clusterbind::hints
