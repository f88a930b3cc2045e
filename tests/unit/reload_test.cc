// Lookups from many threads while rules are loaded and reloaded, mainly for the thread sanitizer.
// The rule file is replaced by rename, and each lookup must use one of its two versions completely.
// The threads also make connections that are refused, each of which is logged.
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "preload/build.h"
#include "preload/calls.h"
#include "preload/load.h"
#include "tests/catch.h"

namespace clusterbind::test {
namespace {

/// A rule file that is replaced by rename, as clusterbind.conf(5) demands.
class RuleFile {
 public:
  RuleFile() : path_("/tmp/clusterbind-reload-" + std::to_string(getpid())) {}
  RuleFile(const RuleFile&) = delete;
  RuleFile& operator=(const RuleFile&) = delete;
  ~RuleFile() { std::remove(path_.c_str()); }

  const std::string& path() const { return path_; }

  void replace(const char* source) {
    const std::string temporary = path_ + ".new";
    std::ofstream(temporary) << "reload on\nrefuse to 192.0.2.0/24\nbind " << source << "\n";
    REQUIRE(std::rename(temporary.c_str(), path_.c_str()) == 0);
  }

 private:
  std::string path_;
};

/// The source address for a destination under the rules in force; 0 if the rules are neither of the
/// versions.
uint64_t source_now() {
  const Rules& rules = rules_for_connection();
  Target target;
  target.address = read_address("198.51.100.7").value();
  target.port = 25;
  const Match match = rules.match(target);
  if (rules.wrong || match[Protocol::tcp] != 1 || rules.list.size() != 2) return 0;
  return rules.list[1].ipv4;
}

/// Whether a connection to a destination of the first rule is refused, as it must be in both
/// versions.
bool is_refused(int fd) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(25);
  name.sin_addr.s_addr = htonl(0xc0000207);  // 192.0.2.7
  const int result = connect_by_rules(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  return result == -1 && errno == ECONNREFUSED;
}

TEST_CASE("The file that is taken over is the one that was watched") {
  RuleFile file;
  file.replace("192.0.2.25");
  FileIdentity watched;
  REQUIRE(identify(file.path().c_str(), watched));
  Process process;
  process.reader.user = geteuid();
  const Rules* rules = build_rules_from(process, file.path().c_str(), &watched);
  REQUIRE(rules != nullptr);
  CHECK_FALSE(rules->wrong);
  file.replace("192.0.2.26");  // between the stat of the file and its opening
  CHECK(build_rules_from(process, file.path().c_str(), &watched) == nullptr);
}

TEST_CASE("Rules are loaded once, and replaced as a whole while threads use them") {
  const uint64_t first = read_address("192.0.2.25").value().low;
  const uint64_t second = read_address("192.0.2.26").value().low;
  RuleFile file;
  file.replace("192.0.2.25");
  setenv("CLUSTERBIND_CONFIG", file.path().c_str(), 1);
  setenv("CLUSTERBIND_LOG_TO", "stderr", 1);
  unsetenv("CLUSTERBIND_RULES");

  std::atomic<bool> ended = false;
  std::atomic<unsigned> neither = 0;
  std::atomic<unsigned> lookups = 0;
  std::atomic<unsigned> after = 0;
  std::atomic<unsigned> let_through = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      while (!ended) {
        const uint64_t source = source_now();
        if (source != first && source != second) ++neither;
        if (source == second) ++after;
        ++lookups;
        if (!is_refused(fd)) ++let_through;
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
      close(fd);
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  file.replace("192.0.2.26");
  // The change is seen within a second, must last for two seconds, and is in force within another
  // second.
  for (int i = 0; i < 80 && after < 100; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ended = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(neither == 0);
  CHECK(let_through == 0);
  CHECK(after >= 100);
  CHECK(lookups > after);
}

}  // namespace
}  // namespace clusterbind::test
