// The elements of the maps that the kernel's program reads. Intervals, nodes and cells are those of
// config/layout.h, unchanged; the rest is here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "config/layout.h"

namespace clusterbind::tool {

/// The rules of a program. The key is the program's name, or zeros for all programs without a key
/// of their own. If there is neither, `only` excludes the program. If the rules name no program at
/// all, the map is an array with one element.
struct KernelView {
  uint32_t ipv4_first, ipv4_count;  // its range in the map of IPv4 intervals
  uint32_t ipv6_first, ipv6_count;
  uint32_t table;   // where its offsets begin in the map of nodes and cells
  uint32_t none;    // no_rule; in the map, so that the verifier does not know its value and does
                    // not follow each rule separately
  uint32_t counts;  // 0, or the element of the map of counts to be used instead of the
                    // rule's own, while names are being proved
};

/// Source addresses of a rule, those of one family: a range of elements of the map of addresses.
struct KernelSources {
  uint32_t first;
  uint32_t count;
  uint64_t bits;  // one bit for each. If the program itself set them, the verifier would know
                  // them, and would follow each way to clear some of them
};

/// A rule's action; element 0 is "no rule" and says `direct`.
struct KernelRule {
  uint32_t action;
  uint32_t is_fallback_direct;
  uint32_t is_override;
  uint32_t draw_mask;  // all ones if the rule picks at random, otherwise 0
  KernelSources ipv4, ipv6;
};

/// An element of the map of addresses: IPv4-mapped or IPv6, in network byte order.
struct KernelAddress {
  uint8_t bytes[16];
};

/// The outcomes of the connections that a rule decided; element 0 counts those without a rule.
struct RuleCounts {
  uint64_t decided;  // bound, refused or left alone, as the rule says
  uint64_t kept;     // the program had bound the socket to an address of its own
  uint64_t missing;  // the source address was not available: `else` decided
};

/// The highest numbers of rounds that the loops of a lookup can need with these rules. The verifier
/// demands a limit, and takes longer the higher it is.
struct Bounds {
  int interval_steps = 0;
  int cell_steps = 0;
  int depth = 0;
  int addresses = 0;       // per rule and family
  bool any_draws = false;  // some rule picks at random
};

/// A key of the map of sources: an address, IPv4-mapped or IPv6, in network byte order, and the
/// `table` of the view that has it as a source.
struct SourceKey {
  uint8_t address[16];
  uint64_t table;
};

/// The file descriptors of the maps.
struct MapNumbers {
  int views, ipv4, ipv6, table, rules, addresses, counts, sources;
};

/// Where the kernel keeps the name of the executable:
/// current->mm->exe_file->f_path.dentry->d_name.name. Each offset, in bytes, counts from what the
/// one before points to.
struct NameOffsets {
  int mm, exe_file, dentry, name;
};

/// Where the kernel keeps facts of a socket that this type of program cannot ask for: sk_userlocks,
/// of whose four bits SOCK_BINDADDR_LOCK says that the address was bound; and
/// net.ipv6.ip_nonlocal_bind of the socket's network namespace,
/// sk->__sk_common.skc_net.net->ipv6.sysctl.ip_nonlocal_bind.
struct SocketOffsets {
  int userlocks;        // offset of the byte
  int userlocks_shift;  // how far to shift that byte to the right
  int net, nonlocal;
  int nonlocal_size;  // in bytes
};

/// The size of the longest name of an executable with its NUL (NAME_MAX), and of the shortest key.
constexpr size_t most_name_size = 256;
constexpr size_t least_name_size = 16;

/// A question that tests put to the lookup, and its answer.
struct KernelQuestion {
  uint64_t high, low;  // the destination in host byte order; IPv4 as IPv4-mapped
  uint32_t port;
  uint32_t protocol;  // IPPROTO_*
  char name[most_name_size];
  uint32_t rule;  // the answer
  uint32_t is_broken;
};

}  // namespace clusterbind::tool
