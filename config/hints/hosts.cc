// What stands in the place of an address and is none: interfaces, names, networks.
#include "config/hints/hosts.h"

#include <algorithm>

#include "config/hints/kinds.h"
#include "config/values.h"

namespace clusterbind::hints {
namespace {

bool is_placeholder(std::string_view word) {
  const auto is_upper = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; };
  return word.size() > 1 && (std::all_of(word.begin(), word.end(), is_upper) || word == "x.x.x.x" ||
                             word == "A.B.C.D" || word == "a.b.c.d");
}

std::string advice_on(const Place& place, std::string_view word) {
  const bool is_source = place.hint != Hint::destination;
  const std::string quoted(word.substr(0, 40));
  if (is_source && word.starts_with('*')) word = word.substr(0, word.find(':'));
  if (is_source && (word == any_word || word == "*" || word == "all" || word == "auto" ||
                    word == "0" || word == "default" || word.starts_with(":::"))) {
    return "write the one address to send from";
  }
  if (is_placeholder(word)) return quoted + " stands for an address: write one, 192.0.2.25 say";
  if (!is_source && is_local_networks(word)) return std::string(name_local_networks);
  if (is_interface(word)) {
    return "an interface is not an address: write its address (ip -br addr shows it)";
  }
  if (is_source && read_prefix(word).address && word.find('/') != word.npos) {
    return "a network is not an address: write the one address to send from";
  }
  const bool is_numeric = word.find_first_not_of("0123456789./") == word.npos;
  if (is_numeric) return "an IPv4 address has four numbers, each 0 to 255, with dots between them";
  const size_t twice = word.find("::");
  if (twice != word.npos && word.find("::", twice + 1) != word.npos) {
    return "write :: once only: 2001:db8::25";
  }
  const auto colons = std::count(word.begin(), word.end(), ':');
  if (colons > 7 && word.find_first_not_of("0123456789abcdefABCDEF:./") == word.npos) {
    return "an IPv6 address has eight groups of digits, or fewer and :: once";
  }
  if (read_address(word.substr(0, word.find('-')))) {
    return "no ranges of addresses: write prefixes, or each address";
  }
  if (!is_source && (word.find('@') != word.npos || word.starts_with('.'))) {
    return "mail domains are not looked up: write the addresses of its mail servers";
  }
  const bool is_name = word.find(':') == word.npos && word.find_first_of("/%*?") == word.npos;
  if (!is_name) return {};
  return is_source ? "names are not looked up: write the address to send from"
                   : "names are not looked up: write the addresses (getent ahosts " + quoted +
                         " shows them)";
}

}  // namespace

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

bool is_local_networks(std::string_view word) {
  return is_one_of(lower(word), {"local", "localnet", "localnets", "lan", "inside", "internal",
                                 "intranet", "mynetworks", "self", "link"});
}

Found not_an_address(const Place& place) {
  if (place.hint != Hint::address && place.hint != Hint::destination) return {};
  const std::string advice = advice_on(place, place.wrong());
  return advice.empty() ? Found() : say(advice);
}

}  // namespace clusterbind::hints
