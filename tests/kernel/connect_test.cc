// Real connections under random rules in the kernel. The judges are the source address that the far
// end sees, what the same connection does without rules, and the counters. The slow model says what
// should happen. connect_test.sh makes the network.
//   kernel-connect GROUP FOLDER FIRST-SEED SEEDS CONNECTIONS
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/rule_text.h"
#include "config/tool/kernel/attach.h"
#include "tests/kernel/worker.h"
#include "tests/unit/random_rules.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

namespace clusterbind::test {
namespace {

std::string text_of(const Bytes& bytes) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

/// The far end: a socket for every local address, which the rules do not affect.
class FarEnd {
 public:
  explicit FarEnd(const Task& task) {
    fd_ = socket(AF_INET6, task.type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    SocketName name = name_of(Bytes{}, task.port, AF_INET6);
    good_ = bind(fd_, name.get(), name.length) == 0 &&
            (task.type == SOCK_DGRAM || listen(fd_, 16) == 0);
    is_datagram_ = task.type == SOCK_DGRAM;
    is_group_ = task.destination[0] == 0xff;
  }
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;
  ~FarEnd() { close(fd_); }

  bool good() const { return good_; }

  /// The source of one connection or datagram; returns false if none came.
  bool saw(Bytes& source) const {
    pollfd ready = {fd_, POLLIN, 0};
    if (is_group_ || poll(&ready, 1, 100) != 1) return false;
    SocketName from;
    from.length = sizeof from.raw;
    if (is_datagram_) {
      char byte = 0;
      if (recvfrom(fd_, &byte, 1, 0, from.get(), &from.length) < 0) return false;
    } else {
      const int one = accept4(fd_, from.get(), &from.length, SOCK_CLOEXEC);
      if (one < 0) return false;
      close(one);
    }
    source = bytes_of(from);
    return true;
  }

 private:
  int fd_ = -1;
  bool good_ = false;
  bool is_datagram_ = false;
  bool is_group_ = false;  // a multicast address, whose group nobody has joined
};

/// The result of a task, and the source address that the far end saw.
struct Seen {
  Outcome outcome;
  bool arrived = false;
  Bytes source{};

  std::string text() const {
    return std::string(outcome.error == 0 ? "connected" : strerrorname_np(outcome.error)) +
           " from " + text_of(arrived ? source : outcome.local) + (arrived ? "" : " (unseen)");
  }
};

Seen see(const Worker& worker, const Task& task, const FarEnd& far) {
  Seen seen;
  seen.outcome = worker.run(task);
  seen.arrived = seen.outcome.error == 0 && far.saw(seen.source);
  return seen;
}

/// What should happen to a connection under the rules.
struct Wanted {
  enum { as_plain, refused, missing, from } what = as_plain;
  std::vector<Bytes> sources;  // one of these
  uint64_t tool::RuleCounts::*counter = &tool::RuleCounts::decided;
};

class Trial {
 public:
  Trial(unsigned seed, const std::string& group, const std::set<Bytes>& held)
      : seed_(seed), random_(seed), rules_(random_.text()), group_(group), held_(held) {
    tool::attach_rules(group_, rules_, {});
    counts_.resize(random_.rules().size() + 1);
  }

  RandomRules& random() { return random_; }

  /// The table of clusterbind-attach(8), for the rule that the slow model finds.
  Wanted wanted(uint32_t rule, const Task& task, const std::string& program) const {
    Wanted result;
    if (rule == UINT32_MAX) return result;
    const Rule& facts = rules_.parsed().rules[rule];
    if (facts.action == Action::direct) return result;
    if (facts.action == Action::refuse) {
      result.what = Wanted::refused;
      return result;
    }
    const auto all = sources(rule, task.destination);
    const bool bound =
        task.bound == Bound::to_address || task.bound == Bound::to_address_without_port;
    if (bound && std::count(all.begin(), all.end(), task.local) > 0) return result;
    const bool ours = bound && is_source(task.local, program);
    if (bound && !ours && !facts.override_program) {
      result.counter = &tool::RuleCounts::kept;
      return result;
    }
    for (const Bytes& one : all) {
      if (held_.count(one) > 0) result.sources.push_back(one);
    }
    const bool movable = task.bound == Bound::no || task.bound == Bound::to_address_without_port;
    const bool is_ipv6 = !horrible_is_mapped(task.destination);
    if (!result.sources.empty() && movable) {
      result.what = Wanted::from;
      if (!facts.picks_at_random)
        result.sources.erase(result.sources.begin() + 1, result.sources.end());
    } else if (ours && !movable && (!result.sources.empty() || is_ipv6)) {
      // The socket keeps its address. If it has a port, bind(2) fails for that reason before it
      // checks the address in IPv6 (net/ipv6/af_inet6.c), and afterwards in IPv4
      // (net/ipv4/af_inet.c).
      result.counter = &tool::RuleCounts::kept;
    } else {
      result.counter = &tool::RuleCounts::missing;
      if (facts.fallback == Fallback::refuse) result.what = Wanted::missing;
    }
    return result;
  }

  void count(uint32_t rule, const Wanted& wanted) {
    ++(counts_[rule == UINT32_MAX ? 0 : rule + 1].*wanted.counter);
  }

  /// The number of counters that differ from what was counted here.
  size_t wrong_counters() const {
    const auto now = tool::attachment_of(group_);
    size_t wrong = now && now->counts.size() == counts_.size() ? 0 : counts_.size();
    for (size_t i = 0; wrong == 0 && i < counts_.size(); ++i) {
      const auto& is = now->counts[i];
      const auto& should = counts_[i];
      if (is.decided == should.decided && is.kept == should.kept && is.missing == should.missing) {
        continue;
      }
      ++wrong;
      std::printf("seed %u: rule %zu has counted %lu %lu %lu, not %lu %lu %lu\n", seed_, i,
                  is.decided, is.kept, is.missing, should.decided, should.kept, should.missing);
    }
    return wrong;
  }

  const std::string& text() const { return random_.text(); }

 private:
  std::vector<Bytes> sources(size_t rule, const Bytes& destination) const {
    std::vector<Bytes> result;
    const Family family = horrible_is_mapped(destination) ? Family::ipv4 : Family::ipv6;
    for (const Address& one : rules_.sources(rule, family)) result.push_back(ipv6_bytes(one));
    return result;
  }

  /// Whether the address is a source of a bind rule that can apply to this program.
  bool is_source(const Bytes& address, const std::string& program) const {
    for (size_t i = 0; i < random_.rules().size(); ++i) {
      const auto& names = random_.rules()[i].programs;
      if (random_.rules()[i].action != Action::bind ||
          (!names.empty() && std::count(names.begin(), names.end(), program) == 0)) {
        continue;
      }
      const auto all = sources(i, address);
      if (std::count(all.begin(), all.end(), address) > 0) return true;
    }
    return false;
  }

  unsigned seed_;
  RandomRules random_;
  RuleText rules_;
  const std::string& group_;
  const std::set<Bytes>& held_;
  std::vector<tool::RuleCounts> counts_;
};

struct Tally {
  size_t connections = 0;
  size_t bound = 0, refused = 0, missing = 0, kept = 0, plain = 0;
  size_t wrong_rules = 0, wrong_sources = 0;
};

class Test {
 public:
  Test(std::string group, const std::string& folder) : group_(std::move(group)) {
    plain_ = std::make_unique<Worker>(folder + "/other", "");
    for (const char* name : names) {
      inside_[name] = std::make_unique<Worker>(folder + "/" + name, group_);
    }
    for (int i = 25; i < 34; ++i) {
      for (const std::string prefix : {"192.0.2.", "2001:db8::"}) {
        const Bytes address = bytes_of((prefix + std::to_string(i)).c_str());
        if (is_held(address)) held_.insert(address);
      }
    }
  }

  void run(unsigned seed, size_t connections) {
    Trial trial(seed, group_, held_);
    for (size_t i = 0; i < connections; ++i) connect(trial);
    tally_.wrong_rules += trial.wrong_counters();
  }

  const Tally& tally() const { return tally_; }

 private:
  static constexpr const char* names[] = {"mta", "mtad", "a.out", "to", "other"};

  /// Asks the kernel.
  static bool is_held(const Bytes& address) {
    const int family = horrible_is_mapped(address) ? AF_INET : AF_INET6;
    const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    SocketName name = name_of(address, 0, family);
    const bool held = bind(fd, name.get(), name.length) == 0;
    close(fd);
    return held;
  }

  static Task random_task(RandomRules& random) {
    constexpr int protocols[] = {IPPROTO_TCP, IPPROTO_TCP, IPPROTO_MPTCP, IPPROTO_UDP};
    Task task;
    task.destination = random.destination();
    task.port = std::max<uint16_t>(random.port(), 1);
    const bool is_ipv4 = horrible_is_mapped(task.destination);
    task.family = is_ipv4 && !random.chance(3) ? AF_INET : AF_INET6;
    task.protocol = protocols[random.chance(2) + 2 * random.chance(2)];
    task.type = task.protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
    if (random.chance(4)) {
      constexpr Bound all[] = {Bound::to_address, Bound::to_address_without_port,
                               Bound::to_wildcard};
      task.bound = all[random.chance(2) + random.chance(3)];
      // The node's own address, or one that rules may name.
      const char* const locals[] = {"192.0.2.9", "192.0.2.26", "2001:db8::9", "2001:db8::26"};
      task.local = bytes_of(locals[(is_ipv4 ? 0 : 2) + random.chance(2)]);
    }
    return task;
  }

  void connect(Trial& trial) {
    const Task task = random_task(trial.random());
    const std::string drawn = trial.random().program();
    const std::string program = drawn.empty() ? "other" : drawn;
    // Leaves out destinations whose packets the kernel drops silently, such as 0.0.0.1.
    const bool is_nowhere = horrible_is_mapped(task.destination) && task.destination[12] == 0 &&
                            !horrible_is_wildcard(task.destination);
    const FarEnd far(task);
    if (is_nowhere || !far.good()) return connect(trial);
    const Seen plain = see(*plain_, task, far);
    if (!plain.outcome.is_prepared) return connect(trial);

    const Protocol protocol = task.type == SOCK_DGRAM ? Protocol::udp : Protocol::tcp;
    const uint32_t rule =
        horrible_lookup(trial.random().rules(), program, task.destination, task.port, protocol);
    const Wanted wanted = trial.wanted(rule, task, program);
    trial.count(rule, wanted);
    const Seen seen = see(*inside_[program], task, far);
    ++tally_.connections;
    judge(trial, task, wanted, plain, seen);
  }

  void judge(const Trial& trial, const Task& task, const Wanted& wanted, const Seen& plain,
             const Seen& seen) {
    int error = plain.outcome.error;
    std::vector<Bytes> sources = {plain.arrived ? plain.source : plain.outcome.local};
    switch (wanted.what) {
      case Wanted::as_plain:
        ++tally_.plain;
        break;
      case Wanted::refused:
        error = ECONNREFUSED;
        ++tally_.refused;
        break;
      case Wanted::missing:
        error = EADDRNOTAVAIL;
        ++tally_.missing;
        break;
      case Wanted::from:
        sources = wanted.sources;
        ++tally_.bound;
        break;
    }
    // A destination that cannot be a host, such as 255.255.255.255: for it, bound sockets get
    // another errno.
    const bool is_no_host = wanted.what == Wanted::from && error != 0 &&
                            (seen.outcome.error == ENETUNREACH || seen.outcome.error == EACCES);
    const bool right_error = seen.outcome.error == error || is_no_host;
    const Bytes& source = seen.arrived ? seen.source : seen.outcome.local;
    // If the connection failed, the source address does not matter.
    const bool right_source =
        seen.outcome.error != 0 || std::count(sources.begin(), sources.end(), source) > 0;
    const bool right_arrival = seen.arrived == (plain.arrived && error == 0);
    if (right_error && right_source && right_arrival) return;
    tally_.wrong_rules += right_error ? 0 : 1;
    tally_.wrong_sources += right_error ? 1 : 0;
    if (tally_.wrong_rules + tally_.wrong_sources > 5) return;
    std::printf("%s port %u, socket %d %d %d, bound %d to %s: %s; plain: %s; wanted %d\n%s\n",
                text_of(task.destination).c_str(), task.port, task.family, task.type, task.protocol,
                static_cast<int>(task.bound), text_of(task.local).c_str(), seen.text().c_str(),
                plain.text().c_str(), static_cast<int>(wanted.what), trial.text().c_str());
  }

  std::string group_;
  std::unique_ptr<Worker> plain_;
  std::map<std::string, std::unique_ptr<Worker>> inside_;
  std::set<Bytes> held_;
  Tally tally_;
};

}  // namespace
}  // namespace clusterbind::test

int main(int argc, char** argv) {
  using namespace clusterbind::test;
  if (argc == 2 && std::strcmp(argv[1], "worker") == 0) return work();
  if (argc != 6) return 64;
  const auto first = static_cast<unsigned>(std::atoi(argv[3]));
  const auto seeds = static_cast<unsigned>(std::atoi(argv[4]));
  try {
    Test test(argv[1], argv[2]);
    for (unsigned i = 0; i < seeds; ++i) {
      test.run(first + i, static_cast<size_t>(std::atoi(argv[5])));
    }
    const Tally& tally = test.tally();
    std::printf(
        "%zu connections: %zu bound, %zu refused, %zu without a source, %zu as plain; "
        "%zu wrong rules, %zu wrong sources\n",
        tally.connections, tally.bound, tally.refused, tally.missing, tally.plain,
        tally.wrong_rules, tally.wrong_sources);
    const size_t some = tally.connections / 50;
    const bool says_something =
        tally.bound + tally.missing > some && tally.refused > some && tally.plain > some;
    return says_something && tally.wrong_rules + tally.wrong_sources == 0 ? 0 : 1;
  } catch (const std::exception& trouble) {
    std::printf("cannot run: %s\n", trouble.what());
    return 1;
  }
}
