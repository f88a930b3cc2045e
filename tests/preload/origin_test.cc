// Where the rules come from, and what happens if they are wrong. Here the loopback interface has
// addresses in 198.51.100.0/24, because `any` and wrong rules do not apply to 127.0.0.0/8.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/catch.h"
#include "tests/preload/world.h"

namespace {

const std::string good = "bind 198.51.100.25 to 198.51.100.0/24\n";
const std::string connects = "tcp4 connect 198.51.100.10 $";

struct Site {
  Site() {
    world::enter();
    static const bool ready = [] {
      return std::system(
                 "ip addr add 198.51.100.10/24 dev lo && "
                 "ip addr add 198.51.100.25/24 dev lo") == 0;
    }();
    REQUIRE(ready);
  }

  world::Output run(const std::string& script, const world::Variables& variables) const {
    return world::subject("", script, listener, variables);
  }

  /// Writes the rule file and connects once. Returns what connect said and whom the listener saw.
  std::string with_file(const std::string& script = connects) {
    const world::Output output = run(script, {{"CLUSTERBIND_CONFIG", folder.path("rules")}});
    log = output.error;
    return output.out + " / " + listener.peers();
  }

  mutable world::Listener listener;
  world::Folder folder;
  std::string log;
};

const std::string bound = "connect ok / 198.51.100.25";
const std::string refused = "connect EADDRNOTAVAIL / ";

}  // namespace

TEST_CASE("the variables name the rules") {
  Site site;
  site.folder.write("rules", good);
  CHECK(site.with_file() == bound);

  world::Output output = site.run(connects, {{"CLUSTERBIND_CONFIG", site.folder.path("rules")},
                                             {"CLUSTERBIND_RULES", "refuse"}});
  CHECK(output.out == "connect ECONNREFUSED");
  output = site.run(connects,
                    {{"CLUSTERBIND_CONFIG", site.folder.path("rules")}, {"CLUSTERBIND_RULES", ""}});
  CHECK(output.out == "connect ok");
  CHECK(site.listener.peers() == "198.51.100.25");
}

TEST_CASE("if named rules cannot be used, everything except loopback is refused") {
  Site site;
  const auto wrong = [&](const std::string& message) {
    CHECK(site.with_file() == refused);
    CHECK_THAT(site.log, Catch::Matchers::ContainsSubstring(message));
    const world::Variables variables = {{"CLUSTERBIND_CONFIG", site.folder.path("rules")}};
    CHECK(site.run("tcp4 connect 127.0.0.1 $", variables).out == "connect ok");
    CHECK(site.run("tcp6 connect ::1 $", variables).out == "connect ok");
    CHECK(site.run("udp4 connect 198.51.100.10 $", variables).out == "connect ok");
    site.listener.peers();
  };
  const std::string path = site.folder.path("rules");
  wrong("wrong rules: " + path + ": error: cannot open: No such file or directory");
  site.folder.write("rules", "direct\nbond 192.0.2.1\n");
  wrong("refused 198.51.100.10:" + site.listener.port() + ": wrong rules: " + path +
        ":2:1: error: unknown statement 'bond'");
  site.folder.write("rules", "# nothing\n");
  wrong("there is no rule");
  site.folder.write("rules", good);
  chmod(path.c_str(), 0664);
  wrong("writable by group or others");
  chmod(path.c_str(), 0644);
  REQUIRE(chown(path.c_str(), 12345, 0) == 0);
  wrong("not owned by root");
  unlink(path.c_str());
  REQUIRE(mkfifo(path.c_str(), 0644) == 0);
  wrong("not a regular file");
  unlink(path.c_str());
  std::filesystem::create_directory(path);
  wrong("not a regular file");
  std::filesystem::remove(path);
  site.folder.write("rules", std::string((16 << 20) + 1, '#'));
  wrong("larger than 16 MiB");
  unlink(path.c_str());
  site.folder.write("other", good);
  std::filesystem::create_symlink("other", path);
  CHECK(site.with_file() == bound);

  const world::Output output = site.run(connects, {{"CLUSTERBIND_CONFIG", "rules"}});
  CHECK(output.out == "connect EADDRNOTAVAIL");
  CHECK_THAT(output.error, Catch::Matchers::ContainsSubstring("must be an absolute path"));
}

TEST_CASE("wrong rules are logged at the first connection only") {
  Site site;
  site.folder.write("rules", "bond");
  site.with_file("tcp4 connect 198.51.100.10 1 connect 198.51.100.10 2");
  CHECK(site.log.find("wrong rules") != site.log.npos);
  CHECK(site.log.find("wrong rules") == site.log.rfind("wrong rules"));
}

TEST_CASE("no rules anywhere: nothing happens") {
  Site site;
  REQUIRE_FALSE(std::filesystem::exists("/etc/clusterbind.conf"));
  CHECK(site.run(connects, {}).out == "connect ok");
  CHECK(site.listener.peers() == "198.51.100.10");
}

TEST_CASE("rules outlive chroot and setuid") {
  Site site;
  site.folder.write("rules", good);
  CHECK(site.with_file("chroot " + site.folder.path("") + " setuid 12345 " + connects) == bound);
}

TEST_CASE("rules from a text are never read again") {
  Site site;
  // A file in the program's current directory that has the variable's name must not be used.
  site.folder.write("CLUSTERBIND_RULES", "direct to any\n");
  const world::Output output =
      site.run("chdir " + site.folder.path("") + " " + connects + " sleep 1200 " + connects +
                   " sleep 2300 tcp4 connect 198.51.100.10 1 " + connects,
               {{"CLUSTERBIND_RULES", "reload on; refuse"}});
  CHECK(output.out ==
        "connect ECONNREFUSED; connect ECONNREFUSED; connect ECONNREFUSED; connect ECONNREFUSED");
}

TEST_CASE("wrong rules of a file are looked at again until they are right") {
  Site site;
  const std::string edit = site.folder.path("edit");
  const std::string rules = site.folder.path("rules");
  site.folder.write("next", good);
  const auto edited_by = [&](const std::string& command) {
    site.folder.write("edit", "#!/bin/sh\n" + command + "\n");
    chmod(edit.c_str(), 0755);
    return site.with_file(connects + " run " + edit + " sleep 1200 " + connects + " sleep 2300 " +
                          connects);
  };
  const std::string mended =
      "connect EADDRNOTAVAIL; run 0; connect EADDRNOTAVAIL; connect ok / 198.51.100.25";
  const std::string still =
      "connect EADDRNOTAVAIL; run 0; connect EADDRNOTAVAIL; connect EADDRNOTAVAIL / ";
  SECTION("a mistake") {
    site.folder.write("rules", "bond 198.51.100.25\n");
    CHECK(edited_by("mv " + site.folder.path("next") + " " + rules) == mended);
  }
  SECTION("a file that was missing") {
    CHECK(edited_by("mv " + site.folder.path("next") + " " + rules) == mended);
  }
  SECTION("a mode") {
    site.folder.write("rules", good);
    chmod(rules.c_str(), 0664);
    CHECK(edited_by("chmod 644 " + rules) == mended);
  }
  SECTION("another mistake, which is logged") {
    site.folder.write("rules", "bond 198.51.100.25\n");
    site.folder.write("next", "band 198.51.100.25\n");
    CHECK(edited_by("mv " + site.folder.path("next") + " " + rules) == still);
    CHECK_THAT(site.log, Catch::Matchers::ContainsSubstring("still wrong rules: " + rules +
                                                            ":1:1: error: unknown"));
  }
  SECTION("a file of somebody else's") {
    site.folder.write("rules", "bond 198.51.100.25\n");
    CHECK(edited_by("chown 12345 " + site.folder.path("next") + "; mv " + site.folder.path("next") +
                    " " + rules) == still);
  }
}

TEST_CASE("a file that was last changed long ago is taken over at the first look") {
  Site site;
  // A rename changes the ctime of the link itself, not that of its target.
  std::filesystem::create_symlink("wrong", site.folder.path("link"));
  site.folder.write("wrong", "bond\n");
  site.folder.write("right", good);
  site.folder.write("edit", "#!/bin/sh\nln -sfn right " + site.folder.path("link") + "\n");
  chmod(site.folder.path("edit").c_str(), 0755);
  sleep(3);
  const world::Output output =
      site.run(connects + " run " + site.folder.path("edit") + " sleep 1200 " + connects,
               {{"CLUSTERBIND_CONFIG", site.folder.path("link")}});
  CHECK(output.out == "connect EADDRNOTAVAIL; run 0; connect ok");
  CHECK(site.listener.peers() == "198.51.100.25");
}

TEST_CASE("root of a user namespace trusts root's rule file") {
  // /etc/clusterbind.conf in a mount namespace of the test; user 12345 becomes root of a user
  // namespace that has no other users.
  Site site;
  const std::string as_somebody = "exec setpriv --reuid 12345 --regid 12345 --clear-groups ";
  if (world::run({"/bin/sh", "-c", as_somebody + "unshare -Ur true"}, {}).status != 0 ||
      !world::can_mount()) {
    return world::not_tested("root of a user namespace: this kernel, or a chroot, allows none");
  }
  REQUIRE(std::system("mount -t tmpfs none /mnt && cp -a /etc/. /mnt/ && mount --bind /mnt /etc") ==
          0);
  // Below the build folder, other users may be kept out.
  REQUIRE(std::system("cp " SUBJECT " /mnt/subject && cp " LIBRARY " /mnt") == 0);
  std::ofstream("/etc/clusterbind.conf") << "only other\nbond\n";
  const auto within = [&](const std::string& how) {
    return world::run({"/bin/sh", "-c",
                       as_somebody + how +
                           " env LD_PRELOAD=/mnt/libclusterbind.so /mnt/subject tcp4 connect "
                           "198.51.100.10 " +
                           site.listener.port()},
                      {})
        .out;
  };
  CHECK(within("unshare -Ur") == "connect ok");
  std::ofstream("/etc/clusterbind.conf") << good;
  CHECK(within("unshare -Ur") == "connect ok");
  CHECK(site.listener.peers() == "198.51.100.10 198.51.100.25");
  chmod("/etc/clusterbind.conf", 0664);
  CHECK(within("unshare -Ur") == "connect EADDRNOTAVAIL");
  chmod("/etc/clusterbind.conf", 0644);
  CHECK(chown("/etc/clusterbind.conf", 12346, 0) == 0);  // shows the overflow user too
  CHECK(within("unshare -Ur") == "connect ok");
  CHECK(chmod("/etc", 0777) == 0);
  CHECK(within("unshare -Ur") == "connect EADDRNOTAVAIL");
  CHECK(std::system("umount /etc && umount /mnt") == 0);
}

TEST_CASE("memory use depends on the rules, not on blank lines and comments") {
  Site site;
  const auto peak_kib = [&](const std::string& text) {
    site.folder.write("rules", "direct\n" + text);
    const world::Output output =
        world::run({"/bin/sh", "-c", "exec grep VmHWM /proc/self/status"},
                   {{"LD_PRELOAD", LIBRARY}, {"CLUSTERBIND_CONFIG", site.folder.path("rules")}});
    return std::stol(output.out.substr(output.out.find_first_of("0123456789")));
  };
  const long few = peak_kib("");
  constexpr size_t size = (16 << 20) - 8;
  constexpr long text_kib = 16 << 10;
  CHECK(peak_kib(std::string(size, '\n')) < few + text_kib + 1024);
  std::string comments;
  while (comments.size() < size - 64) comments += "# nothing, but a comment; of one line\n";
  CHECK(peak_kib(comments) < few + text_kib + 1024);
}

TEST_CASE("reload on") {
  Site site;
  const std::string direct = "direct\nreload on\n";
  site.folder.write("rules", direct);
  const std::string old = "connect ok / 198.51.100.10";

  const auto changed = [&](const std::string& command, const std::string& more,
                           const std::string& last = connects) {
    // It looks at 0 s; at 1.2 s it sees the change; at 3.5 s the file has been the same for two
    // seconds.
    return site.with_file("tcp4 connect 198.51.100.10 1 run " + command +
                          " sleep 1200 connect 198.51.100.10 1 sleep 2300 " + more + last);
  };
  const std::string edit = site.folder.path("edit");
  const auto edits = [&](const std::string& text) {
    site.folder.write("next", text);
    site.folder.write("edit", "#!/bin/sh\nmv " + site.folder.path("next") + " " +
                                  site.folder.path("rules") + "\n");
    chmod(edit.c_str(), 0755);
    site.folder.write("rules", direct);
  };
  const std::string before = "connect ECONNREFUSED; run 0; connect ECONNREFUSED; ";

  SECTION("takes a right file over") {
    edits(good);
    CHECK(changed(edit, "") == before + bound);
  }
  SECTION("without a descriptor to ask what IPv6's bind takes, no absent address is used") {
    const world::Sysctl nonlocal("net/ipv6/ip_nonlocal_bind", "1");
    edits("bind 2001:db8::25 to fd00::/16\n");
    CHECK(changed(edit, "connect 198.51.100.10 1 ", "tcp6 last_descriptor connect fd00::10 $") ==
          before + "connect ECONNREFUSED; connect EADDRNOTAVAIL / ");
  }
  SECTION("keeps the old rules where the new ones are wrong, and says so once") {
    edits("bond");
    CHECK(changed(edit, "") == before + old);
    CHECK_THAT(site.log, Catch::Matchers::ContainsSubstring("wrong rules, the old ones stay: "));
  }
  SECTION("not a file that others can write") {
    edits(good);
    chmod(site.folder.path("next").c_str(), 0666);
    CHECK(changed(edit, "") == before + old);
  }
  SECTION("not after a change of the root directory") {
    edits(good);
    CHECK(changed(edit, "chroot " + site.folder.path("") + " ") == before + old);
  }
  SECTION("not where it is off") {
    edits(good);
    site.folder.write("rules", "direct\n");
    CHECK(changed(edit, "") == before + old);
  }
}
