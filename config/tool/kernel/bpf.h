// bpf(2) without a library: maps, programs, and what is attached to groups. Each function throws
// Refused if the kernel refuses, unless its comment says otherwise.
#pragma once

#include <linux/bpf.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "config/tool/host/sockets.h"

namespace clusterbind::tool {

/// An error of the kernel, in one line.
struct Refused : std::runtime_error {
  Refused(const std::string& what, int number, std::string said = {});
  int error;        // errno
  std::string log;  // the verifier's log, if it was requested
};

/// The system call. Returns -1, with errno set, if it fails.
int bpf(bpf_cmd command, bpf_attr& attributes);

/// Removes the limit RLIMIT_MEMLOCK, getrlimit(2), of this process: before Linux 5.11 maps and
/// programs count against it, and by default it is too small.
void lift_memory_limit();

/// Creates an array map of eight-byte aligned values that can be mapped into memory, or a hash map.
Descriptor create_array(const char* name, size_t value_size, size_t entries);
Descriptor create_hash(const char* name, size_t key_size, size_t value_size, size_t entries);

void update(const Descriptor& map, const void* key, const void* value);
void erase(const Descriptor& map, const void* key);

/// The elements of an array map of create_array(), mapped into memory.
class Mapping {
 public:
  Mapping(const Descriptor& map, size_t bytes, bool writable);
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping();

  template <typename T>
  std::span<T> of() const {
    return {static_cast<T*>(memory_), bytes_ / sizeof(T)};
  }

 private:
  void* memory_;
  size_t bytes_;
};

/// An array map of `count` elements, mapped into memory.
template <typename T>
struct ArrayMap {
  static_assert(sizeof(T) % 8 == 0, "array maps round up to eight bytes");
  ArrayMap(const char* name, size_t count)
      : map(create_array(name, sizeof(T), count)), mapping(map, count * sizeof(T), true) {}
  std::span<T> list() const { return mapping.of<T>(); }

  Descriptor map;
  Mapping mapping;
};

/// Loads a program under the name program_name: as BPF_PROG_TYPE_CGROUP_SOCK_ADDR, where
/// `attach_type` is the hook, or, for tests, as BPF_PROG_TYPE_SYSCALL. With `with_log`, if the
/// verifier refuses the program, the exception has its log.
constexpr const char* program_name = "clusterbind";
Descriptor load_program(bpf_prog_type type, bpf_attach_type attach_type,
                        std::span<const bpf_insn> instructions, bool with_log = false);

/// Keeps a map alive as long as a program, which itself does not use it.
void bind_map(const Descriptor& program, const Descriptor& map);

/// The ids of the programs of one hook that are attached to the group itself; with `effective`, of
/// all that run for it, those of the groups around it included.
std::vector<uint32_t> programs_on(const Descriptor& group, bpf_attach_type hook, bool effective);

/// Opens a program by its id. The descriptor is invalid if the program no longer exists.
Descriptor program_by_id(uint32_t id);
Descriptor map_by_id(uint32_t id);

struct ProgramFacts {
  std::string name;
  uint64_t loaded_ns = 0;  // CLOCK_BOOTTIME
  std::vector<uint32_t> maps;
};
ProgramFacts facts_of(const Descriptor& program);

struct MapFacts {
  std::string name;
  size_t value_size = 0;
  size_t entries = 0;
};
MapFacts facts_of_map(const Descriptor& map);

/// Attaches a program beside those of others or, in one step, in place of `replaced`.
void attach_program(const Descriptor& group, bpf_attach_type hook, const Descriptor& program,
                    const Descriptor* replaced);
void detach_program(const Descriptor& group, bpf_attach_type hook, const Descriptor& program);

}  // namespace clusterbind::tool
