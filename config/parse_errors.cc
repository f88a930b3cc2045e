#include "config/parse_errors.h"

#include "config/text.h"

namespace clusterbind {

void Reports::wrong(const Token& token, const char* message, Hint hint) {
  Error* error = report(token.line, token.column, token.text.size(), hint);
  if (error != nullptr) (Text(error->message) << message << " ").quote(token.text);
}

void Reports::wrong_word(const Token& token, const char* message, Hint hint) {
  Error* error = report(token.line, token.column, token.text.size(), hint);
  if (error != nullptr) Text(error->message).quote(token.text) << " " << message;
}

void Reports::missing(uint32_t line, uint32_t column, const char* message, Hint hint) {
  Error* error = report(line, column, 0, hint);
  if (error != nullptr) Text(error->message) << message;
}

void Reports::bad_byte(void* reports, uint32_t line, uint32_t column, unsigned char byte) {
  Error* error = static_cast<Reports*>(reports)->report(line, column, 1, Hint::plain_text);
  if (error == nullptr) return;
  const char digits[] = {"0123456789abcdef"[byte / 16], "0123456789abcdef"[byte % 16]};
  Text(error->message) << "control byte 0x" << std::string_view(digits, 2);
}

Error* Reports::report(uint32_t line, uint32_t column, size_t length, Hint hint) {
  const size_t index = errors_.count++;
  if (index >= Errors::kept) return nullptr;
  Error& error = errors_.list[index];
  error = {line, column, static_cast<uint32_t>(length), hint, {}};
  return &error;
}

}  // namespace clusterbind
