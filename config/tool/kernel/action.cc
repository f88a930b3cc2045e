// What the kernel's program does with a connection: the table in clusterbind-attach(8).
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>

#include "config/tool/host/sockets.h"
#include "config/tool/kernel/writer.h"

namespace clusterbind::tool {
namespace {

// Where the address lies in a socket address on the stack.
constexpr int ipv4_offset = offsetof(sockaddr_in, sin_addr);
constexpr int ipv6_offset = offsetof(sockaddr_in6, sin6_addr);

// The socket's local address is kept on the stack, at this place, as the beginning of a SourceKey.
constexpr int local_offset = 8;

constexpr int tcp_established = 1;    // a datagram socket in this state is connected
constexpr int bind_address_lock = 4;  // SOCK_BINDADDR_LOCK of include/net/sock.h

constexpr Place on_stack(uint8_t size, int offset) {
  return {size, frame, offset};
}
int32_t mapped_word() {
  return static_cast<int32_t>(htonl(0xffff));
}

}  // namespace

/// Does what the rule in r8 says. With no_rule the connection goes on unchanged.
void Writer::apply_rule(Family hook) {
  const Label is_bind = code_.label();
  const Label is_direct = code_.label();
  // Adding 1 turns no_rule, which is all ones, into 0: element 0 says `direct`. A comparison with
  // no_rule would make the verifier track the value of r8, and its work would exceed its limit.
  code_.add(r8, 1);
  code_.cut_to_word(r8);
  // r9 = the counts of the rule, r7 = the rule
  code_.move(r1, r8);
  if (traits_.name_size != 0) {
    const Label is_own = code_.label();
    code_.load(r2, slot(counts));
    code_.jump_if(r2, equal, 0, is_own);
    code_.move(r1, r2);
    code_.place(is_own);
  }
  element(traits_.maps.counts, r1);
  code_.move(r9, r0);
  element(traits_.maps.rules, r8);
  code_.move(r7, r0);
  code_.load(r1, word_at(r7, offsetof(KernelRule, action)));
  code_.jump_if(r1, equal, static_cast<int>(Action::bind), is_bind);
  code_.jump_if(r1, equal, static_cast<int>(Action::direct), is_direct);

  count(offsetof(RuleCounts, decided));
  refuse(ECONNREFUSED);
  code_.place(is_direct);
  count(offsetof(RuleCounts, decided));
  go_on();
  code_.place(is_bind);
  bind_socket(hook);
}

/// Does what a bind rule, in r7, says.
void Writer::bind_socket(Family hook) {
  const Label decided = code_.label();
  const Label ours = code_.label();
  const Label kept = code_.label();
  const Label free = code_.label();
  const Label missing = code_.label();
  const Label refused = code_.label();
  const Label next = code_.label();
  code_.move(r8, 0);
  jump_if_unbound(hook, free);
  find_sources(hook);
  jump_if_own_source(decided);
  code_.load(r1, slot(table));
  code_.store(on_stack(BPF_DW, socket_address + local_offset + 16), r1);
  code_.look_up(traits_.maps.sources, socket_address + local_offset);
  code_.jump_if(r0, different, 0, ours);
  code_.load(r1, word_at(r7, offsetof(KernelRule, is_override)));
  code_.jump_if(r1, different, 0, free);
  if (traits_.socket) {
    jump_if_bound_by_nobody(missing);
  }

  code_.place(kept);
  count(offsetof(RuleCounts, kept));
  go_on();

  // The socket has a source address of another rule. If it has no port, it can be bound again. A
  // datagram socket that is connected to another peer cannot be, and must not send from that
  // address.
  code_.place(ours);
  jump_if_connected(missing);
  code_.move(r8, 1);

  // The list of sources is loaded a second time, because comparing it taught the verifier its
  // length: it would then follow each possible length separately.
  code_.place(free);
  find_sources(hook);
  if (hook == Family::ipv6 && traits_.socket) {
    jump_if_nonlocal(missing);
  }
  code_.store(slot(at), 0);
  code_.place(next);
  choose_source(missing);
  write_source(hook);
  // bpf_bind() with port 0 leaves the choice of the port to connect, as IP_BIND_ADDRESS_NO_PORT
  // does, but without setting that option (BIND_FORCE_ADDRESS_NO_PORT in net/core/filter.c).
  code_.move(r1, context);
  code_.address_of(r2, socket_address);
  code_.move(r3, hook == Family::ipv4 ? int{sizeof(sockaddr_in)} : int{sizeof(sockaddr_in6)});
  code_.call(BPF_FUNC_bind);
  code_.jump_if(r0, equal, 0, decided);
  code_.jump_if_word(r0, equal, -EADDRNOTAVAIL, next);
  // EINVAL: the program has bound a source address of the rules together with a port.
  code_.jump_if_word(r0, different, -EINVAL, missing);
  code_.jump_if(r8, equal, 1, kept);

  code_.place(missing);
  count(offsetof(RuleCounts, missing));
  code_.load(r1, word_at(r7, offsetof(KernelRule, is_fallback_direct)));
  code_.jump_if(r1, equal, 0, refused);
  go_on();
  code_.place(refused);
  refuse(EADDRNOTAVAIL);

  code_.place(decided);
  count(offsetof(RuleCounts, decided));
  go_on();
}

/// Jumps if the socket has the wildcard address, whatever its port is. Otherwise its address is put
/// on the stack as the beginning of a SourceKey.
void Writer::jump_if_unbound(Family hook, Label to) {
  const Label is_bound = code_.label();
  const int local = socket_address + local_offset;
  code_.load(r2, quad_at(context, offsetof(bpf_sock_addr, sk)));
  if (hook == Family::ipv4) {
    code_.load(r1, word_at(r2, offsetof(bpf_sock, src_ip4)));
    code_.jump_if(r1, equal, 0, to);
    code_.store(on_stack(BPF_DW, local), 0);
    code_.store(on_stack(BPF_W, local + 8), mapped_word());
    code_.store(on_stack(BPF_W, local + 12), r1);
    return;
  }
  for (int i = 0; i < 16; i += 4) {
    code_.load(r1, word_at(r2, offsetof(bpf_sock, src_ip6) + static_cast<size_t>(i)));
    code_.store(on_stack(BPF_W, local + i), r1);
  }
  code_.load(r1, on_stack(BPF_DW, local));
  code_.jump_if(r1, different, 0, is_bound);
  code_.load(r1, on_stack(BPF_W, local + 12));
  code_.jump_if(r1, different, 0, is_bound);
  code_.load(r1, on_stack(BPF_W, local + 8));  // :: or ::ffff:0.0.0.0
  code_.jump_if(r1, equal, 0, to);
  code_.jump_if_word(r1, equal, mapped_word(), to);
  code_.place(is_bound);
}

/// Stores where the addresses of the rule in r7 are, those of the destination's family.
void Writer::find_sources(Family hook) {
  const Label ipv6 = code_.label();
  const Label found = code_.label();
  const auto keep = [&](size_t member) {
    code_.load(r1, word_at(r7, member + offsetof(KernelSources, first)));
    code_.load(r2, word_at(r7, member + offsetof(KernelSources, count)));
    code_.load(r3, quad_at(r7, member + offsetof(KernelSources, bits)));
  };
  if (hook == Family::ipv6) {
    jump_if_ipv6(ipv6);
  }
  keep(offsetof(KernelRule, ipv4));
  if (hook == Family::ipv6) {
    code_.jump(found);
    code_.place(ipv6);
    keep(offsetof(KernelRule, ipv6));
    code_.place(found);
  }
  code_.store(slot(first), r1);
  code_.store(slot(left), r2);
  code_.store(slot(untried), r3);
}

/// Jumps if the address on the stack is one of the rule's; names_source() of config/rule.h.
void Writer::jump_if_own_source(Label to) {
  const Label next = code_.label();
  const Label different_one = code_.label();
  const Label is_not = code_.label();
  const int local = socket_address + local_offset;
  code_.store(slot(at), 0);
  code_.place(next);
  code_.load(r1, slot(at));
  code_.load(r2, slot(left));
  code_.jump_if(r1, at_least, r2, is_not);
  code_.jump_if(r1, at_least, traits_.bounds.addresses, broken_);
  code_.load(r2, slot(first));
  code_.add(r1, r2);
  element(traits_.maps.addresses, r1);
  code_.load(r1, quad_at(r0, 0));
  code_.load(r2, on_stack(BPF_DW, local));
  code_.jump_if(r1, different, r2, different_one);
  code_.load(r1, quad_at(r0, 8));
  code_.load(r2, on_stack(BPF_DW, local + 8));
  code_.jump_if(r1, equal, r2, to);
  code_.place(different_one);
  code_.load(r1, slot(at));
  code_.add(r1, 1);
  code_.store(slot(at), r1);
  code_.jump(next);
  code_.place(is_not);
}

/// SourceChoice::next() of preload/choice.cc: r0 = the next address to try, which is the first of
/// those that are untried, or a random one of them, each with the same probability. Jumps if all
/// were tried.
void Writer::choose_source(Label to) {
  code_.load(r1, slot(left));
  code_.jump_if(r1, equal, 0, to);
  code_.load(r3, slot(at));
  code_.jump_if(r3, at_least, traits_.bounds.addresses, broken_);
  code_.move(r1, r3);
  code_.add(r1, 1);
  code_.store(slot(at), r1);
  if (traits_.bounds.any_draws) {
    draw_source();
  }
  code_.load(r1, slot(left));
  code_.subtract(r1, 1);
  code_.store(slot(left), r1);
  code_.load(r1, slot(first));
  code_.add(r1, r3);
  element(traits_.maps.addresses, r1);
}

/// r3 = the index in the list of the address to try now, the first untried one or a random one,
/// which is then marked as tried. The code has no branch: in a list of 64 addresses the verifier
/// would follow both sides of the branch in each round, combined with those of all later rounds.
void Writer::draw_source() {
  // r0 = how many untried addresses are skipped
  code_.call(BPF_FUNC_get_prandom_u32);
  code_.load(r1, slot(left));
  code_.modulo(r0, r1);
  code_.load(r1, word_at(r7, offsetof(KernelRule, draw_mask)));
  code_.mask(r0, r1);
  // r0 falls below 0 at the address that is wanted; r3 counts the addresses before it.
  code_.load(r2, slot(untried));
  code_.move(r3, 0);
  for (int i = 0; i < traits_.bounds.addresses; ++i) {
    code_.move(r1, r2);
    code_.mask(r1, 1);
    code_.subtract(r0, r1);
    code_.shift_right(r2, 1);
    code_.move(r1, r0);
    code_.spread_sign(r1);
    code_.add(r3, r1);
    code_.add(r3, 1);
  }
  code_.move(r1, 1);
  code_.shift_left(r1, r3);
  code_.load(r2, slot(untried));
  code_.exclusive_or(r2, r1);
  code_.store(slot(untried), r2);
}

/// Jumps if a datagram socket has a peer. A stream socket that has one does not get here.
void Writer::jump_if_connected(Label to) {
  code_.load(r2, quad_at(context, offsetof(bpf_sock_addr, sk)));
  code_.load(r1, word_at(r2, offsetof(bpf_sock, state)));
  code_.jump_if(r1, equal, tcp_established, to);
}

/// Jumps if the kernel chose the socket's address in an earlier connect, and no bind did.
void Writer::jump_if_bound_by_nobody(Label to) {
  read_socket();
  code_.add(r3, traits_.socket->userlocks);
  code_.store(slot(scratch), 0);
  read_kernel(slot(scratch), 1);
  code_.load(r1, on_stack(BPF_B, scratch));
  code_.shift_right(r1, traits_.socket->userlocks_shift);
  code_.mask(r1, bind_address_lock);
  code_.jump_if(r1, equal, 0, to);
}

/// Jumps if the destination is IPv6 and net.ipv6.ip_nonlocal_bind is on in the socket's network
/// namespace: bind would then accept an address that the node does not hold, and packets would
/// leave from it.
void Writer::jump_if_nonlocal(Label to) {
  const Label ipv6 = code_.label();
  const Label is_not = code_.label();
  jump_if_ipv6(ipv6);
  code_.jump(is_not);
  code_.place(ipv6);
  read_socket();
  follow(traits_.socket->net);
  code_.add(r3, traits_.socket->nonlocal);
  code_.store(slot(scratch), 0);
  read_kernel(slot(scratch), traits_.socket->nonlocal_size);
  code_.load(r1, slot(scratch));
  code_.jump_if(r1, different, 0, to);
  code_.place(is_not);
}

/// r3 = the address of the struct sock. The verifier allows no arithmetic on the pointer in the
/// program's context. The kernel's own context has the same pointer as its first member, and what
/// is read from there is an ordinary number.
void Writer::read_socket() {
  code_.move(r3, context);
  read_kernel(slot(scratch), 8);
  code_.load(r3, slot(scratch));
}

/// Writes the KernelAddress at r0 into the socket address on the stack.
void Writer::write_source(Family hook) {
  for (int i = 0; i < 32; i += 8) {
    code_.store(on_stack(BPF_DW, socket_address + i), 0);
  }
  code_.store(on_stack(BPF_H, socket_address), domain_of(hook));
  if (hook == Family::ipv4) {
    code_.load(r1, word_at(r0, 12));
    code_.store(on_stack(BPF_W, socket_address + ipv4_offset), r1);
    return;
  }
  for (int i = 0; i < 16; i += 8) {
    code_.load(r1, quad_at(r0, static_cast<size_t>(i)));
    code_.store(on_stack(BPF_DW, socket_address + ipv6_offset + i), r1);
  }
}

/// Adds one to a member of the RuleCounts at r9.
void Writer::count(size_t member) {
  code_.move(r1, 1);
  code_.add_to(quad_at(r9, member), r1);
}

/// Makes the call fail with `error`; before Linux 5.18, with EPERM.
void Writer::refuse(int error) {
  if (traits_.sets_errors) {
    code_.move(r1, -error);
    code_.call(BPF_FUNC_set_retval);
  }
  code_.exit(0);
}

}  // namespace clusterbind::tool
