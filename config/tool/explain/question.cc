#include "config/tool/explain/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "config/rule_text.h"
#include "config/tool/command/terminal.h"

namespace clusterbind::tool {
namespace {

/// Reads a port as rules have it, by the rules' own parser, which knows the names.
std::optional<uint16_t> read_port(const std::string& text) {
  const bool is_one_word = !text.empty() && text.find_first_of(" \t\n;,#-") == text.npos;
  if (!is_one_word) {
    return std::nullopt;
  }
  const RuleText rules("", "direct port " + text);
  return rules.right() ? std::optional(rules.parsed().ports[0].low) : std::nullopt;
}

/// If the word may be the name of a host: how to find its addresses.
std::string lookup_of(std::string_view word) {
  const bool is_name =
      std::all_of(word.begin(), word.end(),
                  [](unsigned char c) { return isalnum(c) != 0 || c == '.' || c == '-'; }) &&
      std::any_of(word.begin(), word.end(), [](unsigned char c) { return isalpha(c) != 0; });
  return is_name
             ? fmt::format(": names are not looked up: getent ahosts {} shows its addresses", word)
             : "";
}

std::optional<Protocol> read_protocol(std::string_view text) {
  if (text == "tcp") {
    return Protocol::tcp;
  }
  return text == "udp" ? std::optional(Protocol::udp) : std::nullopt;
}

struct Endpoint {
  std::string address;
  std::string port;
};

/// Reads DEST and PORT, or one word in the form of log lines: 192.0.2.7:25, [2001:db8::7]:25.
std::optional<Endpoint> read_endpoint(const std::vector<std::string>& operands) {
  if (operands.size() == 2) {
    return Endpoint{operands[0], operands[1]};
  }
  if (operands.size() != 1) {
    const std::string surplus = operands.empty()
                                    ? std::string()
                                    : fmt::format("one word too many: '{}': ", operands.back());
    complain(surplus + "explain takes DEST and PORT, or DEST:PORT");
    return std::nullopt;
  }
  const std::string& word = operands[0];
  const size_t colon = word.rfind(':');
  if (read_address(word)) {
    complain(fmt::format("explain takes DEST and PORT: {} is an address alone: write {}:PORT", word,
                         word.find(':') == word.npos ? word : '[' + word + ']'));
    return std::nullopt;
  }
  if (colon == word.npos) {
    complain(
        fmt::format("explain takes DEST and PORT, or DEST:PORT: {} is neither", printable(word)));
    return std::nullopt;
  }
  std::string address = word.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.find(':') != address.npos) {
    complain(fmt::format("not DEST:PORT: {}: an IPv6 address needs brackets: [{}]:{}",
                         printable(word), printable(address), printable(word.substr(colon + 1))));
    return std::nullopt;
  }
  return Endpoint{address, word.substr(colon + 1)};
}

}  // namespace

std::optional<Question> read_question(const Options& options) {
  const auto endpoint = read_endpoint(options.operands);
  if (!endpoint) {
    return std::nullopt;
  }
  const auto destination = read_address(endpoint->address);
  const auto port = read_port(endpoint->port);
  const auto protocol = read_protocol(options.proto);
  if (!destination) {
    complain(fmt::format("not an address: {}{}", printable(endpoint->address),
                         lookup_of(endpoint->address)));
  } else if (!port) {
    complain(fmt::format("not a port (1 to 65535, or a name of clusterbind.conf(5)): {}",
                         printable(endpoint->port)));
  } else if (!protocol) {
    complain(fmt::format("--proto is tcp or udp, not '{}'", printable(options.proto)));
  } else {
    const Naming naming = options.program.empty() ? Naming{} : naming_of(options.program);
    return Question{*destination, *port, *protocol, options.program, naming};
  }
  return std::nullopt;
}

}  // namespace clusterbind::tool
