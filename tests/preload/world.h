// A network of the test's own, a listener in it that notes who connected, and programs that are run
// in it under the library.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace world {

/// Enters a new network namespace, once per process, whose loopback interface holds
/// fd00::10, fd00::25 and fd00::77 beside ::1. Needs root.
void enter();

/// Sets a sysctl of the namespace, and sets it back at the end.
class Sysctl {
 public:
  Sysctl(const std::string& path, const std::string& value);
  ~Sysctl();

 private:
  std::string path_;
  std::string before_;
};

/// Listens on all IPv4 and IPv6 addresses at one port.
class Listener {
 public:
  Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  std::string port() const { return std::to_string(port_); }

  /// The addresses of the peers since the last time, in order, separated by blanks.
  std::string peers();

 private:
  /// Makes the two sockets. False where the port that the kernel chose is taken for IPv4.
  bool listen_at_same_port();

  int ipv4_ = -1;
  int ipv6_ = -1;
  uint16_t port_ = 0;
};

using Variables = std::map<std::string, std::string>;

struct Output {
  std::string out;    // lines separated by "; "
  std::string error;  // the same
  int status = 0;     // of waitpid(2)
};

/// Runs a program with these variables alone, beside PATH, and waits for its end.
Output run(const std::vector<std::string>& command, const Variables& variables);

/// Runs the subject under the library with these rules and the log on stderr. `$` in the script
/// stands for the listener's port. `launcher`: a command that starts it.
Output subject(const std::string& rules, const std::string& script, const Listener& listener,
               const Variables& more = {}, const std::vector<std::string>& launcher = {});

/// A folder of the test's own, removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

/// Replaces all `from` in `text`.
std::string replaced(std::string text, const std::string& from, const std::string& to);

}  // namespace world
