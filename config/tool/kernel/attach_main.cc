// LIBEXEC/clusterbind-attach: units start it as root, by ExecStartPre=+, to put rules into the
// kernel for their own group.
// systemd starts it with the unit's environment, and an EnvironmentFile= may belong to the unit's
// user. Therefore the program is static, so that LD_PRELOAD and similar variables have no effect,
// and it removes every variable before it does anything else. Rules come only from FILE or
// /etc/clusterbind.conf.

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string_view>

#include "config/origin.h"
#include "config/tool/command/terminal.h"
#include "config/tool/kernel/attach_given.h"
#include "config/tool/kernel/group.h"

namespace clusterbind::tool {
namespace {

constexpr std::string_view usage =
    R"(Usage: clusterbind-attach [-c FILE]
Puts rules in force in the kernel for the group of this process, as
`clusterbind attach --self` does, and reads no variable of the environment. For
units of systemd: ExecStartPre=+/usr/libexec/clusterbind-attach.

  -c FILE, --config FILE    take the rules from FILE, not /etc/clusterbind.conf

Exit status: 0 in force; 1 wrong rules; 2 could not be done; 64 wrong usage.
)";

int run(std::span<char*> words) {
  const auto is = [&](size_t which, std::string_view word) { return words[which] == word; };
  if (words.size() == 1 && (is(0, "--help") || is(0, "-h"))) {
    fmt::print("{}", usage);
    return exit_good;
  }
  const bool names_file = words.size() == 2 && (is(0, "-c") || is(0, "--config"));
  if (!words.empty() && !names_file) {
    say(usage);
    return exit_usage;
  }
  const Options options;
  try {
    const Given given = names_file ? given_file(words[1]) : given_file(default_file, true);
    return attach_given(given, own_group(), options);
  } catch (const std::exception& trouble) {
    return tell_trouble(trouble, options);
  }
}

}  // namespace
}  // namespace clusterbind::tool

int main(int argc, char** argv) {
  clearenv();
  try {
    const auto all = std::span(argv, static_cast<size_t>(argc));
    return clusterbind::tool::run(all.empty() ? all : all.subspan(1));
  } catch (const std::exception&) {
    return clusterbind::tool::exit_unknown;
  }
}
