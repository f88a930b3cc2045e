// An ordinary program that makes the socket calls which its arguments name, one call per word, and
// prints what each returned. It knows nothing about the library.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

extern "C" int __connect(int, const sockaddr*, socklen_t);

// The errno of a connection before the constructors of all libraries, also that of libc.
static int before_constructors = 0;

namespace {

constexpr int untouched = 4711;  // not an errno value

std::vector<std::string> words;
size_t position = 0;
int fd = -1;

std::string word() {
  return words.at(position++);
}

struct Name {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Name name() {
  Name result;
  const std::string address = word();
  const auto port = static_cast<uint16_t>(std::stoi(word()));
  auto* ipv4 = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* ipv6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (inet_pton(AF_INET, address.c_str(), &ipv4->sin_addr) == 1) {
    ipv4->sin_family = AF_INET;
    ipv4->sin_port = htons(port);
    result.size = sizeof *ipv4;
  } else if (inet_pton(AF_INET6, address.c_str(), &ipv6->sin6_addr) == 1) {
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(port);
    result.size = sizeof *ipv6;
  } else {
    std::printf("bad address %s\n", address.c_str());
    std::exit(2);
  }
  return result;
}

/// Prints the result of a call, and whether a successful call changed errno.
void show(const char* what, long result) {
  const int error = errno;
  if (result < 0) {
    std::printf("%s %s\n", what, strerrorname_np(error));
  } else if (error != untouched) {
    std::printf("%s ok but errno %s\n", what, strerrorname_np(error));
  } else {
    std::printf("%s ok\n", what);
  }
}

void open_socket(int domain, int type, int protocol) {
  fd = socket(domain, type, protocol);
  if (fd < 0) std::printf("socket %s\n", strerrorname_np(errno));
}

void option(int level, int name, int value) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0) {
    std::printf("setsockopt %s\n", strerrorname_np(errno));
  }
}

int read_option(int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(fd, level, name, &value, &size);
  return value;
}

sockaddr_storage end_of_socket(decltype(&getsockname) ask) {
  sockaddr_storage name = {};
  socklen_t size = sizeof name;
  ask(fd, reinterpret_cast<sockaddr*>(&name), &size);
  return name;
}

in_port_t noted_port = 0;

in_port_t local_port() {
  const sockaddr_storage local = end_of_socket(getsockname);
  return reinterpret_cast<const sockaddr_in&>(local).sin_port;  // at the same place in AF_INET6
}

void print_name(const char* what, const sockaddr_storage& local) {
  char text[INET6_ADDRSTRLEN] = {};
  uint16_t port = 0;
  if (local.ss_family == AF_INET) {
    const auto* ipv4 = reinterpret_cast<const sockaddr_in*>(&local);
    inet_ntop(AF_INET, &ipv4->sin_addr, text, sizeof text);
    port = ipv4->sin_port;
  } else {
    const auto* ipv6 = reinterpret_cast<const sockaddr_in6*>(&local);
    inet_ntop(AF_INET6, &ipv6->sin6_addr, text, sizeof text);
    port = ipv6->sin6_port;
  }
  std::printf("%s %s%s\n", what, text, port == 0 ? " unbound" : "");
}

msghdr message(Name& to, iovec& data) {
  msghdr header = {};
  header.msg_name = to.get();
  header.msg_namelen = to.size;
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  return header;
}

char hello[] = "hello";

const std::map<std::string, std::function<void()>> commands = {
    {"dlerror",
     [] {
       const char* const text = dlerror();
       std::printf("dlerror %s\n", text != nullptr ? text : "none");
     }},
    {"preinit", [] { std::printf("preinit %s\n", strerrorname_np(before_constructors)); }},
    {"tcp4", [] { open_socket(AF_INET, SOCK_STREAM, 0); }},
    {"tcp6", [] { open_socket(AF_INET6, SOCK_STREAM, 0); }},
    {"mptcp4", [] { open_socket(AF_INET, SOCK_STREAM, 262); }},
    {"udp4", [] { open_socket(AF_INET, SOCK_DGRAM, 0); }},
    {"udp6", [] { open_socket(AF_INET6, SOCK_DGRAM, 0); }},
    {"raw4", [] { open_socket(AF_INET, SOCK_RAW, IPPROTO_TCP); }},
    {"unix", [] { open_socket(AF_UNIX, SOCK_STREAM, 0); }},
    {"file", [] { fd = open("/dev/null", O_RDWR); }},
    {"closed", [] { fd = 999; }},
    {"nonblock", [] { fcntl(fd, F_SETFL, O_NONBLOCK); }},
    {"v6only", [] { option(IPPROTO_IPV6, IPV6_V6ONLY, 1); }},
    {"noport", [] { option(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1); }},
    {"reuseport", [] { option(SOL_SOCKET, SO_REUSEPORT, 1); }},
    {"local", [] { print_name("local", end_of_socket(getsockname)); }},
    {"peer", [] { print_name("peer", end_of_socket(getpeername)); }},
    {"note", [] { noted_port = local_port(); }},
    {"port?", [] { std::printf("port %s\n", local_port() == noted_port ? "same" : "other"); }},
    {"freebind", [] { option(IPPROTO_IP, IP_FREEBIND, 1); }},
    {"broadcast", [] { option(SOL_SOCKET, SO_BROADCAST, 1); }},
    {"v6only?", [] { std::printf("v6only %d\n", read_option(IPPROTO_IPV6, IPV6_V6ONLY)); }},
    {"range",
     [] {
       const int low = std::stoi(word());
       option(IPPROTO_IP, 51, low | std::stoi(word()) << 16);
     }},
    {"todevice",
     [] {
       const std::string device = word();
       setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device.c_str(),
                  static_cast<socklen_t>(device.size()));
     }},
    {"protocol?", [] { std::printf("protocol %d\n", read_option(SOL_SOCKET, SO_PROTOCOL)); }},
    {"device?",
     [] {
       char device[16] = {};
       socklen_t size = sizeof device;
       getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, &size);
       std::printf("device %s\n", device);
     }},
    {"noport?",
     [] { std::printf("noport %d\n", read_option(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT)); }},
    {"range?",
     [] { std::printf("range %#x\n", static_cast<unsigned>(read_option(IPPROTO_IP, 51))); }},
    {"listen", [] { show("listen", listen(fd, 1)); }},
    {"sleep", [] { usleep(static_cast<useconds_t>(std::stoi(word())) * 1000); }},
    {"chroot",
     [] {
       const std::string root = word();
       if (chroot(root.c_str()) != 0 || chdir("/") != 0) std::printf("chroot failed\n");
     }},
    {"chdir",
     [] {
       if (chdir(word().c_str()) != 0) std::printf("chdir failed\n");
     }},
    {"setuid",
     [] {
       const auto user = static_cast<uid_t>(std::stoi(word()));
       if (setuid(user) != 0) std::printf("setuid failed\n");
     }},
    {"run",
     [] {
       std::fflush(stdout);
       std::printf("run %d\n", std::system(word().c_str()));
     }},
    {"last_descriptor",
     [] {
       const rlimit few = {static_cast<rlim_t>(fd) + 1, static_cast<rlim_t>(fd) + 1};
       setrlimit(RLIMIT_NOFILE, &few);
     }},
    {"wait",
     [] {
       pollfd ready = {fd, POLLOUT, 0};
       poll(&ready, 1, 2000);
       std::printf("wait %s\n", strerrorname_np(read_option(SOL_SOCKET, SO_ERROR)));
     }},
    {"bind",
     [] {
       Name own = name();
       show("bind", bind(fd, own.get(), own.size));
     }},
    {"connect",
     [] {
       Name to = name();
       errno = untouched;
       show("connect", connect(fd, to.get(), to.size));
     }},
    {"__connect",
     [] {
       Name to = name();
       errno = untouched;
       show("connect", __connect(fd, to.get(), to.size));
     }},
    {"sendto",
     [] {
       Name to = name();
       errno = untouched;
       show("sendto", sendto(fd, hello, 5, MSG_FASTOPEN, to.get(), to.size));
     }},
    {"sendmsg",
     [] {
       Name to = name();
       iovec data = {hello, 5};
       const msghdr header = message(to, data);
       errno = untouched;
       show("sendmsg", sendmsg(fd, &header, MSG_FASTOPEN));
     }},
    {"sendmmsg",
     [] {
       Name to = name();
       iovec data = {hello, 5};
       mmsghdr headers[1] = {{message(to, data), 0}};
       errno = untouched;
       show("sendmmsg", sendmmsg(fd, headers, 1, MSG_FASTOPEN));
     }},
    {"unspec",
     [] {
       sockaddr none = {};
       none.sa_family = AF_UNSPEC;
       show("unspec", connect(fd, &none, sizeof none));
     }},
    {"null", [] { show("null", connect(fd, nullptr, 16)); }},
    {"badpointer", [] { show("badpointer", connect(fd, reinterpret_cast<sockaddr*>(-16L), 16)); }},
    {"unmapped",
     [] {
       const auto length = static_cast<socklen_t>(std::stoul(word()));
       show("unmapped", connect(fd, reinterpret_cast<sockaddr*>(0x5000L), length));
     }},
    {"nullmsg", [] { show("nullmsg", sendmsg(fd, nullptr, MSG_FASTOPEN)); }},
    {"nullmmsg", [] { show("nullmmsg", sendmmsg(fd, nullptr, 1, MSG_FASTOPEN)); }},
    {"length",
     [] {
       const auto length = static_cast<socklen_t>(std::stoul(word()));
       Name to = name();
       show("length", connect(fd, to.get(), length));
     }},
};

/// Called first of all in the process (DT_PREINIT_ARRAY), if the first argument is "preinit".
__attribute__((no_sanitize("address", "undefined"))) void before_all(int argc, char** argv) {
  if (argc < 2 || argv[1][0] != 'p' || argv[1][1] != 'r') return;
  const int early = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(1);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 8);  // 127.0.0.9
  if (connect(early, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) errno = 0;
  before_constructors = errno;
  close(early);
}
[[gnu::section(".preinit_array"), gnu::used]] void (*first)(int, char**) = before_all;

}  // namespace

int main(int argc, char** argv) {
  words.assign(argv + 1, argv + argc);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  while (position < words.size()) {
    const std::string command = word();
    const auto found = commands.find(command);
    if (found == commands.end()) {
      std::printf("unknown command %s\n", command.c_str());
      return 2;
    }
    errno = untouched;
    found->second();
  }
}
