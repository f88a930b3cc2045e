// `clusterbind`: the operator's tool of libclusterbind. clusterbind(1) describes it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "config/tool/command/help.h"
#include "config/tool/command/suggest.h"
#include "config/tool/command/terminal.h"
#include "config/tool/commands.h"

namespace clusterbind::tool {
namespace {

using Run = int (*)(const Options&);

int show_status(const Options& options) {
  return options.cgroup ? run_group_status(options) : run_status(options);
}

// In the order of Command.
constexpr std::array<Run, command_names.size()> runs = {run_check,   run_explain, run_doctor,
                                                        run_audit,   run_enable,  run_disable,
                                                        show_status, run_attach,  run_detach};

int show(std::string_view text) {
  fmt::print("{}", text);
  return exit_good;
}

int show_version() {
  return show("clusterbind " CLUSTERBIND_VERSION "\n");
}

int wrong_usage(std::string_view message) {
  complain(message);
  say("try: clusterbind --help\n");
  return exit_usage;
}

/// Reports a first word that is no command.
int unknown_word(std::string_view word) {
  if (word.empty()) {
    return wrong_usage("COMMAND is missing, for example: check");
  }
  if (word.starts_with('-')) {
    return wrong_usage(
        fmt::format("no such option before a command: '{}': options come after it, as in "
                    "`clusterbind check --json`",
                    printable(word)));
  }
  const std::string_view meant = nearest(word, command_names);
  return wrong_usage(
      fmt::format("no such command: '{}'{}", printable(word),
                  meant.empty() ? std::string() : fmt::format(": did you mean {}?", meant)));
}

int run(Command command, int argc, char** argv) {
  const auto options = read_options(command, argc, argv);
  if (!options) {
    return exit_usage;
  }
  if (options->help) {
    return show(help_of(command));
  }
  return options->version ? show_version() : runs[static_cast<size_t>(command)](*options);
}

int dispatch(int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "--help" || word == "-h" || word == "help") {
    if (argc < 3) {
      return show(general_help());
    }
    const auto* const asked =
        std::find(command_names.begin(), command_names.end(), std::string_view(argv[2]));
    return asked == command_names.end()
               ? unknown_word(argv[2])
               : show(help_of(static_cast<Command>(asked - command_names.begin())));
  }
  if (word == "--version") {
    return show_version();
  }
  for (size_t i = 0; i < command_names.size(); ++i) {
    if (word == command_names[i]) {
      return run(static_cast<Command>(i), argc - 1, argv + 1);
    }
  }
  return unknown_word(word);
}

/// Flushes the output. An answer that could not be written counts as none.
int finish(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return code;
  }
  complain("cannot write the answer");
  return exit_unknown;
}

}  // namespace
}  // namespace clusterbind::tool

int main(int argc, char** argv) {
  using namespace clusterbind::tool;
  try {
    return finish(dispatch(argc, argv));
  } catch (const std::exception& trouble) {
    complain(trouble.what());
    return exit_unknown;
  }
}
