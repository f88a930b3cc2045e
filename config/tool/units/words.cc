#include "config/tool/units/words.h"

#include <fmt/format.h>

#include <cctype>

namespace clusterbind::tool {
namespace {

/// The character that an escape sequence stands for. `at` is the position after the backslash; it
/// is moved to the last character of the sequence.
char unescaped(std::string_view line, size_t& at) {
  const char c = line[at++];
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 's':
      return ' ';
    case 'x': {
      const std::string digits(line.substr(at, 2));
      at += digits.size();
      return static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
    }
    default:
      return c;
  }
}

std::string doubled(std::string_view word, char which) {
  std::string out;
  for (const char c : word) {
    out += c;
    if (c == which) {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> unit_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (size_t at = 0; at < line.size();) {
    const char c = line[at++];
    if (quote == '\0' && std::isspace(static_cast<unsigned char>(c)) != 0) {
      in_word = false;
      continue;
    }
    if (!in_word) {
      words.emplace_back();
      in_word = true;
    }
    if (c == '\\' && at < line.size()) {
      words.back() += unescaped(line, at);
    } else if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::string unit_word_with_specifiers(std::string_view word) {
  if (!word.empty() && word.find_first_of(" \t\n\"'\\;") == word.npos) {
    return std::string(word);
  }
  std::string out = "\"";
  for (const char c : word) {
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
      continue;
    }
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out + '"';
}

std::string unit_word(std::string_view word) {
  return unit_word_with_specifiers(doubled(word, '%'));
}

std::string command_word(std::string_view word) {
  return unit_word(doubled(word, '$'));
}

}  // namespace clusterbind::tool
