// seccomp(2) filters that make system calls fail, as under an older kernel or in a sandbox.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace clusterbind::test {

/// A condition: the argument with this index, counted from 0, is between `first` and `last`. Only
/// its lower half is compared, because descriptors, families and options are small.
struct Argument {
  unsigned index;
  uint32_t first;
  uint32_t last;
};

/// Makes the system calls with the numbers from `first` to `last` fail with `error` if all these
/// conditions are met, in this process and in every program that it starts. Several filters can be
/// installed. Returns false, with errno set, if the kernel accepts no filter.
inline bool refuse(uint32_t first, uint32_t last, int error,
                   std::initializer_list<Argument> arguments = {}) {
  constexpr auto load = [](size_t offset) -> sock_filter {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
  };
  constexpr uint8_t to_the_end = 0;  // filled in when all instructions are there
  std::vector<sock_filter> program;
  const auto unless_between = [&](uint32_t low, uint32_t high) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, low, 0, to_the_end));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, high, to_the_end, 0));
  };
  program.push_back(load(offsetof(seccomp_data, nr)));
  unless_between(first, last);
  constexpr size_t lower_half = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;
  for (const Argument& argument : arguments) {
    program.push_back(load(offsetof(seccomp_data, args) + size_t{argument.index} * 8 + lower_half));
    unless_between(argument.first, argument.last);
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<uint32_t>(error)));
  const size_t end = program.size();
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  for (size_t i = 0; i < end; ++i) {
    const auto distance = static_cast<uint8_t>(end - i - 1);
    if (program[i].code == (BPF_JMP | BPF_JGE | BPF_K)) program[i].jf = distance;
    if (program[i].code == (BPF_JMP | BPF_JGT | BPF_K)) program[i].jt = distance;
  }
  const sock_fprog all = {static_cast<uint16_t>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all) == 0;
}

/// The same for a single system call.
inline bool refuse(uint32_t call, int error, std::initializer_list<Argument> arguments = {}) {
  return refuse(call, call, error, arguments);
}

}  // namespace clusterbind::test
