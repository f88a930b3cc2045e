#include "config/tool/host/process.h"

#include <dirent.h>
#include <elf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>

#include "config/tool/host/files.h"
#include "config/tool/program/elf.h"
#include "config/tool/program/library.h"

namespace clusterbind::tool {
namespace {

constexpr size_t most_bytes = size_t{64} << 20;
constexpr std::string_view deleted = " (deleted)";

template <typename Number>
std::optional<Number> read_number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

/// A field of /proc/PID/stat, from number 3 on: the second one, the name, may contain blanks and
/// brackets.
std::string stat_field(pid_t pid, size_t number) {
  const std::string text = read_file(process_path(pid, "stat"), 4096).value_or("");
  const size_t behind_name = text.rfind(')');
  if (behind_name == text.npos) {
    return {};
  }
  const auto fields = split(std::string_view(text).substr(behind_name + 1), " \n");
  return fields.size() > number - 3 ? std::string(fields[number - 3]) : std::string();
}

/// Whether an auxiliary vector has AT_SECURE. The size of its entries depends on the program's
/// class.
template <typename Entry>
bool has_secure_entry(const std::string& vector) {
  for (size_t at = 0; at + sizeof(Entry) <= vector.size(); at += sizeof(Entry)) {
    Entry entry = {};
    std::memcpy(&entry, vector.data() + at, sizeof entry);
    if (entry.a_type == AT_SECURE) {
      return entry.a_un.a_val != 0;
    }
  }
  return false;
}

/// The entries of a folder whose names are numbers.
std::vector<pid_t> numbers_in(const std::string& path) {
  std::vector<pid_t> numbers;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), &closedir);
  if (!folder) {
    return numbers;
  }
  while (const dirent* const entry = readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe)
    if (const auto number = read_number<pid_t>(entry->d_name)) {
      numbers.push_back(*number);
    }
  }
  return numbers;
}

/// Whether a process has put its title (setproctitle(3)) in the place of its environment.
bool is_overwritten(std::string_view environment) {
  const std::string_view first = environment.substr(0, environment.find('\0'));
  return !environment.empty() && first.find('=') == first.npos;
}

struct MappedFile {
  std::string_view path;
  bool is_deleted = false;
};

/// The file in a line of /proc/PID/maps; empty if it maps none.
MappedFile mapped_file(std::string_view line) {
  const bool is_deleted = line.ends_with(deleted);
  if (is_deleted) {
    line.remove_suffix(deleted.size());
  }
  const size_t path = line.find('/');
  return {path == line.npos ? std::string_view() : line.substr(path), is_deleted};
}

}  // namespace

std::string process_path(pid_t pid, std::string_view entry) {
  return fmt::format("/proc/{}/{}", pid, entry);
}

std::vector<pid_t> process_ids() {
  return numbers_in("/proc");
}

bool shows_all_processes() {
  return exists("/proc/1/stat");  // each pid namespace has a process 1, usually root's
}

bool is_in_first_pid_namespace() {
  constexpr std::string_view first = "pid:[4026531836]";  // PROC_PID_INIT_INO, linux/proc_ns.h
  return link_target("/proc/self/ns/pid") == first;
}

bool is_alive(pid_t pid) {
  return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

pid_t parent_of(pid_t pid) {
  return read_number<pid_t>(stat_field(pid, 4)).value_or(0);
}

std::vector<pid_t> descendants_of(pid_t pid) {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t one : process_ids()) {
    children.emplace(parent_of(one), one);
  }
  std::vector<pid_t> found = {pid};
  for (size_t next = 0; next < found.size(); ++next) {
    const auto [first, last] = children.equal_range(found[next]);
    for (auto child = first; child != last; ++child) {
      found.push_back(child->second);
    }
  }
  found.erase(found.begin());
  return found;
}

std::string executable_of(pid_t pid) {
  std::string path = link_target(process_path(pid, "exe"));
  if (path.ends_with(deleted)) {
    path.resize(path.size() - deleted.size());
  }
  return path;
}

Mapped mapped_library(pid_t pid) {
  Mapped mapped;
  const std::string text = read_file(process_path(pid, "maps"), most_bytes).value_or("");
  mapped.is_readable = !text.empty();
  for (const std::string_view line : split(text, "\n")) {
    const auto [file, is_deleted] = mapped_file(line);
    if (base_name(file) == library_name) {
      mapped.library = file;
      mapped.place = line.substr(0, line.find(' '));
      mapped.is_deleted = is_deleted;
      break;
    }
  }
  return mapped;
}

std::vector<std::string> mapped_files(pid_t pid) {
  const std::string text = read_file(process_path(pid, "maps"), most_bytes).value_or("");
  std::vector<std::string> files;
  for (const std::string_view line : split(text, "\n")) {
    const std::string_view file = mapped_file(line).path;
    if (!file.empty() && (files.empty() || files.back() != file)) {
      files.emplace_back(file);
    }
  }
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

ProcessKind process_kind(pid_t pid) {
  constexpr unsigned long kernel_flag = 0x00200000;  // PF_KTHREAD of the kernel's sched.h
  const std::string state = stat_field(pid, 3);
  if (state == "Z" || state == "X") {
    return ProcessKind::zombie;
  }
  const auto flags = read_number<unsigned long>(stat_field(pid, 9));
  return flags && (*flags & kernel_flag) != 0 ? ProcessKind::kernel_thread : ProcessKind::ordinary;
}

pid_t living_thread(pid_t pid) {
  if (process_kind(pid) != ProcessKind::zombie) {
    return pid;
  }
  for (const pid_t thread : numbers_in(process_path(pid, "task"))) {
    if (process_kind(thread) != ProcessKind::zombie) {
      return thread;
    }
  }
  return pid;
}

std::string permission_hint() {
  return geteuid() == 0
             ? "this root lacks CAP_SYS_PTRACE, or is in a user or pid namespace of its own"
             : "ask as root";
}

std::optional<std::vector<std::string>> environment_of(pid_t pid) {
  const auto text = read_file(process_path(pid, "environ"), most_bytes);
  if (!text || is_overwritten(*text)) {
    return std::nullopt;
  }
  std::vector<std::string> environment;
  for (const std::string_view entry : split(*text, std::string_view("\0", 1))) {
    environment.emplace_back(entry);
  }
  return environment;
}

std::string variable_in(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return {};
}

bool is_secure_process(pid_t pid) {
  const std::string vector = read_file(process_path(pid, "auxv"), 65536).value_or("");
  const auto elf = read_elf(process_path(pid, "exe"));
  return elf && elf->elf_class == 32 ? has_secure_entry<Elf32_auxv_t>(vector)
                                     : has_secure_entry<Elf64_auxv_t>(vector);
}

double processor_time_of(pid_t pid) {
  uint64_t ticks = 0;
  for (const size_t field : {14U, 15U, 16U, 17U}) {  // utime, stime, cutime, cstime
    ticks += read_number<uint64_t>(stat_field(pid, field)).value_or(0);
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::optional<std::chrono::nanoseconds> start_since_boot(pid_t pid) {
  const auto ticks = read_number<int64_t>(stat_field(pid, 22));
  return ticks ? std::optional(*ticks * tick) : std::nullopt;
}

}  // namespace clusterbind::tool
