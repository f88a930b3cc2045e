// Whether a rule file may be trusted: clusterbind.conf(5), FILES.
#include <string>

#include "config/origin.h"
#include "tests/catch.h"

namespace clusterbind::test {
namespace {

struct stat file(uid_t owner, mode_t mode) {
  struct stat facts = {};
  facts.st_uid = owner;
  facts.st_mode = S_IFREG | mode;
  return facts;
}

/// What a process with the map `uid_map` sees of an /etc with this owner and mode.
UserNamespace within(std::string_view uid_map, uid_t owner = 65534, mode_t mode = 0755) {
  UserNamespace where = {"65534\n", uid_map, {}, true};
  where.folder.st_uid = owner;
  where.folder.st_mode = S_IFDIR | mode;
  return where;
}

std::string verdict(const struct stat& facts, const Reader& reader,
                    const UserNamespace& where = {}) {
  const char* why = distrust(facts, reader, [&] { return where; });
  return why == nullptr ? "believed" : why;
}

constexpr Reader root = {.user = 0};
constexpr Reader anybody = {.user = 1000};
constexpr Reader secure = {.user = 1000, .secure = true};

}  // namespace

TEST_CASE("A rule file that root reads must be owned by root and writable only by root") {
  for (const Reader& reader : {root, secure}) {
    CHECK(verdict(file(0, 0644), reader) == "believed");
    CHECK(verdict(file(0, 0600), reader) == "believed");
    CHECK(verdict(file(0, 0664), reader) == "writable by group or others");
    CHECK(verdict(file(0, 0646), reader) == "writable by group or others");
    CHECK(verdict(file(1000, 0644), reader) == "not owned by root");
  }
  CHECK(verdict(file(1000, 0666), anybody) == "believed");
  struct stat pipe = file(0, 0644);
  pipe.st_mode = S_IFIFO | 0644;
  CHECK(verdict(pipe, anybody) == "not a regular file");
}

TEST_CASE("A rule file that is taken over later must be owned by root or its reader") {
  const Reader later = {.user = 1000, .has_rules = true};
  CHECK(verdict(file(0, 0644), later) == "believed");
  CHECK(verdict(file(1000, 0644), later) == "believed");
  CHECK(verdict(file(1001, 0644), later) == "neither root's nor its reader's");
  CHECK(verdict(file(1000, 0664), later) == "writable by group or others");
  const Reader root_later = {.user = 0, .has_rules = true};
  CHECK(verdict(file(1000, 0644), root_later) == "not owned by root");
}

TEST_CASE("The overflow user counts as root only if it can be nobody else") {
  constexpr Reader reader = {.user = 0, .is_default = true};
  const std::string believed = "believed";
  const std::string one = "         0       1000          1\n";
  const struct stat roots = file(65534, 0644);
  CHECK(verdict(roots, reader, within(one)) == believed);
  CHECK(verdict(roots, reader, within(one, 0)) == believed);
  CHECK(verdict(file(0, 0644), reader, within(one)) == believed);

  CHECK(verdict(file(65534, 0664), reader, within(one)) == "writable by group or others");
  CHECK(verdict(roots, root, within(one)) == "not owned by root");  // the file is named
  CHECK(verdict(file(65533, 0644), reader, within(one)) == "not owned by root");
  CHECK(verdict(roots, reader, within(one, 1000)) == "not owned by root");
  CHECK(verdict(roots, reader, within(one, 65534, 0775)) == "not owned by root");
  CHECK(verdict(roots, reader, within(one, 65534, 01777)) == "not owned by root");
  // The id is mapped, so the owner may be a user of the namespace.
  CHECK(verdict(roots, reader, within("0 1000 1\n1 100000 65536\n")) == "not owned by root");
  CHECK(verdict(roots, reader, within("0 0 4294967295\n")) == "not owned by root");
  CHECK(verdict(roots, reader, within("0 1000 1\n65534 5 1\n")) == "not owned by root");
  CHECK(verdict(roots, reader, within("0 1000 1\n1 100000 65533\n")) == believed);
  // If the map is unknown, the file is not trusted.
  CHECK(verdict(roots, reader, within("")) == "not owned by root");
  CHECK(verdict(roots, reader, within("0 1000\n")) == "not owned by root");
  UserNamespace where = within(one);
  where.has_folder = false;
  CHECK(verdict(roots, reader, where) == "not owned by root");
  where = within(one);
  where.overflow_uid = {};
  CHECK(verdict(roots, reader, where) == "not owned by root");
}

}  // namespace clusterbind::test
