// CLUSTERBIND_FOLLOW: which variables are added to a cleaned environment again, and which are not.
#include <dlfcn.h>

#include "tests/catch.h"
#include "tests/preload/world.h"

namespace {

const std::string rules = "bind 127.0.0.25 to 127.0.0.0/8";

world::Variables variables(const std::string& follow = "1") {
  return {{"LD_PRELOAD", LIBRARY}, {"CLUSTERBIND_RULES", rules}, {"CLUSTERBIND_FOLLOW", follow}};
}

/// The environment of /usr/bin/env if the program starts it by `how`: sorted, and only the
/// variables that matter here.
std::string environment_by(const std::string& how, const world::Variables& given) {
  const world::Output output = world::run({FOLLOWER, how}, given);
  INFO(output.error);
  CHECK(output.status == 0);
  return output.out;
}

const std::string all =
    "CLUSTERBIND_FOLLOW=1; CLUSTERBIND_RULES=" + rules + "; LD_PRELOAD=" LIBRARY;

}  // namespace

TEST_CASE("every way to start a program is followed") {
  for (const char* how : {"execve", "execvpe", "execle", "execveat", "fexecve", "posix_spawn",
                          "posix_spawnp", "execl", "execlp", "execv", "execvp"}) {
    INFO(how);
    CHECK(environment_by(how, variables()) == all);
    CHECK(environment_by(how, variables("0")).empty());
  }
}

TEST_CASE("the environment of the new program") {
  CHECK(environment_by("null", variables()) == all);
  CHECK(environment_by("own rules", variables()) ==
        "CLUSTERBIND_FOLLOW=1; CLUSTERBIND_RULES=direct; LD_PRELOAD=" LIBRARY);
  CHECK(environment_by("own preload", variables()) ==
        "CLUSTERBIND_FOLLOW=1; CLUSTERBIND_RULES=" + rules + "; LD_PRELOAD=" LIBRARY ":" EARLY);
  CHECK(environment_by("our preload", variables()) == all);
  CHECK(environment_by("1001", variables()).empty());
  CHECK(environment_by("1000", variables()) == all);
}

TEST_CASE("pidfd_spawn is followed where libc has it") {
  const bool known = dlsym(RTLD_DEFAULT, "pidfd_spawn") != nullptr;
  for (const char* how : {"pidfd_spawn", "pidfd_spawnp"}) {
    INFO(how);
    CHECK(environment_by(how, variables()) == (known ? all : "ENOSYS"));
  }
}

TEST_CASE("a sanitizer's runtime comes first") {
  const std::string ours = "CLUSTERBIND_FOLLOW=1; CLUSTERBIND_RULES=" + rules + "; LD_PRELOAD=";
  CHECK(environment_by("sanitizer", variables()) == ours + EARLY "/libasan.so.8:" LIBRARY);
  CHECK(environment_by("sanitizers", variables()) ==
        ours + "/nowhere/libubsan.so.1:/nowhere/libclang_rt.asan-x86_64.so " LIBRARY ":" EARLY);
}

TEST_CASE("an empty entry before a sanitizer's runtime does not count") {
  CHECK(environment_by("blank sanitizer", variables()) ==
        "CLUSTERBIND_FOLLOW=1; CLUSTERBIND_RULES=" + rules +
            "; LD_PRELOAD= /nowhere/libasan.so.8:" LIBRARY);
}

TEST_CASE("an invalid environment is refused by the kernel") {
  CHECK(world::run({FOLLOWER, "bad"}, variables()).out == "EFAULT; EFAULT");
}

TEST_CASE("vfork and a small stack") {
  CHECK(environment_by("vfork", variables()) == all);
  CHECK(environment_by("small stack", variables()) == all);
}

TEST_CASE("a program that is started with a cleaned environment is bound", "[system]") {
  world::Listener listener;
  const world::Output output =
      world::run({"/usr/bin/env", "-i", SUBJECT, "tcp4", "connect", "127.0.0.1", listener.port()},
                 variables());
  CHECK(output.out == "connect ok");
  CHECK(listener.peers() == "127.0.0.25");
}

TEST_CASE("a hook that libc lacks leaves no error for dlerror(3)") {
  const world::Output output =
      world::run({SUBJECT, "dlerror"}, {{"LD_PRELOAD", LIBRARY}, {"CLUSTERBIND_RULES", "direct"}});
  CHECK(output.out == "dlerror none");
}
