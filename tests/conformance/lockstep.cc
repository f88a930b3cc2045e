// Compares two runs of the driver call by call: a plain one, and one in a group that has rules in
// the kernel:
//   lockstep DRIVER GROUP SEED CALLS none|tcp|any|refuse
// If their answers differ for a known reason (differences.cc), the difference is counted, and both
// runs close the socket, because it would differ further as a consequence. Any other difference
// ends the comparison.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/differences.h"
#include "tests/conformance/sockets.h"

namespace clusterbind::test {
namespace {

[[noreturn]] void broken(const char* what) {
  std::printf("broken: %s\n", what);
  std::exit(1);
}

class Run {
 public:
  /// Starts the driver in a control group; if that is empty, in the caller's.
  Run(const std::string& group, const std::vector<const char*>& command) {
    int lines[2], words[2];
    if (pipe2(lines, O_CLOEXEC) != 0 || pipe2(words, O_CLOEXEC) != 0) broken("no pipe");
    process_ = fork();
    if (process_ == 0) {
      if (!group.empty()) {
        const int list = open((group + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
        if (write(list, "0", 1) != 1) broken("cannot enter the group");
      }
      dup2(words[0], STDIN_FILENO);
      dup2(lines[1], STDOUT_FILENO);
      execv(command[0], const_cast<char* const*>(command.data()));
      _exit(127);
    }
    close(words[0]);
    close(lines[1]);
    words_ = words[1];
    lines_ = fdopen(lines[0], "r");
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    close(words_);
    std::fclose(lines_);
    if (process_ > 0) waitpid(process_, nullptr, 0);
  }

  /// To be called after the last line: whether the driver ended successfully.
  bool has_ended_well() {
    int status = 0;
    waitpid(std::exchange(process_, -1), &status, 0);
    return status == 0;
  }

  /// The next line; empty at the end.
  std::string line() {
    std::string text;
    for (int c = std::getc(lines_); c != EOF && c != '\n'; c = std::getc(lines_)) {
      text += static_cast<char>(c);
    }
    return text;
  }

  void answer(char word) const {
    (void)!write(words_, &word, 1);  // a driver that has ended prints no further line
  }

 private:
  pid_t process_ = -1;
  int words_ = -1;
  FILE* lines_ = nullptr;
};

/// The two lines for one call.
struct Step {
  std::string plain;
  std::string ruled;
};

/// The descriptor that a call uses or returns.
std::string descriptor_of(const Answer& answer) {
  const bool gets = answer.call.starts_with("socket ") || answer.call.starts_with("dup ");
  const std::string& text = gets ? answer.result : answer.call;
  const size_t first = text.find_first_of("0123456789");
  return first == std::string::npos ? "" : text.substr(first, text.find(' ', first) - first);
}

/// Prints the last step, and the steps before it that have the same descriptor.
void show(const std::vector<Step>& steps) {
  const std::string descriptor = descriptor_of(answer_of(steps.back().plain));
  std::string earlier;
  size_t left = 12;
  for (size_t i = steps.size() - 1; i > 0 && left > 0; --i) {
    const Answer answer = answer_of(steps[i - 1].plain);
    if (descriptor_of(answer) != descriptor) continue;
    earlier.insert(0, "   both: " + steps[i - 1].ruled + "\n");
    left = answer.call.starts_with("socket ") ? 0 : left - 1;
  }
  std::printf("%s  plain: %s\n  rules: %s\n", earlier.c_str(), steps.back().plain.c_str(),
              steps.back().ruled.c_str());
}

}  // namespace
}  // namespace clusterbind::test

int main(int argc, char** argv) {
  using namespace clusterbind::test;
  if (argc != 6) return 64;
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // standard error goes to the same file
  const char* const driver = argv[1];
  const char* const seed = argv[3];
  const char* const calls = argv[4];
  Run plain("", {driver, seed, calls, "none", "step", nullptr});
  Run ruled(argv[2], {driver, seed, calls, argv[5], "step", nullptr});
  std::vector<Step> steps;
  std::vector<size_t> seen(differences.size());
  while (true) {
    steps.push_back({plain.line(), ruled.line()});
    if (steps.back().plain.empty() && steps.back().ruled.empty()) break;
    const Answer expected = answer_of(steps.back().plain);
    const Answer answer = answer_of(steps.back().ruled);
    char word = keep_socket;
    if (differing_parts(expected, answer) != 0) {
      const int row = row_of(expected, answer);
      if (row < 0) {
        std::printf("difference: seed %s, call %zu\n", seed, steps.size());
        show(steps);
        return 1;
      }
      ++seen[static_cast<size_t>(row)];
      word = drop_socket;
    }
    plain.answer(word);
    ruled.answer(word);
  }
  if (!plain.has_ended_well() || !ruled.has_ended_well()) broken("a driver has failed");
  std::printf("calls %zu\n", steps.size() - 1);
  for (size_t i = 0; i < seen.size(); ++i)
    std::printf("reason %zu %s\n", seen[i], differences[i].reason);
  return 0;
}
