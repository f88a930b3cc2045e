#include "config/tool/kernel/proof.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <stdexcept>

#include "config/tool/host/files.h"
#include "config/tool/host/sockets.h"

namespace clusterbind::tool {
namespace {

enum class Tried : uint8_t { connected, no_family, not_in_group, failed };

/// What the child has tried, for each family.
struct Report {
  std::array<Tried, 2> tried = {Tried::failed, Tried::failed};
  int error = 0;
};

/// Moves this process into a group. Returns 0 or an errno value.
int enter(const std::string& group) {
  const Descriptor list(open((group + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  return list.valid() && write(list.get(), "0", 1) == 1 ? 0 : errno;
}

/// Connects a UDP socket to the wildcard address, which no rule can match.
Tried try_family(Family family, int& error) {
  const Descriptor one(socket(domain_of(family), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!one.valid()) {
    error = errno;
    return errno == EAFNOSUPPORT ? Tried::no_family : Tried::failed;
  }
  constexpr uint16_t discard = 9;
  const SocketAddress nowhere(Address{0, 0, family}, discard);
  if (connect(one.get(), nowhere.get(), nowhere.length) != 0) {
    error = errno;  // the program has run by then: its counter shows that
  }
  return Tried::connected;
}

[[noreturn]] void run_child(const std::string& group, const std::string& inner, int answer) {
  Report report;
  // A group that passes its controllers on to its subgroups cannot have processes of its own. A
  // process in a subgroup is decided by the same program.
  report.error = enter(group);
  if (report.error == EBUSY && mkdir(inner.c_str(), 0755) == 0) {
    report.error = enter(inner);
  }
  if (report.error != 0) {
    report.tried = {Tried::not_in_group, Tried::not_in_group};
  } else {
    report.tried[0] = try_family(Family::ipv4, report.error);
    report.tried[1] = try_family(Family::ipv6, report.error);
  }
  const bool told = write(answer, &report, sizeof report) == sizeof report;
  _exit(told ? 0 : 1);
}

/// Runs the child. If the group is frozen, the child may be stopped for good when it enters: then
/// it is killed.
Report try_in(const std::string& group) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error(fmt::format("cannot make a pipe: {}", error_text(errno)));
  }
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const std::string inner = fmt::format("{}/clusterbind-proof.{}", group, getpid());
  const pid_t child = fork();
  if (child < 0) {
    throw std::runtime_error(fmt::format("cannot make a process: {}", error_text(errno)));
  }
  if (child == 0) {
    run_child(group, inner, writing.get());
  }
  writing = Descriptor();
  Report report;
  constexpr int patience = 5000;  // milliseconds
  pollfd answer = {reading.get(), POLLIN, 0};
  const bool came = poll(&answer, 1, patience) == 1 &&
                    read(reading.get(), &report, sizeof report) == sizeof report;
  if (!came) {
    kill(child, SIGKILL);
  }
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  rmdir(inner.c_str());
  if (!came) {
    throw std::runtime_error(
        fmt::format("a process does not get on in {}: is the group frozen?", group));
  }
  return report;
}

}  // namespace

void prove(const std::string& group, RuleMaps& maps, bool names) {
  const std::string self(base_name(link_target("/proc/self/exe")));
  RuleCounts& counted = names ? maps.counts().back() : maps.counts().front();
  if (names) {
    maps.watch(self);
  }
  std::atomic_ref<uint64_t> decided(counted.decided);
  const uint64_t before = decided;
  const Report report = try_in(group);
  const uint64_t after = decided;
  if (names) {
    maps.unwatch(self);
  }
  if (report.tried[0] == Tried::not_in_group) {
    throw std::runtime_error(
        fmt::format("{}: no process can be put into the group to see the rules at work: {}", group,
                    error_text(report.error)));
  }
  uint64_t made = 0;
  for (const Tried one : report.tried) {
    made += one == Tried::connected ? 1 : 0;
  }
  if (made == 0) {
    throw std::runtime_error(
        fmt::format("cannot try a connection in {}: {}", group, error_text(report.error)));
  }
  if (after - before < made) {
    throw std::runtime_error(
        fmt::format("{} of {} connections that were tried in {} did not come to the rules{}",
                    made - (after - before), made, group,
                    names ? ", or their program's name could not be read" : ""));
  }
  decided -= made;
}

}  // namespace clusterbind::tool
