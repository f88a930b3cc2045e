#include "preload/process.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "config/keywords.h"
#include "config/library_name.h"
#include "preload/kernel.h"
#include "preload/memory.h"
#include "preload/preload_list.h"

// The program's stack as the kernel made it (ld.so of glibc has this name; musl does not): the
// number of arguments, the arguments, NULL, the environment.
extern "C" [[gnu::weak]] const char** __libc_stack_end;

namespace clusterbind {
namespace {

constexpr std::string_view our_prefix = "CLUSTERBIND_";

/// The environment. `environ` is null while the functions in DT_PREINIT_ARRAY of a program run,
/// because glibc sets it only after them.
const char* const* environment() {
  if (environ != nullptr || &__libc_stack_end == nullptr) return environ;
  const char* const* const arguments = __libc_stack_end + 1;
  return arguments + reinterpret_cast<intptr_t>(*__libc_stack_end) + 1;
}

/// As getenv(3), which is not called because the program may define a function of that name.
const char* variable(std::string_view name) {
  for (auto* entry = environment(); entry != nullptr && *entry != nullptr; ++entry) {
    if (**entry == name[0] && std::strncmp(*entry, name.data(), name.size()) == 0 &&
        (*entry)[name.size()] == '=') {
      return *entry + name.size() + 1;
    }
  }
  return nullptr;
}

bool is(const char* value, std::string_view word) {
  return value != nullptr && word == value;
}

std::string_view last_part(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != path.npos) path.remove_prefix(slash + 1);
  return path;
}

void learn_log(Process& process) {
  if (const char* given = variable("CLUSTERBIND_LOG")) {
    const int level = index_of(level_words, given);
    if (level >= 0) process.log = static_cast<LogLevel>(level);
    process.log_given = level >= 0;
  }
  process.log_to_stderr = is(variable("CLUSTERBIND_LOG_TO"), "stderr");
  if (process.log_to_stderr) identify(STDERR_FILENO, process.standard_error);
}

/// The entry of LD_PRELOAD whose file name is the library's; empty if it was loaded in another way.
std::string_view our_preload_entry() {
  const char* value = variable("LD_PRELOAD");
  std::string_view list = value == nullptr ? std::string_view() : value;
  while (!list.empty()) {
    const std::string_view entry = take_entry(list);
    constexpr std::string_view name = library_name;
    const bool whole = entry.size() == name.size();
    const bool ours =
        entry.ends_with(name) && (whole || entry[entry.size() - name.size() - 1] == '/');
    if (ours) return entry;
  }
  return {};
}

bool is_ours(const char* entry) {
  return std::strncmp(entry, our_prefix.data(), our_prefix.size()) == 0;
}

/// Copies the variables for later programs, because programs overwrite their first environment.
bool keep_environment(Process& process) {
  const std::string_view preload = our_preload_entry();
  size_t count = 0;
  size_t text = preload.size() + 1;
  for (auto* entry = environment(); *entry != nullptr; ++entry) {
    if (!is_ours(*entry)) continue;
    ++count;
    text += std::strlen(*entry) + 1;
  }
  Pages pages(Pages::padded<const char*>(count) + text, &own.scratch);
  if (!pages) return false;
  const auto kept = pages.take<const char*>(count);
  char* next = pages.take<char>(text).data();
  if (!preload.empty()) {
    process.preload_entry = next;
    next = std::copy(preload.begin(), preload.end(), next) + 1;
  }
  size_t index = 0;
  for (auto* entry = environment(); *entry != nullptr; ++entry) {
    if (!is_ours(*entry)) continue;
    kept[index++] = next;
    next = stpcpy(next, *entry) + 1;
  }
  process.kept_environment = kept;
  pages.keep_all();
  return true;
}

}  // namespace

RuleVariables rule_variables() {
  return {variable("CLUSTERBIND_RULES"), variable("CLUSTERBIND_CONFIG")};
}

bool learn(Process& process) {
  process.reader.secure = getauxval(AT_SECURE) != 0;
  if (process.reader.secure || environment() == nullptr) return true;
  learn_log(process);
  return !is(variable("CLUSTERBIND_FOLLOW"), "1") || keep_environment(process);
}

void learn_identity(Process& process) {
  process.reader.user = static_cast<uid_t>(getauxval(AT_EUID));
  const auto* name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (name == nullptr) return;
  const std::string_view last = last_part(name);
  std::memcpy(process.started_as, last.data(),
              std::min(last.size(), sizeof process.started_as - 1));
}

std::string_view program_name(std::span<char> path) {
  const long size = kernel::readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || static_cast<size_t>(size) == path.size()) return {};
  std::string_view name(path.data(), static_cast<size_t>(size));
  constexpr std::string_view deleted = " (deleted)";
  if (name.ends_with(deleted)) name.remove_suffix(deleted.size());
  return last_part(name);
}

}  // namespace clusterbind
