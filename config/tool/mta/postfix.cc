#include "config/tool/mta/postfix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>

#include "config/address.h"
#include "config/tool/command/terminal.h"
#include "config/tool/host/files.h"

namespace clusterbind::tool {
namespace {

constexpr std::array<std::string_view, 4> bind_parameters = {
    "smtp_bind_address", "smtp_bind_address6", "lmtp_bind_address", "lmtp_bind_address6"};
constexpr std::string_view interfaces_parameter = "inet_interfaces";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == text.npos ? std::string_view()
                            : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

struct Line {
  size_t number = 0;  // number of its first line
  std::string text;
};

/// The logical lines of main.cf and master.cf: a line that begins with a blank continues the one
/// before, also across comments; postconf(5).
std::vector<Line> logical_lines(std::string_view text) {
  std::vector<Line> lines;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trimmed(line).empty() || trimmed(line).front() == '#') {
      continue;
    }
    const bool continues = line.front() == ' ' || line.front() == '\t';
    if (continues && !lines.empty()) {
      append(lines.back().text, trimmed(line), " ");
    } else {
      lines.push_back({number, std::string(trimmed(line))});
    }
  }
  return lines;
}

struct Setting {
  std::string_view name;
  std::string_view value;
};

std::optional<Setting> read_setting(std::string_view text) {
  const size_t sign = text.find('=');
  if (sign == text.npos) {
    return std::nullopt;
  }
  return Setting{trimmed(text.substr(0, sign)), trimmed(text.substr(sign + 1))};
}

/// The value of a parameter of main.cf: the last assignment counts.
std::string parameter(const std::vector<Line>& lines, std::string_view name) {
  std::string value;
  for (const Line& line : lines) {
    if (const auto setting = read_setting(line.text); setting && setting->name == name) {
      value = setting->value;
    }
  }
  return value;
}

/// Replaces $name, ${name} and $(name) by the values in main.cf; parameters that are not set there
/// stay.
std::string expanded(const std::vector<Line>& lines, std::string text) {
  constexpr int most = 20;  // values may contain parameters too
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  size_t at = 0;
  for (int i = 0; i < most && (at = text.find('$', at)) != text.npos; ++i) {
    const bool bracket = at + 1 < text.size() && (text[at + 1] == '{' || text[at + 1] == '(');
    const size_t first = at + (bracket ? 2 : 1);
    const size_t end = std::min(text.find_first_not_of(letters, first), text.size());
    const std::string value = parameter(lines, std::string_view(text).substr(first, end - first));
    if (value.empty()) {
      at = end;
    } else {
      text.replace(at, end - at + (bracket ? 1 : 0), value);
    }
  }
  return text;
}

/// The addresses of one family in inet_interfaces, as far as the text shows: a host name may have
/// one of each.
struct Interfaces {
  std::vector<std::string> ipv4;
  std::vector<std::string> ipv6;
  bool has_names = false;
};

Interfaces read_interfaces(const std::string& value) {
  Interfaces found;
  for (std::string_view word : split(value, " \t,")) {
    if (word.starts_with('[') && word.ends_with(']')) {
      word = word.substr(1, word.size() - 2);
    }
    const auto address = read_address(word);
    if (!address || address->family == Family::ipv4) {
      found.ipv4.emplace_back(word);
    }
    if (!address || address->family == Family::ipv6) {
      found.ipv6.emplace_back(word);
    }
    found.has_names = found.has_names || !address;
  }
  return found;
}

bool is_harmless(std::string_view word) {
  const auto address = read_address(word);
  constexpr std::string_view words[] = {"all", "loopback-only", "localhost"};
  return (address && is_loopback(*address)) ||
         std::find(std::begin(words), std::end(words), word) != std::end(words);
}

/// The only address of a family in inet_interfaces, unless it is a loopback address; otherwise
/// empty. smtp binds to such an address by itself: smtp_connect_addr() in Postfix's smtp_connect.c.
std::string single_address(const std::string& value) {
  const Interfaces found = read_interfaces(value);
  std::string text;
  const auto add = [&](const std::vector<std::string>& list, const char* family) {
    if (list.size() == 1 && !is_harmless(list[0])) {
      append(text,
             read_address(list[0]) ? fmt::format("one single {} address", family)
                                   : fmt::format("one single name for {}", family),
             " and ");
    }
  };
  add(found.ipv4, "IPv4");
  add(found.ipv6, "IPv6");
  return text;
}

/// Adds "PLACE: NAME = VALUE: what it does" if the setting makes Postfix bind its connections.
void add_note(std::vector<std::string>& notes, const std::string& place, const Setting& setting,
              const std::string& value) {
  const bool binds = std::find(bind_parameters.begin(), bind_parameters.end(), setting.name) !=
                     bind_parameters.end();
  if (binds && !value.empty()) {
    notes.push_back(
        fmt::format("{}: {} = {}: Postfix binds its connections to this, and the library leaves "
                    "them alone unless the rule says `override`",
                    place, setting.name, setting.value));
  }
  const std::string single =
      setting.name == interfaces_parameter ? single_address(value) : std::string();
  if (!single.empty()) {
    notes.push_back(
        fmt::format("{}: {} = {}: {}, to which Postfix binds its connections: the rule needs "
                    "`override`",
                    place, setting.name, setting.value, single));
  }
}

/// The words of a line of master.cf. `{` and `}` group words with blanks, and are left out.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!(line = trimmed(line)).empty()) {
    const bool is_block = line.front() == '{';
    const size_t end = std::min(is_block ? line.find('}') : line.find_first_of(" \t"), line.size());
    words.emplace_back(trimmed(line.substr(is_block ? 1 : 0, end - (is_block ? 1 : 0))));
    line.remove_prefix(std::min(end + (is_block ? 1 : 0), line.size()));
  }
  return words;
}

/// The text of a configuration file. If it is there but cannot be read, adds a note.
std::string text_of(std::vector<std::string>& notes, const std::string& path) {
  const auto text = read_file(path, size_t{1} << 20);
  if (const int error = errno; !text && error != ENOENT) {
    notes.push_back(
        fmt::format("{}: {}: could not find out whether Postfix binds its connections itself", path,
                    error_text(error)));
  }
  return text.value_or("");
}

/// Adds notes for the options `-o NAME=VALUE` of master.cf(5), which follow the eight columns of a
/// service.
void add_master_notes(std::vector<std::string>& notes, const std::string& path,
                      const std::vector<Line>& main) {
  for (const Line& line : logical_lines(text_of(notes, path))) {
    const auto words = words_of(line.text);
    for (size_t i = 1; i < words.size(); ++i) {
      const bool is_joined = words[i].starts_with("-o") && words[i].size() > 2;
      if (!is_joined && words[i - 1] != "-o") {
        continue;
      }
      const auto setting = read_setting(std::string_view(words[i]).substr(is_joined ? 2 : 0));
      if (setting) {
        add_note(notes, fmt::format("{}:{}: {} -o", path, line.number, words[0]), *setting,
                 expanded(main, std::string(setting->value)));
      }
    }
  }
}

}  // namespace

std::vector<std::string> postfix_notes() {
  const char* const variable = std::getenv("MAIL_CONFIG");
  const std::string folder = variable == nullptr ? "/etc/postfix" : variable;
  std::vector<std::string> notes;
  const std::string path = folder + "/main.cf";
  const std::vector<Line> main = logical_lines(text_of(notes, path));
  const auto add = [&](std::string_view name) {
    const std::string value = parameter(main, name);
    add_note(notes, path, {name, value}, expanded(main, value));
  };
  add(interfaces_parameter);
  std::ranges::for_each(bind_parameters, add);
  add_master_notes(notes, folder + "/master.cf", main);
  return notes;
}

}  // namespace clusterbind::tool
