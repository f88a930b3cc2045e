#include "config/origin.h"

#include <cstdint>

namespace clusterbind {
namespace {

constexpr std::string_view blanks = " \t\n";
constexpr int64_t id_most = 0xffffffff;

/// Removes the next number from a text of numbers and white space, and returns it; -1 if there is
/// none.
int64_t take_number(std::string_view& text) {
  const size_t start = text.find_first_not_of(blanks);
  if (start == text.npos) return -1;
  text.remove_prefix(start);
  int64_t value = 0;
  while (!text.empty() && blanks.find(text[0]) == blanks.npos) {
    if (text[0] < '0' || text[0] > '9' || value > id_most) return -1;
    value = value * 10 + (text[0] - '0');
    text.remove_prefix(1);
  }
  return value;
}

/// Whether a user of the namespace has this id. A line of /proc/self/uid_map has three numbers: the
/// first id inside, the first id outside, and how many ids there are. If the map cannot be read,
/// the answer is yes, because then the file is not trusted.
bool is_mapped(int64_t id, std::string_view uid_map) {
  if (uid_map.empty()) return true;
  while (uid_map.find_first_not_of(blanks) != uid_map.npos) {
    const int64_t first = take_number(uid_map);
    const int64_t outside = take_number(uid_map);
    const int64_t count = take_number(uid_map);
    if (first < 0 || outside < 0 || count < 0) return true;
    if (id >= first && id - first < count) return true;
  }
  return false;
}

}  // namespace

bool counts_as_roots(uid_t owner, const UserNamespace& where) {
  std::string_view overflow = where.overflow_uid;
  const int64_t id = take_number(overflow);
  if (id < 0 || owner != id || is_mapped(id, where.uid_map)) return false;
  const uid_t folder_owner = where.folder.st_uid;
  return where.has_folder && (folder_owner == 0 || folder_owner == id) &&
         !others_can_write(where.folder);
}

}  // namespace clusterbind
