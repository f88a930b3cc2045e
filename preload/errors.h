// The kernel's reasons, as log lines name them.
#pragma once

#include <string_view>

namespace clusterbind {

/// What strerror(3) says of an errno in English, without its language, its lock and its memory; the
/// same under every libc. "error 95" for one that the library's calls are not known to give.
class ErrorText {
 public:
  [[gnu::cold]] explicit ErrorText(int error);
  ErrorText(const ErrorText&) = delete;
  ErrorText& operator=(const ErrorText&) = delete;
  operator std::string_view() const { return view_; }

 private:
  char other_[24];
  std::string_view view_;
};

}  // namespace clusterbind
