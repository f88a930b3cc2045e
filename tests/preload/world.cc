#include "tests/preload/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace world {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + strerror(errno));
}

int must(int result, const char* what) {
  if (result < 0) fail(what);
  return result;
}

std::string slurp(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t size; (size = read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(size));
  }
  close(fd);
  while (text.ends_with('\n')) text.pop_back();
  return replaced(text, "\n", "; ");
}

std::string peer(int listener) {
  sockaddr_storage name = {};
  socklen_t size = sizeof name;
  const int fd = accept4(listener, reinterpret_cast<sockaddr*>(&name), &size, SOCK_CLOEXEC);
  if (fd < 0) return {};
  close(fd);
  char text[INET6_ADDRSTRLEN] = {};
  const void* address = name.ss_family == AF_INET
                            ? static_cast<void*>(&reinterpret_cast<sockaddr_in*>(&name)->sin_addr)
                            : &reinterpret_cast<sockaddr_in6*>(&name)->sin6_addr;
  inet_ntop(name.ss_family, address, text, sizeof text);
  return text;
}

}  // namespace

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

void enter() {
  static bool inside = false;
  if (inside) return;
  if (unshare(CLONE_NEWNET) != 0) {
    // CMakeLists.txt recognises a skipped test by this line.
    std::fprintf(stderr, "cannot run: no namespaces: %s\n", strerror(errno));
    std::_Exit(1);
  }
  for (const char* command :
       {"ip link set lo up", "ip addr add fd00::10/128 dev lo nodad",
        "ip addr add fd00::25/128 dev lo nodad", "ip addr add fd00::77/128 dev lo nodad"}) {
    if (std::system(command) != 0) fail(command);
  }
  inside = true;
}

bool can_mount() {
  return unshare(CLONE_NEWNS) == 0 &&
         mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

void not_tested(const std::string& what_and_why) {
  if (std::getenv("CI") != nullptr) throw std::runtime_error("not tested: " + what_and_why);
  // tests/results.awk looks for this line.
  std::printf("not tested: %s\n", what_and_why.c_str());
}

Sysctl::Sysctl(const std::string& path, const std::string& value) : path_("/proc/sys/" + path) {
  enter();
  std::ifstream in(path_);
  std::getline(in, before_);
  std::ofstream out(path_);
  if (!(out << value << std::flush)) fail(path_);
}

Sysctl::~Sysctl() {
  std::ofstream(path_) << before_;
}

Listener::Listener() {
  enter();
  // The port that is free for one family may just have been used by a connection of the other.
  while (!listen_at_same_port()) {
    close(ipv4_);
    close(ipv6_);
  }
  for (const int fd : {ipv4_, ipv6_}) {
    const int queue = 16;
    must(setsockopt(fd, IPPROTO_TCP, 23 /* TCP_FASTOPEN */, &queue, sizeof queue), "fastopen");
    must(listen(fd, 64), "listen");
  }
}

bool Listener::listen_at_same_port() {
  ipv6_ = must(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  const int on = 1;
  must(setsockopt(ipv6_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on), "v6only");
  sockaddr_in6 name6 = {};
  name6.sin6_family = AF_INET6;
  must(bind(ipv6_, reinterpret_cast<sockaddr*>(&name6), sizeof name6), "bind");
  socklen_t size = sizeof name6;
  getsockname(ipv6_, reinterpret_cast<sockaddr*>(&name6), &size);
  port_ = ntohs(name6.sin6_port);
  ipv4_ = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket");
  sockaddr_in name4 = {};
  name4.sin_family = AF_INET;
  name4.sin_port = htons(port_);
  const bool done = bind(ipv4_, reinterpret_cast<sockaddr*>(&name4), sizeof name4) == 0;
  if (!done && errno != EADDRINUSE) fail("bind");
  return done;
}

Listener::~Listener() {
  close(ipv4_);
  close(ipv6_);
}

std::string Listener::peers() {
  std::string all;
  for (const int fd : {ipv4_, ipv6_}) {
    for (std::string one; !(one = peer(fd)).empty();) all += (all.empty() ? "" : " ") + one;
  }
  return all;
}

Output run(const std::vector<std::string>& command, const Variables& variables) {
  enter();
  std::vector<std::string> texts = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  for (const auto& [key, value] : variables) texts.push_back(key + "=" + value);
  std::vector<char*> environment;
  for (std::string& text : texts) environment.push_back(text.data());
  environment.push_back(nullptr);
  std::vector<char*> arguments;
  for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);

  char out_name[] = "/tmp/clusterbind-out-XXXXXX";
  char error_name[] = "/tmp/clusterbind-err-XXXXXX";
  const int out = must(mkostemp(out_name, O_CLOEXEC), "mkostemp");
  const int error = must(mkostemp(error_name, O_CLOEXEC), "mkostemp");
  unlink(out_name);
  unlink(error_name);
  const pid_t child = must(fork(), "fork");
  if (child == 0) {
    dup2(out, 1);
    dup2(error, 2);
    alarm(20);  // no test may hang
    execve(arguments[0], arguments.data(), environment.data());
    _exit(127);
  }
  Output result;
  waitpid(child, &result.status, 0);
  lseek(out, 0, SEEK_SET);
  lseek(error, 0, SEEK_SET);
  result.out = slurp(out);
  result.error = slurp(error);
  return result;
}

Output subject(const std::string& rules, const std::string& script, const Listener& listener,
               const Variables& more, const std::vector<std::string>& launcher) {
  std::vector<std::string> command = launcher;
  command.emplace_back(SUBJECT);
  std::istringstream words(script);
  for (std::string word; words >> word;) command.push_back(replaced(word, "$", listener.port()));
  Variables variables = {{"LD_PRELOAD", LIBRARY}, {"CLUSTERBIND_LOG_TO", "stderr"}};
  if (!rules.empty()) variables["CLUSTERBIND_RULES"] = replaced(rules, "$", listener.port());
  for (const auto& [key, value] : more) variables[key] = value;
  return run(command, variables);
}

Folder::Folder() {
  char name[] = "/tmp/clusterbind-test-XXXXXX";
  if (mkdtemp(name) == nullptr) fail("mkdtemp");
  path_ = name;
  std::filesystem::permissions(path_, std::filesystem::perms(0755));
}

Folder::~Folder() {
  std::filesystem::remove_all(path_);
}

void Folder::write(const std::string& name, const std::string& text) const {
  // Replaced by rename, as rule files should be.
  const std::string temporary = path(name) + ".new";
  std::ofstream(temporary) << text;
  std::filesystem::rename(temporary, path(name));
}

}  // namespace world
