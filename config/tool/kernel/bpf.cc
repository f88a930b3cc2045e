#include "config/tool/kernel/bpf.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "config/tool/host/files.h"

namespace clusterbind::tool {
namespace {

// Some helpers that the program calls are available only to programs with a GPL-compatible licence.
constexpr const char* licence = "Dual MIT/GPL";

uint64_t pointer(const void* to) {
  return reinterpret_cast<uintptr_t>(to);
}

uint32_t number(const Descriptor& descriptor) {
  return static_cast<uint32_t>(descriptor.get());
}

void set_name(char (&field)[BPF_OBJ_NAME_LEN], const char* name) {
  std::strncpy(field, name, sizeof field - 1);
}

Descriptor create_map(bpf_map_type type, uint32_t flags, const char* name, size_t key_size,
                      size_t value_size, size_t entries) {
  bpf_attr attributes{};
  attributes.map_type = type;
  attributes.key_size = static_cast<uint32_t>(key_size);
  attributes.value_size = static_cast<uint32_t>(value_size);
  attributes.max_entries = static_cast<uint32_t>(entries);
  attributes.map_flags = flags;
  set_name(attributes.map_name, name);
  Descriptor map(bpf(BPF_MAP_CREATE, attributes));
  if (!map.valid()) {
    throw Refused(
        fmt::format("cannot make the map {} of {} times {} bytes", name, entries, value_size),
        errno);
  }
  return map;
}

}  // namespace

Refused::Refused(const std::string& what, int number, std::string said)
    : std::runtime_error(fmt::format("{}: {}", what, error_text(number))),
      error(number),
      log(std::move(said)) {}

int bpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

void lift_memory_limit() {
  const rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &all);  // if this fails, the next call reports what is missing
}

Descriptor create_array(const char* name, size_t value_size, size_t entries) {
  return create_map(BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, name, sizeof(uint32_t), value_size,
                    entries);
}

Descriptor create_hash(const char* name, size_t key_size, size_t value_size, size_t entries) {
  return create_map(BPF_MAP_TYPE_HASH, 0, name, key_size, value_size, entries);
}

void update(const Descriptor& map, const void* key, const void* value) {
  bpf_attr attributes{};
  attributes.map_fd = number(map);
  attributes.key = pointer(key);
  attributes.value = pointer(value);
  if (bpf(BPF_MAP_UPDATE_ELEM, attributes) != 0) {
    throw Refused("cannot fill a map", errno);
  }
}

void erase(const Descriptor& map, const void* key) {
  bpf_attr attributes{};
  attributes.map_fd = number(map);
  attributes.key = pointer(key);
  if (bpf(BPF_MAP_DELETE_ELEM, attributes) != 0) {
    throw Refused("cannot take an element out of a map", errno);
  }
}

Mapping::Mapping(const Descriptor& map, size_t bytes, bool writable)
    : memory_(mmap(nullptr, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
                   map.get(), 0)),
      bytes_(bytes) {
  if (memory_ == MAP_FAILED) {
    throw Refused("cannot map a map into memory", errno);
  }
}

Mapping::~Mapping() {
  munmap(memory_, bytes_);
}

Descriptor load_program(bpf_prog_type type, bpf_attach_type attach_type,
                        std::span<const bpf_insn> instructions, bool with_log) {
  bpf_attr attributes{};
  attributes.prog_type = type;
  attributes.expected_attach_type = attach_type;
  attributes.insns = pointer(instructions.data());
  attributes.insn_cnt = static_cast<uint32_t>(instructions.size());
  attributes.license = pointer(licence);
  if (type == BPF_PROG_TYPE_SYSCALL) {
    attributes.prog_flags = BPF_F_SLEEPABLE;
    attributes.expected_attach_type = 0;
  }
  set_name(attributes.prog_name, program_name);
  Descriptor loaded(bpf(BPF_PROG_LOAD, attributes));
  if (loaded.valid()) {
    return loaded;
  }
  const int error = errno;
  std::string log;
  if (with_log) {
    log.resize(size_t{16} << 20);
    attributes.log_level = 1;
    attributes.log_buf = pointer(log.data());
    attributes.log_size = static_cast<uint32_t>(log.size());
    bpf(BPF_PROG_LOAD, attributes);
    log.resize(std::min(log.find('\0'), log.size()));
  }
  throw Refused("the kernel does not take the program", error, log);
}

void bind_map(const Descriptor& program, const Descriptor& map) {
  bpf_attr attributes{};
  attributes.prog_bind_map.prog_fd = number(program);
  attributes.prog_bind_map.map_fd = number(map);
  if (bpf(BPF_PROG_BIND_MAP, attributes) != 0) {
    throw Refused("cannot keep a map with a program", errno);
  }
}

std::vector<uint32_t> programs_on(const Descriptor& group, bpf_attach_type hook, bool effective) {
  for (size_t room = 64;; room *= 4) {
    std::vector<uint32_t> ids(room);
    bpf_attr attributes{};
    attributes.query.target_fd = number(group);
    attributes.query.attach_type = hook;
    attributes.query.query_flags = effective ? BPF_F_QUERY_EFFECTIVE : 0;
    attributes.query.prog_ids = pointer(ids.data());
    attributes.query.prog_cnt = static_cast<uint32_t>(ids.size());
    if (bpf(BPF_PROG_QUERY, attributes) == 0) {
      ids.resize(attributes.query.prog_cnt);
      return ids;
    }
    if (errno != ENOSPC || room > 1'000'000) {
      throw Refused("cannot ask which programs a group has", errno);
    }
  }
}

namespace {

/// Opens a program or a map by its id. One that no longer exists is no error; one that may not be
/// opened is.
Descriptor opened(bpf_cmd command, bpf_attr& attributes) {
  Descriptor found(bpf(command, attributes));
  if (!found.valid() && errno != ENOENT) {
    throw Refused("cannot look at what is attached", errno);
  }
  return found;
}

template <typename Info>
void ask(const Descriptor& object, Info& info) {
  bpf_attr attributes{};
  attributes.info.bpf_fd = number(object);
  attributes.info.info = pointer(&info);
  attributes.info.info_len = sizeof info;
  if (bpf(BPF_OBJ_GET_INFO_BY_FD, attributes) != 0) {
    throw Refused("cannot ask about what is attached", errno);
  }
}

}  // namespace

Descriptor program_by_id(uint32_t id) {
  bpf_attr attributes{};
  attributes.prog_id = id;
  return opened(BPF_PROG_GET_FD_BY_ID, attributes);
}

Descriptor map_by_id(uint32_t id) {
  bpf_attr attributes{};
  attributes.map_id = id;
  return opened(BPF_MAP_GET_FD_BY_ID, attributes);
}

ProgramFacts facts_of(const Descriptor& program) {
  ProgramFacts facts;
  facts.maps.resize(64);
  bpf_prog_info info{};
  info.map_ids = pointer(facts.maps.data());
  info.nr_map_ids = static_cast<uint32_t>(facts.maps.size());
  ask(program, info);
  facts.name = info.name;
  facts.loaded_ns = info.load_time;
  facts.maps.resize(std::min<size_t>(facts.maps.size(), info.nr_map_ids));
  return facts;
}

MapFacts facts_of_map(const Descriptor& map) {
  bpf_map_info info{};
  ask(map, info);
  return {info.name, info.value_size, info.max_entries};
}

void attach_program(const Descriptor& group, bpf_attach_type hook, const Descriptor& program,
                    const Descriptor* replaced) {
  bpf_attr attributes{};
  attributes.target_fd = number(group);
  attributes.attach_bpf_fd = number(program);
  attributes.attach_type = hook;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  if (replaced != nullptr) {
    attributes.attach_flags |= BPF_F_REPLACE;
    attributes.replace_bpf_fd = number(*replaced);
  }
  if (bpf(BPF_PROG_ATTACH, attributes) != 0) {
    throw Refused("cannot attach to the group", errno);
  }
}

void detach_program(const Descriptor& group, bpf_attach_type hook, const Descriptor& program) {
  bpf_attr attributes{};
  attributes.target_fd = number(group);
  attributes.attach_bpf_fd = number(program);
  attributes.attach_type = hook;
  if (bpf(BPF_PROG_DETACH, attributes) != 0) {
    throw Refused("cannot detach from the group", errno);
  }
}

}  // namespace clusterbind::tool
