#include "config/hints/general.h"

#include <algorithm>
#include <array>
#include <span>

#include "config/diagnosis.h"
#include "config/values.h"
#include "config/words.h"

namespace clusterbind {
namespace {

constexpr const char* lower_case = "words are written in lower case";

/// The word that an error is about; empty if the error is a missing word.
std::string_view word_of(const Error& error, std::string_view text) {
  return error.length == 0 ? std::string_view()
                           : line_of(text, error.line).substr(error.column - 1, error.length);
}

/// Whether a word would be one of `list` in lower case.
bool is_in_upper_case(std::span<const Keyword> list, std::string_view word) {
  std::string lower(word);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::any_of(list.begin(), list.end(),
                     [&](const Keyword& known) { return lower == known; });
}

std::string statement_hint(std::string_view word) {
  if (is_in_upper_case(statement_words, word)) return lower_case;
  return "a statement begins with bind, direct, refuse, only, log, ports or reload";
}

std::string clause_hint(std::string_view word) {
  if (is_in_upper_case(clause_words, word)) return lower_case;
  return "the clauses of a rule are to, port, proto, program, override, pick and else";
}

/// The hint for a word after a list that is not a clause: it may be one more element of the list,
/// or the rest of a range.
std::string element_hint(std::string_view word) {
  if (is_in_upper_case(clause_words, word)) return lower_case;
  return word.starts_with('-') ? "write a range without blanks: 25-26"
                               : "separate list elements by commas";
}

std::string address_hint(std::string_view word) {
  if (word.find('[') != word.npos) return "write the address without brackets";
  if (word.find('%') != word.npos) return "write the address without a scope";
  if (word.find('/') != word.npos) return "write one address, without a prefix length";
  if (word.find(':') == word.npos && word.find_first_not_of("0123456789.") != word.npos) {
    return "names are not looked up: write an address such as 192.0.2.25 or 2001:db8::25";
  }
  return "write it as inet_pton(3) reads it, without leading zeros: 192.0.2.25 or 2001:db8::25";
}

std::string length_hint(const PrefixWord& prefix) {
  const unsigned most = prefix.skipped + bits(prefix.address->family);
  return "write the number of bits, " + std::to_string(prefix.skipped) + " to " +
         std::to_string(most) + ", after the slash";
}

std::string host_bits_hint(const PrefixWord& prefix) {
  const auto length = static_cast<unsigned>(prefix.length);
  std::array<char, address_text_size> buffer;
  const Address first = first_address(*prefix.address, length);
  return "probably meant: " + std::string(write_address(first, buffer)) + '/' +
         std::to_string(length);
}

std::string family_hint(const PrefixWord& prefix) {
  return prefix.address->family == Family::ipv4 ? "add an IPv4 address to bind"
                                                : "add an IPv6 address to bind";
}

std::string low_port_first_hint(const PortWord& range) {
  return "write the low port first: " + std::to_string(range.high) + '-' +
         std::to_string(range.low);
}

}  // namespace

std::string general_hint(const Error& error, std::string_view text) {
  const std::string_view word = word_of(error, text);
  switch (error.hint) {
    case Hint::plain_text:
      return "a rule file is plain text: remove the byte";
    case Hint::prefixes_and_ranges:
      return "use prefixes and port ranges";
    case Hint::a_rule:
      return "write 'direct' if nothing is to be bound";
    case Hint::statement:
      return statement_hint(word);
    case Hint::beginning_of_rule:
      return "a rule begins with bind, direct or refuse";
    case Hint::above_all_others:
      return "move this line above all others";
    case Hint::once:
      return "write it once";
    case Hint::one_value:
      return "a setting has one value and no clauses";
    case Hint::log:
      return "write log off, error, info or debug";
    case Hint::ports:
      return "write ports kernel or ports spread";
    case Hint::reload:
      return "write reload on or reload off";
    case Hint::sources:
      return "write bind 192.0.2.25, bind 2001:db8::25 or both";
    case Hint::address:
      return address_hint(word);
    case Hint::address_to_send_from:
      return "write the address to send from";
    case Hint::global_address:
      return "write a global or unique local address";
    case Hint::source_of_each_family:
      return "write a comma between addresses to choose from: bind 192.0.2.25, 192.0.2.26";
    case Hint::commas_between_all:
      return "write a comma between all of them: bind 192.0.2.25, 192.0.2.26, 2001:db8::25";
    case Hint::fewer_sources:
      return "a rule may have 64 source addresses";
    case Hint::pick:
      return "write pick first or pick random";
    case Hint::fewer_combinations:
      return "all rules together may have 4194304: use ranges, prefixes or fewer elements";
    case Hint::clause:
      return clause_hint(word);
    case Hint::element_or_clause:
      return element_hint(word);
    case Hint::bind_rule:
      return "remove it, or make this a bind rule";
    case Hint::protocol:
      return "write proto tcp, udp or any";
    case Hint::fallback:
      return "write else refuse or else direct";
    case Hint::elements:
      return "list elements stand between commas";
    case Hint::commas:
      return "separate list elements by commas";
    case Hint::program_name:
      return "write the file name of the executable: letters, digits and . _ + -";
    case Hint::destination:
      return address_hint(split(word, '/').before);
    case Hint::prefix_length:
      return length_hint(read_prefix(word));
    case Hint::host_bits:
      return host_bits_hint(read_prefix(word));
    case Hint::family:
      return family_hint(read_prefix(word));
    case Hint::port:
      return "write a number from 1 to 65535, a range such as 25-26, or one of smtp, smtps, "
             "submissions, submission, lmtp, qmtp, x400";
    case Hint::range_of_numbers:
      return "write a range with numbers";
    case Hint::low_port_first:
      return low_port_first_hint(read_ports(word));
  }
  return {};
}

}  // namespace clusterbind
