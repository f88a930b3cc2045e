// The text of the log lines, and where they must not be written.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/catch.h"
#include "tests/preload/world.h"

namespace {

std::string without_pid(const std::string& text) {
  static const std::string before = "clusterbind[";
  std::string result;
  size_t end = 0;  // of the copied text
  for (size_t at; (at = text.find(before, end)) != std::string::npos;) {
    at += before.size();
    result.append(text, end, at - end).append("PID");
    end = text.find_first_not_of("0123456789", at);
  }
  return result.append(text, std::min(end, text.size()));
}

std::string logged(const std::string& rules, const std::string& script, const std::string& level) {
  world::Listener listener;
  const world::Output output =
      world::subject(rules, script, listener, {{"CLUSTERBIND_LOG", level}});
  return world::replaced(without_pid(output.error), listener.port(), "$");
}

const std::string prefix = "clusterbind[PID]: preload_subject: ";

}  // namespace

TEST_CASE("each decision has a log line") {
  const std::string rules =
      "direct to 127.0.0.2; bind 127.0.0.25 fd00::25 to 127.0.0.1, fd00::10; bind 192.0.2.25 to "
      "127.0.0.3; bind 192.0.2.25 to 127.0.0.4 else direct; refuse to 127.0.0.5";
  const std::string at = " (CLUSTERBIND_RULES:1)";
  CHECK(logged(rules, "tcp4 connect 127.0.0.1 $", "info") ==
        prefix + "bound 127.0.0.25 -> 127.0.0.1:$" + at);
  CHECK(logged(rules, "tcp6 connect fd00::10 $", "info") ==
        prefix + "bound fd00::25 -> [fd00::10]:$" + at);
  CHECK(logged(rules, "tcp4 connect 127.0.0.2 $", "info") == prefix + "direct 127.0.0.2:$" + at);
  CHECK(logged(rules, "tcp4 connect 127.0.0.3 $", "error") ==
        prefix + "refused 127.0.0.3:$: cannot bind 192.0.2.25: Cannot assign requested address" +
            at);
  CHECK(logged(rules, "tcp4 connect 127.0.0.4 $", "error") ==
        prefix + "direct 127.0.0.4:$: cannot bind 192.0.2.25: Cannot assign requested address" +
            at);
  CHECK(logged(rules, "tcp4 connect 127.0.0.5 $", "error") == prefix + "refused 127.0.0.5:$" + at);
  CHECK(logged(rules, "tcp4 connect 127.0.0.6 $", "debug") == prefix + "no rule 127.0.0.6:$");
}

TEST_CASE("without /proc a program has the name by which it was started") {
  const world::Folder empty;
  CHECK(logged("refuse to 127.0.0.5", "chroot " + empty.path("") + " tcp4 connect 127.0.0.5 $",
               "error") == prefix + "refused 127.0.0.5:$ (CLUSTERBIND_RULES:1)");
}

TEST_CASE("why a socket could not be moved") {
  const std::string rules = "bind 127.0.0.25 to 127.0.0.1 proto any";
  const std::string refused = prefix + "refused 127.0.0.1:$: cannot bind 127.0.0.25: ";
  const std::string at = " (CLUSTERBIND_RULES:1)";
  const std::string port = refused + "the program has bound the socket to a port" + at;
  CHECK(logged(rules, "tcp4 bind 0.0.0.0 2525 connect 127.0.0.1 $", "error") == port);
  CHECK(logged(rules, "tcp4 bind 0.0.0.0 45454 connect 127.0.0.1 $", "error") == port);
  CHECK(logged(rules, "udp4 bind 0.0.0.0 2525 connect 127.0.0.1 $", "error") == port);
  CHECK(logged(rules, "udp4 bind 0.0.0.0 45454 connect 127.0.0.1 $", "error") == port);
  CHECK(logged(rules, "udp4 todevice lo bind 0.0.0.0 0 connect 127.0.0.1 $", "error") ==
        refused + "the program has bound the socket to a device" + at);
  CHECK(logged("bind 192.0.2.25 to 127.0.0.1", "tcp4 freebind connect 127.0.0.1 $", "error") ==
        prefix + "refused 127.0.0.1:$: cannot bind 192.0.2.25: Cannot assign requested address" +
            at);
}

TEST_CASE("control characters do not reach the log") {
  world::Listener listener;
  world::Folder folder;
  const auto line = [&](const std::string& name) {
    folder.write(name, "refuse to 127.0.0.5\n");
    world::Output output = world::subject("", "tcp4 connect 127.0.0.5 $", listener,
                                          {{"CLUSTERBIND_CONFIG", folder.path(name)}});
    const size_t start = output.error.rfind('/');
    return output.error.substr(start == std::string::npos ? 0 : start + 1);
  };
  CHECK(line("a\x1b[31mb\x7f") == "a?[31mb?:1)");
  CHECK(line("a\x9b"
             "31m\x80\x9f") == "a?31m??:1)");
  CHECK(line("a\xc2\x9b"
             "31m") == "a?31m:1)");
  CHECK(line("a\xe0\x82\x9b\xc0\x9b") == "a?????:1)");
  CHECK(line("stra\xc3\x9f"
             "e \xe2\x82\xac") ==
        "stra\xc3\x9f"
        "e \xe2\x82\xac:1)");
}

TEST_CASE("log levels") {
  const std::string rules = "bind 127.0.0.25 to 127.0.0.1; refuse to 127.0.0.5";
  CHECK(logged(rules, "tcp4 connect 127.0.0.1 $", "error").empty());
  CHECK(logged(rules, "tcp4 connect 127.0.0.6 $", "info").empty());
  CHECK(logged(rules, "tcp4 connect 127.0.0.5 $", "off").empty());
  CHECK_FALSE(logged("log info; " + rules, "tcp4 connect 127.0.0.1 $", "").empty());
  CHECK(logged("log info; " + rules, "tcp4 connect 127.0.0.1 $", "error").empty());
}

TEST_CASE("the same error is logged once a second") {
  const std::string rules = "refuse to 127.0.0.5, 127.0.0.6";
  CHECK(logged(rules,
               "tcp4 connect 127.0.0.5 $ connect 127.0.0.5 $ connect 127.0.0.5 $ connect "
               "127.0.0.6 $",
               "error") == prefix + "refused 127.0.0.5:$ (CLUSTERBIND_RULES:1); " + prefix +
                               "last message repeated 2 times; " + prefix +
                               "refused 127.0.0.6:$ (CLUSTERBIND_RULES:1)");
}

TEST_CASE("syslog gets one datagram of facility mail") {
  if (!world::can_mount()) return world::not_tested("syslog: /dev/log needs a mount namespace");
  REQUIRE(std::system("mount -t tmpfs none /dev/shm && touch /dev/shm/log") == 0);
  const std::string path = "/dev/shm/socket";
  const int log = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, path.size());
  REQUIRE(bind(log, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
  const bool made = access("/dev/log", F_OK) != 0;
  if (made) REQUIRE(std::system("touch /dev/log") == 0);
  REQUIRE(std::system("mount --bind /dev/shm/socket /dev/log") == 0);

  world::Listener listener;
  world::subject("refuse to 127.0.0.5", "tcp4 connect 127.0.0.5 25", listener,
                 {{"CLUSTERBIND_LOG_TO", "syslog"}});
  char line[512] = {};
  const ssize_t size = recv(log, line, sizeof line, MSG_DONTWAIT);
  CHECK(std::system("umount /dev/log") == 0);
  if (made) unlink("/dev/log");
  REQUIRE(size > 0);
  CHECK(without_pid(line) == "<19>" + prefix + "refused 127.0.0.5:25 (CLUSTERBIND_RULES:1)");
  CHECK(recv(log, line, sizeof line, MSG_DONTWAIT) == -1);
  close(log);
}

TEST_CASE("nothing is written to stderr if it was closed or is another file now", "[system]") {
  world::Listener listener;
  const world::Variables variables = {{"LD_PRELOAD", LIBRARY},
                                      {"CLUSTERBIND_LOG_TO", "stderr"},
                                      {"CLUSTERBIND_RULES", "refuse to 127.0.0.5"}};
  world::Folder folder;
  const std::string other = folder.path("other");
  // perl keeps its present descriptor 2, and opens another file in its place.
  const std::string script =
      "use Socket; close STDERR; open(STDERR, '>', '" + other +
      "'); socket(my $s, AF_INET, SOCK_STREAM, 0); my $r = connect($s, sockaddr_in(25, "
      "inet_aton('127.0.0.5'))); print $r ? 'ok' : $!+0, ' ', fileno(STDERR);";
  const world::Output output = world::run({"/usr/bin/perl", "-e", script}, variables);
  CHECK(output.out == "111 2");
  CHECK(output.error.empty());
  CHECK(world::run({"/usr/bin/wc", "-c", other}, {}).out == "0 " + other);
}
