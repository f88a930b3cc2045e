// Addresses and prefixes, as other people and other programs write them.
#include <algorithm>
#include <cstdlib>
#include <utility>

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
  if (mark == word.npos) return {};
  const std::string_view host = word.substr(0, mark), behind_mark = word.substr(mark + 1);
  const bool is_port = read_ports(behind_mark).low > 0 || is_number(behind_mark) ||
                       behind_mark.empty() || behind_mark == "*" || behind_mark == any_word;
  if (!is_port) return {};
  const bool is_any = host.empty() || host == any_word || host == "*";
  if (is_any) return Better{std::string(any_word), "without the port", std::string(behind_mark)};
  const bool is_ipv6 = host.find(':') != host.npos && host.find('.') == host.npos;
  if (!read_prefix(host).address || is_ipv6) return {};
  return Better{std::string(host), "without the port", std::string(word.substr(mark + 1))};
}

Improved with_mask(std::string_view word) {
  const Halves halves = split(word, '/');
  const auto address = read_address(halves.before);
  if (!halves.marked || !address) return {};
  if (address->family == Family::ipv4) {
    const int length = mask_length(halves.after);
    if (length >= 0 && halves.after.find('.') != std::string_view::npos) {
      return Better{prefix_text(*address, static_cast<unsigned>(length)), ""};
    }
    const PrefixWord prefix = read_prefix(word);
    if (is_mapped_spelling(halves.before) && is_number(halves.after)) {
      const long bits = std::strtol(std::string(halves.after).c_str(), nullptr, 10);
      if (prefix.length < 0 && bits <= 32) {
        return Better{prefix_text(*address, static_cast<unsigned>(bits)), ""};
      }
    }
  }
  std::string bits(halves.after);
  while (bits.size() > 1 && (bits[0] == '0' || bits[0] == '+')) bits.erase(0, 1);
  if (bits != halves.after) return Better{std::string(halves.before) + "/" + bits, ""};
  return {};
}

Improved short_prefix(std::string_view word) {
  const Halves halves = split(word, '/');
  if (halves.marked && halves.before.find(':') != std::string_view::npos &&
      halves.before.find("::") == std::string_view::npos) {
    std::string text(halves.before);
    while (text.ends_with(':')) text.pop_back();
    return Better{text + "::/" + std::string(halves.after), ""};
  }
  if (halves.before.empty() || halves.before.find_first_not_of("0123456789.") != word.npos) {
    return {};
  }
  if (std::count(halves.before.begin(), halves.before.end(), '.') >= 3 &&
      !halves.before.ends_with('.')) {
    return {};
  }
  const bool has_length = halves.marked && is_number(halves.after);
  if (halves.marked && !has_length) return {};
  if (!halves.marked && halves.before.find('.') == word.npos) return {};
  const long length = has_length ? std::strtol(std::string(halves.after).c_str(), nullptr, 10) : -1;
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

/// The IPv4 addresses from the first to the last; nothing where they are none.
std::optional<std::pair<uint64_t, uint64_t>> ends_of_range(std::string_view low,
                                                           std::string_view high) {
  const auto first = read_address(low);
  if (!first || first->family != Family::ipv4) return {};
  auto last = read_address(high);
  if (is_number(high)) {
    last = read_address(std::string(low.substr(0, low.rfind('.') + 1)) + std::string(high));
  }
  if (!last || last->family != Family::ipv4 || last->low < first->low) return {};
  return std::pair(first->low, last->low);
}

/// The prefixes that cover a range of addresses, or for sources each address; empty where they are
/// too many.
std::string covering(std::string_view low, std::string_view high, bool is_source) {
  constexpr unsigned most = 8;
  const auto ends = ends_of_range(low, high);
  if (!ends) return {};
  std::string list;
  unsigned count = 0;
  for (uint64_t at = ends->first; at <= ends->second; ++count) {
    if (count == most) return {};
    unsigned free = is_source ? 0 : at == 0 ? 32 : static_cast<unsigned>(std::countr_zero(at));
    free = std::min(free, 32U);
    while ((uint64_t{1} << free) > ends->second - at + 1) --free;
    if (!list.empty()) list += ", ";
    list +=
        free == 0 ? text_of({0, at, Family::ipv4}) : prefix_text({0, at, Family::ipv4}, 32 - free);
    at += uint64_t{1} << free;
  }
  return list;
}

Improved range(std::string_view word, bool is_source) {
  const Halves halves = split(word, '-');
  const std::string list =
      halves.marked ? covering(halves.before, halves.after, is_source) : std::string();
  return list.empty() ? Improved() : Better{list, "no ranges of addresses"};
}

/// Digits that are letters, zeros in front, points twice.
Improved digits(std::string_view word) {
  // `:::25` is port 25 of every address.
  if (word.starts_with(":::")) return {};
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
  if (!is_source && (name == "private" || name == "rfc1918")) {
    return Better{"10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16", ""};
  }
  if (!is_source && (name == "loopback" || name == "lo" || name == "lo0")) {
    return Better{"127.0.0.0/8", ""};
  }
  if (name == "localhost") return Better{"127.0.0.1", "names are not looked up"};
  if (auto better = without_marks(word)) return better;
  if (auto better = brackets_and_port(word); better && (!is_source || better->word != any_word)) {
    return better;
  }
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
    if (auto better = range(word, true)) return better;
    const Halves halves = split(word, '/');
    const bool is_network =
        is_right(word) &&
        read_prefix(word).length != static_cast<int>(bits(read_prefix(word).address->family));
    if (halves.marked && read_address(halves.before) && !is_network) {
      return Better{std::string(halves.before), "without the prefix length"};
    }
    return {};
  }
  if (auto better = with_mask(word)) return better;
  if (auto better = pattern(word)) return better;
  if (auto better = range(word, false)) return better;
  return short_prefix(word);
}

bool is_address_hint(Hint hint) {
  return hint == Hint::address || hint == Hint::destination || hint == Hint::prefix_length ||
         hint == Hint::host_bits;
}

}  // namespace

// `to 198.51.100.7:25`, `to [2001:db8::7]:25`: the port goes to its clause.
Found address_and_port(const Place& place) {
  if (place.hint != Hint::destination && place.hint != Hint::prefix_length) return {};
  Repair repair;
  std::string port;
  const size_t last = place.clause_end(place.index) - 1;
  for (size_t i = place.index; i <= last; ++i) {
    const auto plain = without_marks(place.at_word(i));
    auto better = brackets_and_port(plain ? plain->word : place.at_word(i));
    if (!better || better->port.empty()) continue;
    if (read_ports(better->port).low > 0) port = better->port;
    repair.replace(place.word(i), better->word);
  }
  if (repair.edits.empty()) return {};
  const bool has_port = place.find_clause(Clause::port) < place.words.size();
  if (has_port || port.empty()) {
    repair.after = "without the port";
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

// `10.0.0.0 - 10.0.0.255`, `10.0.0.0 to 10.0.0.255`, `bind 192.0.2.25 - 192.0.2.28`.
Found split_address_range(const Place& place) {
  size_t mark = place.index;
  if (place.length == 0 || mark < 1) return {};
  std::string_view low = place.at_word(mark - 1), high = place.at_word(mark + 1);
  size_t first = mark - 1, last = mark + 1;
  std::string name = lower(place.at_word(mark));
  if (low.ends_with('-')) {  // `10.0.0.0- 10.0.0.255`
    low.remove_suffix(1);
    high = place.at_word(mark);
    last = mark;
    name = "-";
  } else if (place.at_word(mark).ends_with('-') && place.at_word(mark).size() > 1) {
    low = place.at_word(mark);
    low.remove_suffix(1);
    first = mark;
    name = "-";
  } else if (name.size() > 1 && name.starts_with('-')) {
    high = place.at_word(mark).substr(1);
    last = mark;
    name = "-";
  }
  const bool is_mark = name == "-" || name == "--" || name == ".." || name == "..." ||
                       name == "until" || name == "through" || name == "thru" || name == "to";
  const bool is_source = place.begins_with(Statement::bind) && first < place.clause_end(0) &&
                         place.clause_of(first) == Clause::none;
  if (!is_mark || (place.clause_of(first) != Clause::to && !is_source)) return {};
  // `to A to B` may also be two destinations.
  if (name == "to" && (is_source || (!high.ends_with(".255") && !high.ends_with(".254")))) {
    return {};
  }
  const std::string list = covering(low, high, is_source);
  if (list.empty()) return {};
  Repair repair = before("no ranges of addresses");
  repair.replace(Span{place.word(first).at, place.word(last).end()}, list);
  repair.may_move = true;
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
  Repair repair = after("with dots");
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
  Repair repair = reason.starts_with("without") ? after(reason) : before(reason);
  repair.replace(word, text);
  return repair;
}

}  // namespace clusterbind::hints
