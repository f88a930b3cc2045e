#include "config/tool/units/settings.h"

#include <glob.h>

#include "config/tool/host/files.h"
#include "config/tool/units/words.h"

namespace clusterbind::tool {
namespace {

constexpr size_t most_bytes = size_t{1} << 20;
constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(blanks);
  return first == text.npos ? std::string_view()
                            : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_comment(std::string_view line) {
  return line.starts_with('#') || line.starts_with(';');
}

/// The lines without comments; a line that ends with a backslash is joined with the next one.
std::vector<std::string> logical_lines(const std::string& text) {
  std::vector<std::string> lines;
  bool goes_on = false;
  for (std::string_view line : split(text, "\n")) {
    line = trimmed(line);
    if (line.empty() || is_comment(line)) {
      continue;
    }
    const bool ends_open = line.ends_with('\\');
    if (ends_open) {
      line.remove_suffix(1);
    }
    if (goes_on) {
      lines.back() += ' ' + std::string(line);
    } else {
      lines.emplace_back(line);
    }
    goes_on = ends_open;
  }
  return lines;
}

}  // namespace

std::vector<Setting> read_settings(const std::vector<std::string>& files) {
  std::vector<Setting> settings;
  for (const std::string& file : files) {
    bool in_service = false;
    for (const std::string_view line : logical_lines(read_file(file, most_bytes).value_or(""))) {
      const size_t equals = line.find('=');
      if (line.starts_with('[')) {
        in_service = line == "[Service]";
      } else if (in_service && equals != line.npos) {
        settings.push_back({file, std::string(trimmed(line.substr(0, equals))),
                            std::string(trimmed(line.substr(equals + 1)))});
      }
    }
  }
  return settings;
}

std::string set_by_environment(const std::vector<Setting>& settings, std::string_view variable) {
  std::string value;
  for (const Setting& setting : settings) {
    if (setting.key != "Environment") {
      continue;
    }
    if (setting.value.empty()) {
      value.clear();
    }
    for (const std::string& word : unit_words(setting.value)) {
      if (word.starts_with(variable) && word.substr(variable.size()).starts_with('=')) {
        value = word.substr(variable.size() + 1);
      }
    }
  }
  return value;
}

std::string set_by_file(std::string_view pattern, std::string_view variable, std::string& file) {
  std::string value;
  glob_t found = {};
  if (glob(std::string(pattern).c_str(), 0, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      const std::string path = found.gl_pathv[i];
      for (const std::string_view line : logical_lines(read_file(path, most_bytes).value_or(""))) {
        const size_t equals = line.find('=');
        if (equals == line.npos || trimmed(line.substr(0, equals)) != variable) {
          continue;
        }
        file = path;
        value.clear();
        for (const std::string& word : unit_words(line.substr(equals + 1))) {
          value += (value.empty() ? "" : " ") + word;
        }
      }
    }
  }
  globfree(&found);
  return value;
}

}  // namespace clusterbind::tool
