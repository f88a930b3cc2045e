// Which rule decides: the lookup of config/ruleset.h, step by step, but without the slices, which
// only make it faster.
#include <netinet/in.h>

#include <cstddef>

#include "config/layout.h"
#include "config/tool/kernel/writer.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

namespace clusterbind::tool {
namespace {

constexpr int32_t no_rule_word = -1;

constexpr size_t match_offset(Protocol protocol) {
  return offsetof(Cell, match) + sizeof(uint32_t) * static_cast<size_t>(protocol);
}

}  // namespace

/// Ruleset::lookup(Address, port) and Match::operator[]: r8 = the first rule that matches, or
/// no_rule. Ends at decided_. `protocol_offset` says where the context has the protocol.
void Writer::find_rule(Family widest, int protocol_offset) {
  const Label ipv6 = code_.label();
  const Label walk = code_.label();
  find_view();
  if (widest == Family::ipv6) {
    jump_if_ipv6(ipv6);
  }
  code_.load(r7, word_at(r0, offsetof(KernelView, ipv4_first)));
  code_.load(r8, word_at(r0, offsetof(KernelView, ipv4_count)));
  search_intervals(traits_.maps.ipv4, offsetof(Interval<uint32_t>, node), [&](Label is_before) {
    code_.load(r1, word_at(r0, offsetof(Interval<uint32_t>, last)));
    code_.load(r2, slot(low));
    code_.cut_to_word(r2);
    code_.jump_if(r1, less, r2, is_before);
  });
  if (widest == Family::ipv6) {
    code_.jump(walk);
    code_.place(ipv6);
    code_.load(r7, word_at(r0, offsetof(KernelView, ipv6_first)));
    code_.load(r8, word_at(r0, offsetof(KernelView, ipv6_count)));
    using Interval6 = Interval<Number128>;
    search_intervals(traits_.maps.ipv6, offsetof(Interval6, node), [&](Label is_before) {
      const Label is_not = code_.label();
      code_.load(r1, quad_at(r0, offsetof(Interval6, last) + offsetof(Number128, high)));
      code_.load(r2, slot(high));
      code_.jump_if(r1, less, r2, is_before);
      code_.jump_if(r1, different, r2, is_not);
      code_.load(r1, quad_at(r0, offsetof(Interval6, last) + offsetof(Number128, low)));
      code_.load(r2, slot(low));
      code_.jump_if(r1, less, r2, is_before);
      code_.place(is_not);
    });
    code_.place(walk);
  }
  walk_outwards(protocol_offset);
}

/// r0 = the KernelView for the name on the stack, or the one for all names that have none.
void Writer::find_view() {
  const auto keep = [&](size_t member, Slot in) {
    code_.load(r1, word_at(r0, member));
    code_.store(slot(in), r1);
  };
  if (traits_.name_size == 0) {
    code_.element_of(r0, traits_.maps.views);
    keep(offsetof(KernelView, none), none);
    code_.store(slot(table), 0);
    return;
  }
  const Label found = code_.label();
  code_.look_up(traits_.maps.views, name());
  code_.jump_if(r0, different, 0, found);
  clear_name();
  code_.look_up(traits_.maps.views, name());
  code_.jump_if(r0, equal, 0, excluded_);
  code_.place(found);
  keep(offsetof(KernelView, table), table);
  keep(offsetof(KernelView, none), none);
  keep(offsetof(KernelView, counts), counts);
}

/// r0 = the address of an element of an array. A missing element means that the maps are corrupt.
void Writer::element(int map, Register index) {
  code_.store(word_at(frame, static_cast<size_t>(static_cast<int>(key))), index);
  code_.look_up(map, key);
  code_.jump_if(r0, equal, 0, broken_);
}

/// search() of Item and Key, among r8 intervals from r7 on: r7 = the offset of the node of the
/// innermost prefix that contains the destination. `jump_if_before` does what is_before() does,
/// with the interval at r0.
template <typename Compare>
void Writer::search_intervals(int map, size_t node_offset, const Compare& jump_if_before) {
  const Label next = code_.label();
  const Label is_before = code_.label();
  const Label halved = code_.label();
  const Label found = code_.label();
  code_.move(r9, 0);
  // while (count > 1)
  code_.place(next);
  code_.jump_if(r8, at_most, 1, found);
  code_.add(r9, 1);
  code_.jump_if(r9, more, traits_.bounds.interval_steps, broken_);
  // half = count / 2
  code_.move(r1, r8);
  code_.shift_right(r1, 1);
  code_.store(slot(half), r1);
  // is_before(items[half - 1].last, key)
  code_.add(r1, r7);
  code_.subtract(r1, 1);
  element(map, r1);
  jump_if_before(is_before);
  code_.load(r1, slot(half));
  code_.jump(halved);
  // ? items += half
  code_.place(is_before);
  code_.load(r1, slot(half));
  code_.add(r7, r1);
  // count -= half
  code_.place(halved);
  code_.subtract(r8, r1);
  code_.jump(next);
  // innermost(): the node of the interval, or no rule matches
  code_.place(found);
  element(map, r7);
  code_.load(r7, word_at(r0, node_offset));
  code_.load(r8, slot(none));
  code_.jump_if_word(r7, equal, no_rule_word, decided_);
}

/// Ruleset::lookup_outwards() of ruleset.cc: goes from the node at offset r7 to the outermost one.
/// r8 is the first rule found so far, for the connection's own protocol alone.
void Writer::walk_outwards(int protocol_offset) {
  const Label next_node = code_.label();
  const Label outwards = code_.label();
  code_.store(slot(depth), 0);
  code_.place(next_node);
  code_.move(r1, r7);
  count_from_table(r1);
  element(traits_.maps.table, r1);
  // Nothing further out comes before the rule that was found.
  code_.load(r1, word_at(r0, offsetof(Node, least)));
  code_.jump_if(r1, at_least, r8, decided_);
  code_.load(r9, word_at(r0, offsetof(Node, cells)));
  count_from_table(r9);
  code_.load(r1, word_at(r0, offsetof(Node, parent)));
  code_.store(slot(parent), r1);
  code_.load(r7, word_at(r0, offsetof(Node, cell_count)));
  find_cell();
  // Cell::at()
  code_.load(r3, slot(port));
  code_.load(r1, half_at(r0, offsetof(Cell, first)));
  code_.jump_if(r3, less, r1, outwards);
  code_.load(r1, half_at(r0, offsetof(Cell, last)));
  code_.jump_if(r3, more, r1, outwards);
  // Takes the lower of the two numbers; no_rule is the highest.
  read_match(protocol_offset);
  code_.jump_if(r2, at_least, r8, outwards);
  code_.move(r8, r2);
  code_.place(outwards);
  code_.load(r7, slot(parent));
  code_.jump_if_word(r7, equal, no_rule_word, decided_);
  code_.load(r1, slot(depth));
  code_.add(r1, 1);
  code_.jump_if(r1, more, traits_.bounds.depth, broken_);
  code_.store(slot(depth), r1);
  code_.jump(next_node);
}

/// Turns an offset in the rules of this program into an element of the map. If the map has only one
/// set of rules, both are the same.
void Writer::count_from_table(Register offset) {
  if (traits_.name_size != 0) {
    code_.load(r2, slot(table));
    code_.add(offset, r2);
  }
}

/// search() of Ruleset::own_match(), among r7 cells from r9 on: r0 = the cell of the port, or the
/// last cell.
void Writer::find_cell() {
  const Label next = code_.label();
  const Label found = code_.label();
  code_.store(slot(steps), 0);
  // while (count > 1)
  code_.place(next);
  code_.jump_if(r7, at_most, 1, found);
  code_.load(r1, slot(steps));
  code_.add(r1, 1);
  code_.jump_if(r1, more, traits_.bounds.cell_steps, broken_);
  code_.store(slot(steps), r1);
  // half = count / 2
  code_.move(r1, r7);
  code_.shift_right(r1, 1);
  code_.store(slot(half), r1);
  // is_before(items[half - 1].last, port)
  code_.add(r1, r9);
  code_.subtract(r1, 1);
  element(traits_.maps.table, r1);
  code_.load(r2, half_at(r0, offsetof(Cell, last)));
  code_.load(r3, slot(port));
  code_.load(r1, slot(half));
  // count -= half
  code_.subtract(r7, r1);
  // items += half, masked with the sign of `last - port`. With a branch here, within the walk
  // outwards, the verifier would exceed its limits.
  code_.subtract(r2, r3);
  code_.spread_sign(r2);
  code_.mask(r2, r1);
  code_.add(r9, r2);
  code_.jump(next);
  code_.place(found);
  element(traits_.maps.table, r9);
}

/// r2 = the rule that the cell at r0 has for the connection's protocol. MPTCP is tcp.
void Writer::read_match(int protocol_offset) {
  const Label other = code_.label();
  const Label done = code_.label();
  code_.load(r3, word_at(context, static_cast<size_t>(protocol_offset)));
  code_.load(r2, word_at(r0, match_offset(Protocol::tcp)));
  code_.jump_if(r3, equal, IPPROTO_TCP, done);
  code_.jump_if(r3, equal, IPPROTO_MPTCP, done);
  code_.load(r2, word_at(r0, match_offset(Protocol::udp)));
  code_.jump_if(r3, different, IPPROTO_UDP, other);
  code_.jump(done);
  code_.place(other);
  code_.load(r2, word_at(r0, match_offset(Protocol::other)));
  code_.place(done);
}

}  // namespace clusterbind::tool
