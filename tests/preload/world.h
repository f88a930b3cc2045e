// A network namespace for the test, with a listener that records who connected, and functions that
// run programs in it under the library.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace world {

/// Enters a new network namespace, once per process. Its loopback interface holds fd00::10,
/// fd00::25 and fd00::77 besides ::1. Needs root.
void enter();

/// Enters a new mount namespace, so that the test can mount over what belongs to the machine.
/// Returns false if there is none: in a plain chroot / is no mount point and cannot be made
/// private.
bool can_mount();

/// Reports what this test leaves out here, and why. In CI nothing may be left out: throws.
void not_tested(const std::string& what_and_why);

/// Sets a sysctl of the namespace; the destructor restores it.
class Sysctl {
 public:
  Sysctl(const std::string& path, const std::string& value);
  ~Sysctl();

 private:
  std::string path_;
  std::string before_;
};

/// Listens at one port on all IPv4 and IPv6 addresses.
class Listener {
 public:
  Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  std::string port() const { return std::to_string(port_); }

  /// The addresses of the peers since the last call, in order, separated by blanks.
  std::string peers();

 private:
  /// Makes the two sockets. Returns false if the port that the kernel chose is taken for IPv4.
  bool listen_at_same_port();

  int ipv4_ = -1;
  int ipv6_ = -1;
  uint16_t port_ = 0;
};

using Variables = std::map<std::string, std::string>;

struct Output {
  std::string out;    // lines separated by "; "
  std::string error;  // the same
  int status = 0;     // from waitpid(2)
};

/// Runs a program with only these variables and PATH, and waits until it ends.
Output run(const std::vector<std::string>& command, const Variables& variables);

/// Runs the subject under the library, with these rules and with the log on stderr. `$` in the
/// script stands for the listener's port. `launcher` is a command that starts the subject.
Output subject(const std::string& rules, const std::string& script, const Listener& listener,
               const Variables& more = {}, const std::vector<std::string>& launcher = {});

/// A folder for the test, removed by the destructor.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

/// Replaces every `from` in `text` by `to`.
std::string replaced(std::string text, const std::string& from, const std::string& to);

}  // namespace world
