// The functions of fmt that static programs call, compiled once from its header, because Debian has
// no static library of fmt. Other functions are called by these three.

#define FMT_HEADER_ONLY
#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace {

[[gnu::used]] std::string (*const vformat)(fmt::string_view, fmt::format_args) = fmt::vformat;
[[gnu::used]] void (*const vprint)(fmt::string_view, fmt::format_args) = fmt::vprint;
[[gnu::used]] void (*const vprint_to)(FILE*, fmt::string_view, fmt::format_args) = fmt::vprint;

}  // namespace
