// Puts short texts together in fixed buffers. What does not fit is cut off; nothing is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace clusterbind {

/// A file's text without the byte order mark (U+FEFF in UTF-8) that some editors put before it.
constexpr std::string_view without_mark(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  return text;
}

/// Appends pieces to the caller's buffer and keeps it NUL-terminated.
class Text {
 public:
  explicit Text(std::span<char> out) : out_(out) { out_[0] = '\0'; }

  Text& operator<<(std::string_view piece) {
    for (const char c : piece) put(c);
    return *this;
  }
  Text& operator<<(const char* piece) {
    for (; *piece != '\0'; ++piece) put(*piece);
    return *this;
  }
  Text& operator<<(uint64_t number) {
    if (number >= 10) *this << number / 10;
    put(static_cast<char>('0' + number % 10));
    return *this;
  }

  /// Appends a word that the user wrote, in quotes. A control byte becomes `?`, and a long word is
  /// cut.
  Text& quote(std::string_view word) {
    constexpr size_t most = 48;
    put('\'');
    for (size_t i = 0; i < word.size() && i < most; ++i) put(is_control(word[i]) ? '?' : word[i]);
    if (word.size() > most) *this << "...";
    put('\'');
    return *this;
  }

  std::string_view view() const { return {out_.data(), size_}; }

  static constexpr bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  }

 private:
  void put(char c) {
    if (size_ + 1 >= out_.size()) return;
    out_[size_++] = c;
    out_[size_] = '\0';
  }

  std::span<char> out_;
  size_t size_ = 0;
};

}  // namespace clusterbind
