// How the parser reports errors.
#pragma once

#include "config/parse.h"
#include "config/words.h"

namespace clusterbind {

/// Adds errors to an Errors, which keeps the first ones and counts all of them.
class Reports {
 public:
  explicit Reports(Errors& errors) : errors_(errors) { errors_.count = 0; }

  bool none() const { return errors_.count == 0; }

  /// An error about a word: "message 'word'".
  void wrong(const Token& token, const char* message, Hint hint);

  /// An error about a word: "'word' message".
  void wrong_word(const Token& token, const char* message, Hint hint);

  /// An error at a place where a word is missing. Line 0: an error about the whole text.
  void missing(uint32_t line, uint32_t column, const char* message, Hint hint);

  /// The same, but the place is right after the last word that was taken.
  void missing(const Words& words, const char* message, Hint hint) {
    missing(words.last_line(), words.last_end(), message, hint);
  }

  /// Reports a control byte. To be passed as a Words::BadByte; its context is a Reports.
  static void bad_byte(void* reports, uint32_t line, uint32_t column, unsigned char byte);

 private:
  Error* report(uint32_t line, uint32_t column, size_t length, Hint hint);

  Errors& errors_;
};

}  // namespace clusterbind
