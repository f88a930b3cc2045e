// The texts of the kernel's errors in log lines.
#pragma once

#include <string_view>

namespace clusterbind {

/// The English text of strerror(3) for an errno, the same under every libc. strerror itself depends
/// on the locale, and may lock and allocate. Other errnos than those in errors.def give "error 95".
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
