// Starts programs and ends them: only those that were started here.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "bench/descriptor.h"

namespace clusterbind::bench {

class Network;

/// A program to start. Of our own environment it gets all but LD_PRELOAD and CLUSTERBIND_*.
struct Command {
  std::vector<std::string> arguments;    // the first is the program's path
  std::vector<std::string> environment;  // NAME=VALUE, put in front of ours
  int input = -1;                        // become descriptors 0, 1 and 2; -1: /dev/null for 0,
  int output = -1;                       // our own for the others
  int error = -1;
  int passed = -1;                   // becomes descriptor 3
  const Network* network = nullptr;  // the network namespace to run in; null: ours
  std::string cgroup;                // the folder of the control group to run in; empty: ours
};

/// A running program, killed and waited for when its owner goes.
class Process {
 public:
  Process() = default;
  explicit Process(pid_t pid) : pid_(pid) {}
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Process& operator=(Process&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~Process() { stop(); }

  /// Waits for the end; the exit status, or 128 and the signal's number.
  int wait();
  void stop();
  bool running();

 private:
  pid_t pid_ = -1;
};

/// Starts a program. Throws Failure.
Process start(const Command& command);

/// A running program that reads requests from its descriptor 0 and answers on its descriptor 1.
struct Server {
  Descriptor requests;
  Descriptor replies;
  Process process;
};

/// Starts one, with the pipes that it needs. Throws Failure.
Server start_server(Command command);

struct Outcome {
  int status = 0;
  std::string output;  // of descriptors 1 and 2
};

/// Runs a program to its end, at most for so many seconds. Throws Failure when they have passed.
Outcome run(Command command, double seconds);

/// Like run, and throws Failure with what the program said where it did not succeed.
void must_run(const Command& command);

/// The folder of the control group that this process is in, and the way into another one
/// (cgroups(7), version 2). Throw Failure.
std::string own_group();
void join_group(const std::string& folder);

/// The environment that Command describes: NAME=VALUE strings.
std::vector<std::string> environment_of(const Command& command);

/// A NULL-terminated array of the strings, for exec and spawn; it points into `strings`.
std::vector<char*> pointers_to(std::vector<std::string>& strings);

/// The path of a program, looked up in PATH and the system's sbin folders; empty if absent.
std::string find_program(std::string_view name);

/// The same; throws Failure(status_unavailable) that names the Debian package to install.
std::string need_program(std::string_view name, std::string_view package);

/// This program's own file.
std::string own_path();

/// libclusterbind.so: `given`, or the one beside this program or installed with it.
std::string find_library(const std::string& given);

/// LD_PRELOAD and CLUSTERBIND_RULES for a program that is to run under the library.
std::vector<std::string> preloaded(const std::string& library, const std::string& rules);

/// SIGINT and SIGTERM end the run in order: what was made is removed again.
void catch_interrupts();

/// Throws Failure if a signal asked us to end.
void end_if_interrupted();

}  // namespace clusterbind::bench
