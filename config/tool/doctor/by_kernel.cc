#include "config/tool/doctor/by_kernel.h"

#include <fmt/format.h>

#include "config/tool/host/files.h"

namespace clusterbind::tool {
namespace {

constexpr std::string_view plain_letters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-./:,@%=";

/// A command that starts one program in a group of its own, which is removed when it ends.
/// Arguments can be appended.
std::string one_start(const Options& options, const std::string& path) {
  std::string script = R"('clusterbind attach --self && exec "$0" "$@"')";
  if (options.file) {
    script = R"('clusterbind attach --self -c "$0" && exec "$@"' )" + quoted(*options.file);
  } else if (options.rules) {
    script = R"('clusterbind attach --self -r "$0" && exec "$@"' )" + quoted(*options.rules);
  }
  return fmt::format("systemd-run --scope sh -c {} {}", script, quoted(path));
}

}  // namespace

std::string quoted(std::string_view word) {
  if (!word.empty() && word.find_first_not_of(plain_letters) == word.npos) {
    return std::string(word);
  }
  std::string text = "'";
  for (const char letter : word) {
    text += letter == '\'' ? std::string_view("'\\''") : std::string_view(&letter, 1);
  }
  return text + "'";
}

std::vector<ByKernel> ways_by_kernel(const Options& options, const Program& program) {
  const std::string file =
      options.file ? fmt::format(" -c {}", quoted(*options.file)) : std::string();
  return {{"its unit", "unit", fmt::format("clusterbind enable --now{} UNIT", file)},
          {"one start", "one_start", one_start(options, program.path)},
          {"every start", "every_start",
           fmt::format("clusterbind attach{} --cgroup /sys/fs/cgroup, with `only {}` first in the "
                       "rules",
                       file, base_name(program.file))}};
}

}  // namespace clusterbind::tool
