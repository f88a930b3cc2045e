// What the maps of the kernel's program hold. Intervals, nodes and cells are those of
// config/layout.h as they are; the rest is here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/layout.h"

namespace clusterbind::tool {

/// The rules of a program: the key is its name, or zeros for all programs that have no key of their
/// own. Where there is neither, the program is spared: `only` does not name it. Where the rules
/// name no program at all, the map is an array of one.
struct KernelView {
  uint32_t ipv4_first, ipv4_count;  // its part of the map of IPv4 intervals
  uint32_t ipv6_first, ipv6_count;
  uint32_t table;   // the element of the map of nodes and cells from which its offsets count
  uint32_t none;    // no_rule. The verifier does not know the value beforehand, which keeps it from
                    // following each rule apart
  uint32_t counts;  // 0, or the element of the map of counts that takes the place of the rule's
                    // own: for the proof of names
};

/// Some source addresses of a rule, those of one family: elements of the map of addresses.
struct KernelSources {
  uint32_t first;
  uint32_t count;
  uint64_t bits;  // one for each. Written in the program, the verifier would know them, and follow
                  // each way to clear some of them
};

/// What a rule says; element 0 is "no rule" and says `direct`.
struct KernelRule {
  uint32_t action;
  uint32_t is_fallback_direct;
  uint32_t is_override;
  uint32_t draw_mask;  // all ones where it picks at random
  KernelSources ipv4, ipv6;
};

/// An element of the map of addresses: as IPv4-mapped or IPv6, in network byte order.
struct KernelAddress {
  uint8_t bytes[16];
};

/// What became of the connections that a rule decided; element 0 is those of no rule.
struct RuleCounts {
  uint64_t decided;  // bound, refused or left alone, as the rule says
  uint64_t kept;     // the program had bound the socket to an address of its own
  uint64_t missing;  // the source address could not be had: `else` decided
};

/// How often the loops of a lookup may go round. The verifier wants a limit, and takes the shorter
/// the smaller it is: these are of the very rules.
struct Bounds {
  int interval_steps = 0;
  int cell_steps = 0;
  int depth = 0;
  int addresses = 0;       // of one rule and family
  bool any_draws = false;  // a rule picks at random
};

/// A key of the map of sources: an address as IPv4-mapped or IPv6, in network byte order, and the
/// `table` of the view that has it as a source.
struct SourceKey {
  uint8_t address[16];
  uint64_t table;
};

/// The maps, by their descriptors.
struct MapNumbers {
  int views, ipv4, ipv6, table, rules, addresses, counts, sources;
};

/// Where the kernel keeps the name of the executable, counted in bytes from what the one before
/// points to: current->mm->exe_file->f_path.dentry->d_name.name.
struct NameOffsets {
  int mm, exe_file, dentry, name;
};

/// Where the kernel keeps what is asked of a socket that this type of program is not told:
/// sk_userlocks, four bits, of which SOCK_BINDADDR_LOCK says that somebody bound the address; and
/// net.ipv6.ip_nonlocal_bind of the socket's network namespace,
/// sk->__sk_common.skc_net.net->ipv6.sysctl.ip_nonlocal_bind.
struct SocketOffsets {
  int userlocks;        // the byte
  int userlocks_shift;  // how far to shift that byte to the right
  int net, nonlocal;
  int nonlocal_size;  // in bytes
};

/// The longest name of an executable with the NUL behind it (NAME_MAX), and the shortest key.
constexpr size_t most_name_size = 256;
constexpr size_t least_name_size = 16;

/// A question of a test to the lookup, and its answer.
struct KernelQuestion {
  uint64_t high, low;  // the destination in host byte order; IPv4 as IPv4-mapped
  uint32_t port;
  uint32_t protocol;  // IPPROTO_*
  char name[most_name_size];
  uint32_t rule;  // the answer
  uint32_t is_broken;
};

}  // namespace clusterbind::tool
