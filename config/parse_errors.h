// How the parser reports what is wrong.
#pragma once

#include "config/parse.h"
#include "config/words.h"

namespace clusterbind {

/// Puts errors into an Errors: the first ones are kept, all are counted.
class Reports {
 public:
  explicit Reports(Errors& errors) : errors_(errors) { errors_.count = 0; }

  bool none() const { return errors_.count == 0; }

  /// An error about a word: "message 'word'".
  void wrong(const Token& token, const char* message, Hint hint);

  /// An error about a word: "'word' message".
  void wrong_word(const Token& token, const char* message, Hint hint);

  /// An error at a place where a word is missing, or about the whole text: line 0.
  void missing(uint32_t line, uint32_t column, const char* message, Hint hint);

  /// A Words::BadByte, with a Reports as its context.
  static void bad_byte(void* reports, uint32_t line, uint32_t column, unsigned char byte);

 private:
  Error* report(uint32_t line, uint32_t column, size_t length, Hint hint);

  Errors& errors_;
};

}  // namespace clusterbind
