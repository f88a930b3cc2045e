// Bytes and characters that look like others, or like nothing at all.
#include <algorithm>
#include <cstdio>
#include <iterator>

#include "config/hints/kinds.h"
#include "config/utf8.h"

namespace clusterbind::hints {
namespace {

constexpr char32_t end_of_text = 0xffffffff;

/// A range of characters that stand for one ASCII character, or for nothing. In a `row`, each
/// stands for the ASCII character after that of the one before.
struct Lookalikes {
  char32_t first, last;
  char instead;  // 0: nothing
  bool row;
  const char* name;
};

// From Unicode 15; the names are those of its blocks.
constexpr Lookalikes lookalikes[] = {
    {0x00a0, 0x00a0, ' ', false, "no-break space"},
    {0x1680, 0x1680, ' ', false, "a space of another script"},
    {0x2000, 0x200a, ' ', false, "a typographic space"},
    {0x202f, 0x202f, ' ', false, "narrow no-break space"},
    {0x205f, 0x205f, ' ', false, "a typographic space"},
    {0x3000, 0x3000, ' ', false, "ideographic space"},
    {0x2028, 0x2029, ' ', false, "line separator"},
    {0x0085, 0x0085, ' ', false, "next line"},
    {0x00ad, 0x00ad, 0, false, "soft hyphen"},
    {0x061c, 0x061c, 0, false, "direction mark"},
    {0x180e, 0x180e, 0, false, "invisible"},
    {0x200b, 0x200b, 0, false, "zero-width space"},
    {0x200c, 0x200d, 0, false, "zero-width joiner"},
    {0x200e, 0x200f, 0, false, "direction mark"},
    {0x202a, 0x202e, 0, false, "direction mark"},
    {0x2060, 0x2064, 0, false, "invisible"},
    {0x2066, 0x2069, 0, false, "direction mark"},
    {0xfe00, 0xfe0f, 0, false, "variation selector"},
    {0xfeff, 0xfeff, 0, false, "byte order mark"},
    {0x00ab, 0x00ab, 0, false, "typographic quote"},
    {0x00b4, 0x00b4, 0, false, "acute accent"},
    {0x00bb, 0x00bb, 0, false, "typographic quote"},
    {0x2018, 0x201f, 0, false, "typographic quote"},
    {0x2032, 0x2037, 0, false, "prime"},
    {0x2039, 0x203a, 0, false, "typographic quote"},
    {0x300c, 0x300f, 0, false, "typographic quote"},
    {0x2010, 0x2015, '-', false, "dash"},
    {0x2212, 0x2212, '-', false, "minus sign"},
    {0xfe58, 0xfe58, '-', false, "dash"},
    {0xfe63, 0xfe63, '-', false, "dash"},
    {0x2024, 0x2024, '.', false, "one dot leader"},
    {0x2026, 0x2026, 0, false, "dots"},
    {0x00b7, 0x00b7, '.', false, "middle dot"},
    {0x201a, 0x201a, ',', false, "low quote"},
    {0x060c, 0x060c, ',', false, "comma of another script"},
    {0x3001, 0x3001, ',', false, "ideographic comma"},
    {0x3002, 0x3002, '.', false, "ideographic full stop"},
    {0x2044, 0x2044, '/', false, "fraction slash"},
    {0x2215, 0x2215, '/', false, "division slash"},
    {0xff01, 0xff5e, '!', true, "full-width"},
    {0x0660, 0x0669, '0', true, "a digit of another script"},
    {0x06f0, 0x06f9, '0', true, "a digit of another script"},
    {0x0966, 0x096f, '0', true, "a digit of another script"},
    {0x2080, 0x2089, '0', true, "subscript"},
    {0x2074, 0x2079, '4', true, "superscript"},
    {0x1d7ce, 0x1d7d7, '0', true, "a mathematical digit"},
    {0x0430, 0x0430, 'a', false, "Cyrillic"},
    {0x0441, 0x0441, 'c', false, "Cyrillic"},
    {0x0435, 0x0435, 'e', false, "Cyrillic"},
    {0x0456, 0x0456, 'i', false, "Cyrillic"},
    {0x043e, 0x043e, 'o', false, "Cyrillic"},
    {0x0440, 0x0440, 'p', false, "Cyrillic"},
    {0x0445, 0x0445, 'x', false, "Cyrillic"},
    {0x0443, 0x0443, 'y', false, "Cyrillic"},
    {0x03b1, 0x03b1, 'a', false, "Greek"},
    {0x03bf, 0x03bf, 'o', false, "Greek"},
    {0x03c1, 0x03c1, 'p', false, "Greek"},
    {0x0131, 0x0131, 'i', false, "dotless"},
};

/// The Unicode character of a byte of Windows-1252, if it is one of the characters above.
char32_t windows_1252(unsigned char byte) {
  switch (byte) {
    case 0x85:
      return 0x2026;
    case 0x91:
    case 0x92:
      return 0x2018;
    case 0x93:
    case 0x94:
      return 0x201c;
    case 0x96:
    case 0x97:
      return 0x2013;
    default:
      return byte;  // ISO 8859-1
  }
}

/// The first character of a text, and its length in bytes.
struct Character {
  char32_t code;
  size_t length;
  bool is_utf8;
};

Character first_character(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t length = utf8_length(text);
  if (length == 0) return {windows_1252(byte(0)), 1, false};
  if (length == 1) return {byte(0), 1, true};
  char32_t code = byte(0) & (0xffU >> (length + 1));
  for (size_t i = 1; i < length; ++i) code = code << 6 | (byte(i) & 0x3fU);
  return {code, length, true};
}

const Lookalikes* find_lookalike(char32_t code) {
  const auto found =
      std::find_if(std::begin(lookalikes), std::end(lookalikes),
                   [=](const Lookalikes& one) { return code >= one.first && code <= one.last; });
  return found == std::end(lookalikes) ? nullptr : found;
}

char ascii_for(const Lookalikes& one, char32_t code) {
  return one.row ? static_cast<char>(static_cast<char32_t>(one.instead) + (code - one.first))
                 : one.instead;
}

/// "U+00A0 (no-break space)".
std::string name_of(const Character& character, const char* name) {
  char number[24];
  std::snprintf(number, sizeof number, character.is_utf8 ? "U+%04X" : "byte 0x%02x",
                static_cast<unsigned>(character.code));
  return name == nullptr ? number : std::string(number) + " (" + name + ")";
}

bool is_quote(char c) {
  return c == '\'' || c == '"' || c == '`';
}

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<uint8_t>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    }
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

/// The 16-bit units of UTF-16 text (RFC 2781).
class Units {
 public:
  Units(std::string_view text, bool big) : text_(text), big_(big) {}

  char32_t next() {
    const char32_t unit = take();
    const bool is_high = unit >= 0xd800 && unit < 0xdc00;
    if (!is_high || at_ + 2 > text_.size()) return unit;
    return 0x10000 + ((unit - 0xd800) << 10) + ((take() - 0xdc00) & 0x3ff);
  }

 private:
  char32_t take() {
    if (at_ + 2 > text_.size()) return end_of_text;
    const auto first = static_cast<unsigned char>(text_[at_]);
    const auto second = static_cast<unsigned char>(text_[at_ + 1]);
    at_ += 2;
    return big_ ? static_cast<char32_t>(first << 8 | second)
                : static_cast<char32_t>(second << 8 | first);
  }

  std::string_view text_;
  bool big_;
  size_t at_ = 0;
};

std::string from_utf_16(std::string_view text, bool big) {
  std::string out;
  Units units(text, big);
  for (char32_t code = units.next(); code != end_of_text; code = units.next()) {
    if (code != 0xfeff) append_utf8(out, code);
  }
  return out;
}

/// Whether every second one of the first bytes is 0, as in UTF-16 text that is mostly ASCII.
bool has_zeros_at(std::string_view text, size_t first) {
  if (text.size() < 4) return false;
  for (size_t i = first; i < std::min<size_t>(text.size(), 8); i += 2) {
    if (text[i] != 0 || text[i ^ 1] == 0) return false;
  }
  return true;
}

/// The escape sequence of a terminal (ECMA-48) at the beginning of a text, or one byte.
size_t escape_length(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1b' || text[1] != '[') return 1;
  const size_t last = text.find_first_not_of("0123456789;", 2);
  return last == text.npos ? text.size() : last + 1;
}

std::string name_of_control(unsigned char byte) {
  switch (byte) {
    case 0x00:
      return "a NUL byte";
    case 0x0b:
      return "a vertical tab";
    case 0x0c:
      return "a form feed";
    case 0x0d:
      return "a carriage return";
    case 0x1b:
      return "an escape sequence";
    default:
      return "a control byte";
  }
}

}  // namespace

Found utf_16(const Place& place) {
  const std::string_view text = place.text;
  const bool little = text.starts_with("\xff\xfe") || has_zeros_at(text, 1);
  const bool big = text.starts_with("\xfe\xff") || has_zeros_at(text, 0);
  if (!little && !big) return {};
  Repair repair = say("the file is UTF-16 text: save it as UTF-8 (iconv -f UTF-16 -t UTF-8)");
  repair.replace(Span{0, text.size()}, from_utf_16(text, big));
  repair.is_sure = true;
  return repair;
}

// The whole text comes from one program, so all bytes of the same kind are replaced at once.
Found control_bytes(const Place& place) {
  if (place.hint != Hint::plain_text || place.at >= place.text.size()) return {};
  const char byte = place.text[place.at];
  const bool is_return = byte == '\r';
  Repair repair = say(name_of_control(static_cast<unsigned char>(byte)) +
                      (is_return ? " alone: end lines with a line feed" : ": write a blank"));
  for (size_t i = 0; i < place.text.size();) {
    const std::string_view rest = place.text.substr(i);
    const bool is_line_end = is_return && rest.starts_with("\r\n");
    const size_t length = rest[0] == byte && !is_line_end ? escape_length(rest) : 0;
    if (length != 0) repair.replace(Span{i, i + length}, is_return ? "\n" : " ");
    i += std::max<size_t>(length, 1);
  }
  repair.is_sure = true;
  return repair;
}

Found foreign_characters(const Place& place) {
  Repair repair;
  std::optional<Character> first;
  const Lookalikes* first_known = nullptr;
  size_t first_at = 0;
  for (size_t i = place.code.from; i < place.code.to;) {
    const Character character = first_character(place.text.substr(i, place.code.to - i));
    const Lookalikes* const known =
        character.code < 0x80 ? nullptr : find_lookalike(character.code);
    if (known != nullptr) {
      const char ascii = ascii_for(*known, character.code);
      repair.replace(Span{i, i + character.length}, ascii == 0 ? "" : std::string(1, ascii));
      if (!first) {
        first = character;
        first_known = known;
        first_at = i;
      }
    }
    i += character.length;
  }
  if (!first) return {};
  repair.before = name_of(*first, first_known->name);
  repair.may_move = true;
  const char ascii = ascii_for(*first_known, first->code);
  if (ascii == ' ') {
    repair.sentence = repair.before + ": write a blank";
  } else if (ascii == 0) {
    // The word that contains it, without it.
    for (const Word& word : place.words) {
      if (word.at <= first_at && first_at < word.end()) repair.show(word.at, word.end());
    }
    const std::string name = first_known->name;
    if (name.find("quote") != name.npos) {
      repair.after = "without quotes";
    } else {
      repair.sentence = repair.before + ": remove it";
    }
  }
  return repair;
}

Found quotes(const Place& place) {
  Repair repair;
  // `" comment`, as vim(1) has it.
  const std::string_view word_here = place.wrong();
  const std::string_view code = place.text.substr(place.code.from, place.code.to - place.code.from);
  if (word_here.size() == 1 && is_quote(word_here[0]) &&
      std::count(code.begin(), code.end(), word_here[0]) == 1) {
    repair.before = "comments begin with #";
    repair.replace(Span{place.at, place.at + 1}, "#");
    return repair.show(place.at, place.code.to);
  }
  char mark = 0;
  for (const Word& word : words_of(place.text, place.code)) {
    bool is_quoted = false;
    for (size_t i = 0; i < word.text.size(); ++i) {
      if (!is_quote(word.text[i])) continue;
      repair.replace(Span{word.at + i, word.at + i + 1}, "");
      if (mark == 0) mark = word.text[i];
      is_quoted = true;
    }
    const bool is_first = is_quoted && repair.shown.to == 0;
    if (is_first || (is_quoted && word.at == place.at)) repair.show(word.at, word.end());
  }
  if (repair.edits.empty()) return {};
  repair.after = mark == '`' ? "without the backtick" : "without quotes";
  repair.may_move = true;
  return repair;
}

}  // namespace clusterbind::hints
