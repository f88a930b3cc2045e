// Starts programs, and ends those that it has started.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "bench/descriptor.h"

namespace clusterbind::bench {

class Network;

/// A program to start. It inherits our environment without LD_PRELOAD and CLUSTERBIND_*.
struct Command {
  std::vector<std::string> arguments;    // the first is the program's path
  std::vector<std::string> environment;  // NAME=VALUE, put before the inherited ones
  int input = -1;                        // become descriptors 0, 1 and 2; -1: /dev/null for 0,
  int output = -1;                       // and our own for 1 and 2
  int error = -1;
  int passed = -1;                   // becomes descriptor 3
  const Network* network = nullptr;  // the network namespace to run in; null: ours
  std::string cgroup;                // the folder of the control group to run in; empty: ours
};

/// A running program. The destructor kills it and waits for it.
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

  /// Waits until it ends. Returns the exit status, or 128 plus the number of the signal.
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

/// Starts such a program, with its pipes. Throws Failure.
Server start_server(Command command);

struct Outcome {
  int status = 0;
  std::string output;  // from descriptors 1 and 2
};

/// Runs a program until it ends. Throws Failure if that takes longer than so many seconds.
Outcome run(Command command, double seconds);

/// Like run, but throws Failure with the program's output if it does not succeed.
void must_run(const Command& command);

/// The folder of this process's control group, and a move into another one (cgroups(7), version 2).
/// Throw Failure.
std::string own_group();
void join_group(const std::string& folder);

/// The environment that Command describes: NAME=VALUE strings.
std::vector<std::string> environment_of(const Command& command);

/// A NULL-terminated array of the strings, for exec and spawn; it points into `strings`.
std::vector<char*> pointers_to(std::vector<std::string>& strings);

/// The path of a program, found in PATH or in the system's sbin folders; empty if it is not there.
std::string find_program(std::string_view name);

/// The same, but throws Failure(status_unavailable), which names the Debian package to install.
std::string need_program(std::string_view name, std::string_view package);

/// The path of this program.
std::string own_path();

/// The path of libclusterbind.so: `given`, or else the one beside this program or installed with
/// it.
std::string find_library(const std::string& given);

/// LD_PRELOAD and CLUSTERBIND_RULES, to run a program under the library.
std::vector<std::string> preloaded(const std::string& library, const std::string& rules);

/// Makes SIGINT and SIGTERM end the run in an orderly way, so that everything is cleaned up.
void catch_interrupts();

/// Throws Failure if one of these signals has arrived.
void end_if_interrupted();

}  // namespace clusterbind::bench
