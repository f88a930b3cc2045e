// Writes JSON (RFC 8259).
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

namespace clusterbind::tool {

/// Builds one JSON text from left to right. The caller is responsible for matching brackets.
class Json {
 public:
  /// Opens an object or an array, as the next element or as the member `key`.
  void object(std::string_view key = {}) { open(key, '{'); }
  void array(std::string_view key = {}) { open(key, '['); }

  /// Closes the innermost object or array.
  void end();

  /// Adds a member to an object.
  void add(std::string_view key, std::string_view value);
  void add(std::string_view key, const char* value) { add(key, std::string_view(value)); }
  void add(std::string_view key, std::same_as<bool> auto value) {
    raw(key, value ? "true" : "false");
  }
  template <typename Number>
  requires(std::integral<Number> || std::floating_point<Number>) &&
      (!std::same_as<Number, bool>)void add(std::string_view key, Number value) {
    raw(key, fmt::format("{}", value));
  }
  void add_null(std::string_view key) { raw(key, "null"); }

  /// Adds an element to an array.
  void item(std::string_view value) { raw({}, quoted(value)); }

  const std::string& text() const { return text_; }

 private:
  void open(std::string_view key, char bracket);
  void raw(std::string_view key, std::string_view value);
  void separate();
  static std::string quoted(std::string_view value);

  std::string text_;
  std::string closers_;
};

}  // namespace clusterbind::tool
