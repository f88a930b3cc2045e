// Rules that replace others: under load, and if the second of the two steps fails.
//   kernel-replace GROUP TIMES     replaces rules while processes in the group connect
//   kernel-replace GROUP           with another owner's exclusive program on connect6
// replace_test.sh makes the network: the rules name 192.0.2.25 and .26, and the node has 192.0.2.9.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "config/rule_text.h"
#include "config/tool/kernel/assembler.h"
#include "config/tool/kernel/attach.h"
#include "config/tool/kernel/bpf.h"
#include "config/tool/kernel/group.h"

namespace {

using namespace clusterbind;
using namespace clusterbind::tool;

sockaddr_in far_end() {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(25);
  inet_pton(AF_INET, "192.0.2.9", &name.sin_addr);
  return name;
}

int listener() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in name = far_end();
  if (bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      listen(fd, 4096) != 0) {
    throw std::runtime_error("no listener");
  }
  return fd;
}

int connect_once() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const linger at_once = {1, 0};  // no TIME-WAIT
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const sockaddr_in name = far_end();
  const int error =
      connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
  close(fd);
  return error;
}

/// A process in the group that connects until it is ended, or once; then its exit status is the
/// errno.
pid_t connect_inside(const std::string& group, bool forever) {
  const pid_t child = fork();
  if (child != 0) return child;
  const int list = open((group + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
  if (write(list, "0", 1) != 1) _exit(255);
  int error = 0;
  do {
    error = connect_once();
    usleep(forever ? 300 : 0);  // the other side needs the processor too
  } while (forever && error == 0);
  _exit(error);
}

using Sources = std::map<std::string, size_t>;

/// Accepts the connections that have arrived, and counts them by source address.
void take(int fd, Sources& sources) {
  for (;;) {
    sockaddr_in from = {};
    socklen_t size = sizeof from;
    const int one = accept4(fd, reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC);
    if (one < 0) return;
    close(one);
    ++sources[inet_ntoa(from.sin_addr)];
  }
}

/// The source address of a connection from the group, as the listener sees it, or the name of the
/// errno.
std::string source_of(const std::string& group, int far) {
  int status = 0;
  waitpid(connect_inside(group, false), &status, 0);
  Sources sources;
  take(far, sources);
  const int error = WEXITSTATUS(status);
  return error != 0 ? strerrorname_np(error) : sources.begin()->first;
}

int replace(const std::string& group, int times) {
  const RuleText one("bind 192.0.2.25 2001:db8::25 to any port 25");
  const RuleText other("direct to 198.51.100.0/24; bind 192.0.2.26 2001:db8::26 to any port 1-100");
  attach_rules(group, one, {});
  const int far = listener();
  std::vector<pid_t> load;
  for (int i = 0; i < 3; ++i) load.push_back(connect_inside(group, true));
  Sources sources;
  for (int i = 0; i < times; ++i) {
    attach_rules(group, i % 2 == 0 ? other : one, {});
    take(far, sources);
  }
  size_t ended = 0;
  for (const pid_t child : load) {
    ended += waitpid(child, nullptr, WNOHANG) == 0 ? 0 : 1;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  take(far, sources);
  const size_t right = sources["192.0.2.25"] + sources["192.0.2.26"];
  size_t all = 0;
  for (const auto& [address, count] : sources) all += count;
  std::printf("replaced %d times under %zu connections: %zu from another address, %zu failed\n",
              times, all, all - right, ended);
  detach_rules(group);
  const bool both = sources["192.0.2.25"] > 0 && sources["192.0.2.26"] > 0;
  return both && all == right && ended == 0 ? 0 : 1;
}

size_t failures = 0;
void expect(const std::string& is, const std::string& should, const char* what) {
  if (is == should) return;
  ++failures;
  std::printf("FAIL: %s: %s, not %s\n", what, is.c_str(), should.c_str());
}

std::string attach_error(const std::string& group, const RuleText& rules) {
  try {
    attach_rules(group, rules, {});
    return "attached";
  } catch (const std::exception& trouble) {
    const std::string said = trouble.what();
    return said.find("nothing was changed") == said.npos ? said : "nothing was changed";
  }
}

/// Attaches another owner's program, which allows no others beside it.
Descriptor attach_exclusive(const Descriptor& folder) {
  Assembler code;
  code.exit(1);
  const auto instructions = code.finish();
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
  load.expected_attach_type = BPF_CGROUP_INET6_CONNECT;
  load.insns = reinterpret_cast<uintptr_t>(instructions.data());
  load.insn_cnt = static_cast<uint32_t>(instructions.size());
  load.license = reinterpret_cast<uintptr_t>("MIT");
  Descriptor program(bpf(BPF_PROG_LOAD, load));
  bpf_attr attributes{};
  attributes.target_fd = static_cast<uint32_t>(folder.get());
  attributes.attach_bpf_fd = static_cast<uint32_t>(program.get());
  attributes.attach_type = BPF_CGROUP_INET6_CONNECT;
  if (bpf(BPF_PROG_ATTACH, attributes) != 0) throw Refused("cannot attach", errno);
  return program;
}

int beside_exclusive(const std::string& group) {
  const RuleText one("bind 192.0.2.25 2001:db8::25 to any port 25");
  const RuleText other("bind 192.0.2.26 2001:db8::26 to any port 25");
  const Descriptor folder = open_group(group);
  const int far = listener();
  {
    const Descriptor exclusive = attach_exclusive(folder);
    expect(attach_error(group, one), "nothing was changed", "beside an exclusive program");
    expect(has_rules(group) ? "rules" : "none", "none", "IPv4 is taken back");
    expect(source_of(group, far), "192.0.2.9", "no rule is left");
    detach_program(folder, BPF_CGROUP_INET6_CONNECT, exclusive);
  }
  // The rules' IPv6 program is removed, so that an exclusive program can be attached there.
  expect(attach_error(group, one), "attached", "alone");
  const auto ours = programs_on(folder, BPF_CGROUP_INET6_CONNECT, false);
  detach_program(folder, BPF_CGROUP_INET6_CONNECT, program_by_id(ours.at(0)));
  const Descriptor exclusive = attach_exclusive(folder);
  expect(attach_error(group, other), "nothing was changed", "beside an exclusive program again");
  expect(source_of(group, far), "192.0.2.25", "the old rules are put back");
  detach_program(folder, BPF_CGROUP_INET6_CONNECT, exclusive);
  expect(attach_error(group, other), "attached", "alone again");
  expect(source_of(group, far), "192.0.2.26", "the new rules");
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  try {
    return argc > 2 ? replace(argv[1], std::atoi(argv[2])) : beside_exclusive(argv[1]);
  } catch (const std::exception& trouble) {
    std::printf("cannot run: %s\n", trouble.what());
    return 1;
  }
}
