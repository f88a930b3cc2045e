#include "config/tool/kernel/program.h"

#include <cerrno>
#include <cstddef>

#include "config/tool/host/sockets.h"
#include "config/tool/kernel/writer.h"

namespace clusterbind::tool {

/// The whole program for connections, in the order in which it runs.
std::vector<bpf_insn> Writer::connect(Family hook) {
  code_.move(context, r1);
  // If the address has another family than the socket, the kernel itself refuses it.
  code_.load(r1, word_at(context, offsetof(bpf_sock_addr, user_family)));
  code_.jump_if(r1, different, domain_of(hook), excluded_);
  read_destination(hook);
  clear_name();
  if (traits_.names) {
    read_name();
  }
  find_rule(hook, offsetof(bpf_sock_addr, protocol));

  code_.place(decided_);
  apply_rule(hook);
  code_.place(excluded_);
  go_on();
  code_.place(broken_);
  refuse(EADDRNOTAVAIL);
  return code_.finish();
}

std::vector<bpf_insn> Writer::question() {
  code_.move(context, r1);
  const auto copy = [&](size_t from, int to) {
    code_.load(r1, quad_at(context, from));
    code_.store({BPF_DW, frame, to}, r1);
  };
  copy(offsetof(KernelQuestion, high), high);
  copy(offsetof(KernelQuestion, low), low);
  code_.load(r1, word_at(context, offsetof(KernelQuestion, port)));
  code_.store(slot(port), r1);
  for (size_t i = 0; i < traits_.name_size; i += 8) {
    copy(offsetof(KernelQuestion, name) + i, name() + static_cast<int>(i));
  }
  find_rule(Family::ipv6, offsetof(KernelQuestion, protocol));

  const auto answer = word_at(context, offsetof(KernelQuestion, rule));
  code_.place(decided_);
  code_.store(answer, r8);
  code_.exit(0);
  if (traits_.name_size != 0) {  // the kernel rejects code that nothing jumps to
    code_.place(excluded_);
    code_.move_word(r1, -1);  // no_rule
    code_.store(answer, r1);
    code_.exit(0);
  }
  code_.place(broken_);
  code_.move(r1, 1);
  code_.store(word_at(context, offsetof(KernelQuestion, is_broken)), r1);
  code_.exit(0);
  return code_.finish();
}

/// Stores the destination as Address has it, and the port, in host byte order. In the IPv4 hook
/// only `low` has a meaning.
void Writer::read_destination(Family hook) {
  if (hook == Family::ipv4) {
    code_.load(r1, word_at(context, offsetof(bpf_sock_addr, user_ip4)));
    code_.swap(r1, 32);
    code_.store(slot(low), r1);
  } else {
    code_.load(r1, quad_at(context, offsetof(bpf_sock_addr, user_ip6)));
    code_.swap(r1, 64);
    code_.store(slot(high), r1);
    code_.load(r1, quad_at(context, offsetof(bpf_sock_addr, user_ip6) + 8));
    code_.swap(r1, 64);
    code_.store(slot(low), r1);
  }
  code_.load(r1, word_at(context, offsetof(bpf_sock_addr, user_port)));
  code_.swap(r1, 16);
  code_.store(slot(port), r1);
}

void Writer::clear_name() {
  for (size_t i = 0; i < traits_.name_size; i += 8) {
    code_.store({BPF_DW, frame, name() + static_cast<int>(i)}, 0);
  }
}

/// Stores the last part of /proc/self/exe on the stack. If it cannot be read, the name stays empty.
/// A longer name is cut, and is then still longer than any name in the rules.
void Writer::read_name() {
  code_.call(BPF_FUNC_get_current_task);
  code_.move(r3, r0);
  follow(traits_.names->mm);
  follow(traits_.names->exe_file);
  follow(traits_.names->dentry);
  follow(traits_.names->name);
  code_.address_of(r1, name());
  code_.move(r2, static_cast<int32_t>(traits_.name_size));
  code_.call(BPF_FUNC_probe_read_kernel_str);
}

/// r3 = the pointer at r3 + offset, or 0 if it cannot be read.
void Writer::follow(int offset) {
  code_.add(r3, offset);
  read_kernel(slot(scratch), 8);
  code_.load(r3, slot(scratch));
}

/// Reads kernel memory at r3; zeros if it cannot be read.
void Writer::read_kernel(Place to, int size) {
  code_.address_of(r1, to.offset);
  code_.move(r2, size);
  code_.call(BPF_FUNC_probe_read_kernel);
}

/// Jumps if the destination is not an IPv4 one: from_ipv6_bytes() of address.h.
void Writer::jump_if_ipv6(Label to) {
  code_.load(r1, slot(high));
  code_.jump_if(r1, different, 0, to);
  code_.load(r1, slot(low));
  code_.shift_right(r1, 32);
  code_.jump_if(r1, different, static_cast<int32_t>(mapped_low >> 32), to);
}

std::vector<bpf_insn> connect_program(const ProgramTraits& traits, Family hook) {
  return Writer(traits).connect(hook);
}

std::vector<bpf_insn> question_program(const ProgramTraits& traits) {
  return Writer(traits).question();
}

}  // namespace clusterbind::tool
