#include "bench/starter.h"

#include <fmt/format.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <fstream>

#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/process.h"

namespace clusterbind::bench {
namespace {

double microseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
}

// Moves this process into a group while it starts another one, because a new process is in its
// parent's group.
class VisitGroup {
 public:
  explicit VisitGroup(const std::string& group) : visits_(!group.empty()) {
    if (!visits_) return;
    home_ = own_group();
    join_group(group);
  }
  ~VisitGroup() {
    if (visits_) std::ofstream(home_ + "/cgroup.procs") << 0;
  }
  VisitGroup(const VisitGroup&) = delete;
  VisitGroup& operator=(const VisitGroup&) = delete;

 private:
  bool visits_;
  std::string home_;
};

}  // namespace

RuleFolder::RuleFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "clusterbind-bench.XXXXXX");
  if (mkdtemp(name.data()) == nullptr) throw system_failure(name);
  path_ = name;
}

RuleFolder::~RuleFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string RuleFolder::file(const std::string& name, const std::string& text) const {
  std::string path = path_ / name;
  std::ofstream(path) << text;
  return path;
}

std::vector<std::string> preload_with_file(const std::string& library, const std::string& file) {
  return {"LD_PRELOAD=" + library, "CLUSTERBIND_CONFIG=" + file};
}

Starter::Starter(const std::string& program, std::vector<std::string> variables, std::string group)
    : group_(std::move(group)) {
  Command command;
  command.environment = std::move(variables);
  arguments_ = {program};
  environment_ = environment_of(command);
  argument_pointers_ = pointers_to(arguments_);
  environment_pointers_ = pointers_to(environment_);
}

Starter::Used Starter::start() const {
  const VisitGroup visit(group_);
  const int64_t begin = now_ns();
  pid_t pid = -1;
  const int error = posix_spawn(&pid, argument_pointers_[0], nullptr, nullptr,
                                argument_pointers_.data(), environment_pointers_.data());
  if (error != 0) throw Failure(fmt::format("{} can't be started", arguments_[0]));
  int status = 0;
  rusage used{};
  if (wait4(pid, &status, 0, &used) != pid || status != 0) {
    end_if_interrupted();
    throw Failure(fmt::format("{} failed", arguments_[0]));
  }
  return {microseconds(used.ru_utime) + microseconds(used.ru_stime),
          static_cast<double>(now_ns() - begin) / 1000};
}

}  // namespace clusterbind::bench
