#include "bench/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/clock.h"
#include "bench/failure.h"
#include "bench/network.h"
#include "config/library_name.h"
#include "config/tool/command/terminal.h"

namespace clusterbind::bench {
namespace {

volatile std::sig_atomic_t interrupting_signal = 0;

void note_signal(int number) {
  interrupting_signal = number;
}

bool is_ours(std::string_view variable) {
  return variable.starts_with("LD_PRELOAD=") || variable.starts_with("CLUSTERBIND_");
}

void move_descriptor(int from, int to) {
  if (from == to)
    fcntl(from, F_SETFD, 0);
  else if (dup2(from, to) < 0)
    throw system_failure("dup2");
}

[[noreturn]] void become(const Command& command) {
  // Every process that we start ends when this process ends, for whatever reason.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (command.network != nullptr) command.network->enter();
  if (!command.cgroup.empty()) join_group(command.cgroup);
  if (command.input >= 0)
    move_descriptor(command.input, 0);
  else
    move_descriptor(open("/dev/null", O_RDONLY), 0);
  if (command.output >= 0) move_descriptor(command.output, 1);
  if (command.error >= 0) move_descriptor(command.error, 2);
  if (command.passed >= 0) move_descriptor(command.passed, 3);
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = environment_of(command);
  execve(arguments[0].c_str(), pointers_to(arguments).data(), pointers_to(environment).data());
  throw system_failure(arguments[0]);
}

// The mount point of the unified hierarchy: in its line of proc_mounts(5) the third field is
// "cgroup2".
std::string group_root() {
  std::ifstream file("/proc/self/mounts");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string device, folder, type;
    if (fields >> device >> folder >> type && type == "cgroup2") return folder;
  }
  throw Failure("no cgroup2 file system is mounted");
}

int decode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_signal;  // without SA_RESTART, a waiting call returns
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void end_if_interrupted() {
  if (interrupting_signal != 0) throw Failure("interrupted", 128 + interrupting_signal);
}

std::string own_group() {
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line))
    if (line.starts_with("0::")) return group_root() + line.substr(3);
  throw Failure("no cgroup2 file system is mounted");
}

void join_group(const std::string& folder) {
  const Descriptor procs(open((folder + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  if (!procs || write(procs.get(), "0", 1) != 1) throw system_failure("join " + folder);
}

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> result = command.environment;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!is_ours(*variable)) result.emplace_back(*variable);
  return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (std::string& one : strings) result.push_back(one.data());
  result.push_back(nullptr);
  return result;
}

int Process::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) throw system_failure("waitpid");
    end_if_interrupted();
  }
  pid_ = -1;
  return decode(status);
}

bool Process::running() {
  if (pid_ <= 0 || waitpid(pid_, nullptr, WNOHANG) == 0) return pid_ > 0;
  pid_ = -1;
  return false;
}

void Process::stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Process start(const Command& command) {
  const pid_t pid = fork();
  if (pid < 0) throw system_failure("fork");
  if (pid > 0) return Process(pid);
  try {
    become(command);
  } catch (const std::exception& error) {
    tool::say(fmt::format("clusterbind-bench: {}\n", error.what()));
    _exit(127);
  }
}

Server start_server(Command command) {
  std::array<int, 2> request{}, reply{};
  if (pipe2(request.data(), O_CLOEXEC) != 0) throw system_failure("pipe2");
  const Descriptor request_end(request[0]);
  Server server;
  server.requests = Descriptor(request[1]);
  if (pipe2(reply.data(), O_CLOEXEC) != 0) throw system_failure("pipe2");
  server.replies = Descriptor(reply[0]);
  const Descriptor reply_end(reply[1]);
  command.input = request_end.get();
  command.output = reply_end.get();
  server.process = start(command);
  return server;
}

Outcome run(Command command, double seconds) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw system_failure("pipe2");
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  command.output = command.error = writing.get();
  Process process = start(command);
  writing.reset();

  Outcome outcome;
  const Deadline deadline(seconds);
  std::array<char, 4096> buffer{};
  for (;;) {
    pollfd waiting{reading.get(), POLLIN, 0};
    const int ready = poll(&waiting, 1, deadline.left_ms());
    end_if_interrupted();
    if (ready == 0)
      throw Failure(fmt::format("{} did not end within {} s", command.arguments[0], seconds));
    const ssize_t got = read(reading.get(), buffer.data(), buffer.size());
    if (got <= 0) break;
    outcome.output.append(buffer.data(), static_cast<size_t>(got));
  }
  outcome.status = process.wait();
  return outcome;
}

void must_run(const Command& command) {
  const Outcome outcome = run(command, 20);
  if (outcome.status != 0)
    throw Failure(fmt::format("{} failed: {}", fmt::join(command.arguments, " "), outcome.output));
}

std::string find_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  const std::string folders = fmt::format("{}:/usr/sbin:/sbin:/usr/bin:/bin", path ? path : "");
  for (size_t begin = 0; begin < folders.size();) {
    const size_t end = std::min(folders.find(':', begin), folders.size());
    std::string candidate = fmt::format("{}/{}", folders.substr(begin, end - begin), name);
    if (end > begin && access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return {};
}

std::string need_program(std::string_view name, std::string_view package) {
  std::string path = find_program(name);
  if (path.empty())
    throw Failure(fmt::format("{} is not installed: apt-get install {}", name, package),
                  status_unavailable);
  return path;
}

std::string own_path() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) throw Failure("/proc/self/exe can't be read: mount /proc");
  return path;
}

std::string find_library(const std::string& given) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(own_path()).parent_path();
  const std::vector<fs::path> places =
      given.empty()
          ? std::vector<fs::path>{folder / library_name, folder / CLUSTERBIND_LIBDIR / library_name}
          : std::vector<fs::path>{fs::absolute(given)};
  for (const fs::path& place : places) {
    std::error_code error;
    std::string path = fs::canonical(place, error);
    if (error) continue;
    if (path.find_first_of(" :") != std::string::npos)
      throw Failure(fmt::format(
          "{}: LD_PRELOAD takes no path with a blank or a colon: move the library", path));
    return path;
  }
  throw Failure(fmt::format("{} is not there: build it, or name it with --library FILE",
                            places.front().string()));
}

std::vector<std::string> preloaded(const std::string& library, const std::string& rules) {
  return {"LD_PRELOAD=" + library, "CLUSTERBIND_RULES=" + rules};
}

}  // namespace clusterbind::bench
