#include "bench/cgroup_bind.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <sstream>

#include "bench/failure.h"

namespace clusterbind::bench {
namespace {

// Where the unified hierarchy is mounted: the third field of a line of proc_mounts(5) is "cgroup2".
std::string cgroup2_mount() {
  std::ifstream file("/proc/self/mounts");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string device, folder, type;
    if (fields >> device >> folder >> type && type == "cgroup2") return folder;
  }
  throw Failure("no cgroup2 file system is mounted");
}

constexpr bpf_insn instruction(uint8_t code, uint8_t to, uint8_t from, int16_t offset,
                               int32_t immediate) {
  bpf_insn result{};
  result.code = code;
  result.dst_reg = to & 0xf;
  result.src_reg = from & 0xf;
  result.off = offset;
  result.imm = immediate;
  return result;
}

int bpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

// sockaddr_in source = {AF_INET, 0, address}; bpf_bind(context, &source, sizeof source); return 1;
Descriptor load(in_addr source) {
  constexpr uint8_t store_word = BPF_ST | BPF_MEM | BPF_W;
  constexpr uint8_t move = BPF_ALU64 | BPF_MOV | BPF_X;
  constexpr uint8_t move_number = BPF_ALU64 | BPF_MOV | BPF_K;
  constexpr uint8_t add_number = BPF_ALU64 | BPF_K;  // BPF_ADD is 0
  // The context is in register 1 already. sin_family and sin_port are one word.
  const auto family_and_port = std::bit_cast<int32_t>(std::array<uint16_t, 2>{AF_INET, 0});
  const std::array<bpf_insn, 9> program = {
      instruction(store_word, BPF_REG_10, 0, -16, family_and_port),
      instruction(store_word, BPF_REG_10, 0, -12, std::bit_cast<int32_t>(source.s_addr)),
      instruction(BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 0),
      instruction(move, BPF_REG_2, BPF_REG_10, 0, 0),
      instruction(add_number, BPF_REG_2, 0, 0, -16),
      instruction(move_number, BPF_REG_3, 0, 0, sizeof(sockaddr_in)),
      instruction(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_bind),
      instruction(move_number, BPF_REG_0, 0, 0, 1),
      instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
  attributes.expected_attach_type = BPF_CGROUP_INET4_CONNECT;
  attributes.insns = reinterpret_cast<uintptr_t>(program.data());
  attributes.insn_cnt = program.size();
  attributes.license = reinterpret_cast<uintptr_t>("MIT");
  Descriptor loaded(bpf(BPF_PROG_LOAD, attributes));
  if (!loaded) throw system_failure("bpf(BPF_PROG_LOAD)");
  return loaded;
}

}  // namespace

CgroupBind::CgroupBind(const std::string& ipv4_source) {
  in_addr source{};
  inet_pton(AF_INET, ipv4_source.c_str(), &source);
  program_ = load(source);
  folder_ = fmt::format("{}/clusterbind-bench.{}", cgroup2_mount(), getpid());
  if (mkdir(folder_.c_str(), 0755) != 0) throw system_failure(folder_);
  const Descriptor group(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  bpf_attr attributes{};
  attributes.target_fd = static_cast<uint32_t>(group.get());
  attributes.attach_bpf_fd = static_cast<uint32_t>(program_.get());
  attributes.attach_type = BPF_CGROUP_INET4_CONNECT;
  if (bpf(BPF_PROG_ATTACH, attributes) != 0) {
    const int error = errno;
    rmdir(folder_.c_str());
    errno = error;
    throw system_failure("bpf(BPF_PROG_ATTACH)");
  }
}

// The program goes with the group; a group goes when its last process has gone.
CgroupBind::~CgroupBind() {
  rmdir(folder_.c_str());
}

}  // namespace clusterbind::bench
