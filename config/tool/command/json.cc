#include "config/tool/command/json.h"

#include "config/tool/command/terminal.h"
#include "config/utf8.h"

namespace clusterbind::tool {

void Json::separate() {
  if (!text_.empty() && text_.back() != '{' && text_.back() != '[' && text_.back() != ':') {
    text_ += ',';
  }
}

void Json::raw(std::string_view key, std::string_view value) {
  separate();
  if (!key.empty()) {
    text_ += quoted(key) + ':';
  }
  text_ += value;
}

void Json::add(std::string_view key, std::string_view value) {
  raw(key, quoted(value));
}

void Json::open(std::string_view key, char bracket) {
  raw(key, {&bracket, 1});
  closers_ += bracket == '{' ? '}' : ']';
}

void Json::end() {
  text_ += closers_.back();
  closers_.pop_back();
}

// A byte that is not UTF-8 becomes U+FFFD, because JSON cannot represent it.
std::string Json::quoted(std::string_view value) {
  std::string out = "\"";
  while (!value.empty()) {
    const size_t length = utf8_length(value);
    const char c = value.front();
    if (length == 0) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (length == 1 && static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += value.substr(0, length);
    }
    value.remove_prefix(length == 0 ? 1 : length);
  }
  return out + '"';
}

}  // namespace clusterbind::tool
