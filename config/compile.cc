#include "config/compile.h"

#include <algorithm>
#include <new>

#include "config/arena.h"
#include "config/cells.h"
#include "config/entry.h"
#include "config/prefix_tree.h"
#include "config/slices.h"

namespace clusterbind {
namespace {

/// The size of a cache line. Lists begin at one, so that a prefix and its cells share a line.
constexpr size_t line = 64;

/// The most elements that the lists of a compilation can have.
struct Sizes {
  size_t entries = 0;  // of both families
  size_t cells = 0;
  size_t starts = 0;  // of one prefix
  size_t nodes = 0;
  size_t sources = 0;
};

Sizes sizes(const ParsedRules& parsed) {
  Sizes result;
  for (size_t i = 0; i < parsed.counts.rules; ++i) {
    const Clauses& clauses = parsed.clauses[i];
    const size_t destinations = std::max(clauses.destination_count, 1U);
    const size_t ranges = std::max(clauses.port_count, 1U);
    result.entries += 2 * destinations;  // `any` is of both families
    result.cells += 2 * destinations * (2 * ranges + 1);
    result.starts += destinations * 2 * ranges;  // if all destinations are the same prefix
  }
  result.starts += 2;   // port 0, and the end
  result.entries += 2;  // loopback
  // Aliases around loopback (see without_any()): one for each length of a prefix around it.
  result.nodes = result.entries + std::min(result.entries, size_t{7 + 127});
  result.sources = 2 * parsed.counts.rules + parsed.counts.sources;
  return result;
}

}  // namespace

/// One run of compile().
class Compiler {
 public:
  Compiler(const ParsedRules& parsed, std::string_view program, std::span<std::byte> result,
           std::span<std::byte> scratch)
      : parsed_(parsed),
        program_(program),
        most_(sizes(parsed)),
        memory_(result),
        scratch_(scratch),
        painter_(parsed, memory_, scratch_, most_.starts) {}

  static MemoryNeeded memory_needed(const Sizes& most) {
    const size_t intervals = 2 * most.entries + 2;
    constexpr size_t lists = 8;              // each is padded
    const size_t sliced = most.cells / few;  // the most prefixes whose cells are cut into slices
    return {intervals * (sizeof(Interval<Number128>) + sizeof(uint32_t)) +
                (2 * most.nodes + most.cells + 3 * sliced) * offset_unit +
                most.cells * sizeof(uint16_t) + most.sources * sizeof(Address) + 2 * line +
                lists * Arena::padding,
            std::max(most.entries, most.sources) * sizeof(Entry) + most.nodes * sizeof(Group) +
                CellPainter::scratch_needed(most.starts) + lists * Arena::padding};
  }

  Ruleset run(size_t& used) {
    entries_ = scratch_.take<Entry>(std::max(most_.entries, most_.sources));
    groups_ = scratch_.take<Group>(most_.nodes);

    memory_.align(line);
    Interval<uint32_t>* const ipv4 = family(Family::ipv4, result_.ipv4_);
    Interval<Number128>* const ipv6 = family(Family::ipv6, result_.ipv6_);
    memory_.align(2 * offset_unit);
    result_.table_ = table_ = memory_.next();
    for (Group& group : std::span(groups_, group_count_)) group.offset = paint(group);
    place_nodes(ipv4, result_.ipv4_.count);
    place_nodes(ipv6, result_.ipv6_.count);
    keep_sources();
    used = memory_.used();
    return result_;
  }

 private:
  /// The entries of one prefix, before its node is made.
  struct Group {
    uint32_t entries;      // index of the first entry; of an alias, that of the group it stands for
    uint32_t entry_count;  // 0 for an alias
    uint32_t parent;       // a group before this one, or no_rule
    uint32_t least;
    uint32_t offset = no_rule;  // of its node, once there is one
  };

  bool names_program(const Clauses& clauses) const {
    if (clauses.program_count == 0) return true;
    const auto names = parsed_.programs.subspan(clauses.programs, clauses.program_count);
    return !program_.empty() && std::find(names.begin(), names.end(), program_) != names.end();
  }

  /// Records the source addresses and the ports of `bind` and `refuse` rules. It overwrites the
  /// entries, which are no longer needed.
  void keep_sources() {
    Entry* const first = entries_;
    Entry* last = first;
    const auto add = [&](const Address& source) {
      const Entry entry = {number_of(source), static_cast<uint32_t>(source.family), 0};
      // Most neighbouring rules have the same source addresses.
      for (Entry* known = last; known != first && last - known < 2;) {
        if (is_same(*--known, entry)) return;
      }
      *last++ = entry;
    };
    std::span<const Address> last_list;
    for (size_t i = 0; i < parsed_.counts.rules; ++i) {
      const Rule& rule = parsed_.rules[i];
      if (rule.action == Action::direct || !names_program(parsed_.clauses[i])) continue;
      for (const PortRange& range : ports_of(parsed_, static_cast<uint32_t>(i)))
        result_.acting_ports_.add(range);
      if (rule.has_ipv4) add(source_of(rule, Family::ipv4));
      if (rule.has_ipv6) add(source_of(rule, Family::ipv6));
      const auto listed = list_of(rule, parsed_.sources);
      if (std::equal(listed.begin(), listed.end(), last_list.begin(), last_list.end())) continue;
      last_list = listed;
      for (const Address& source : listed) add(source);
    }
    sort(first, last);
    last = std::unique(first, last, is_same);
    Address* sources = memory_.take<Address>(static_cast<size_t>(last - first));
    result_.sources_ = {sources, static_cast<size_t>(last - first)};
    for (const Entry* entry = first; entry != last; ++entry) {
      *sources++ = {entry->first.high, entry->first.low, static_cast<Family>(entry->rank)};
    }
  }

  /// Adds the destinations of one family after the entries; returns the new end.
  Entry* collect(Family family, Entry* end) {
    bool spares_loopback = false;
    const auto add = [&](const Destination& destination, size_t rule) {
      if (destination.any) {
        spares_loopback = true;
        *end++ = {{0, 0}, any_rank, static_cast<uint32_t>(rule)};
      } else if (destination.first.family == family) {
        *end++ = {number_of(destination.first), rank_of(destination.length),
                  static_cast<uint32_t>(rule)};
      }
    };
    for (size_t i = 0; i < parsed_.counts.rules; ++i) {
      const Clauses& clauses = parsed_.clauses[i];
      if (!serves(parsed_.rules[i], family) || !names_program(clauses)) continue;
      if (clauses.destination_count == 0) add({{}, 0, true}, i);
      const auto given =
          parsed_.destinations.subspan(clauses.destinations, clauses.destination_count);
      for (const Destination& destination : given) add(destination, i);
    }
    if (spares_loopback) *end++ = loopback(family);
    return end;
  }

  /// Collects and sorts the entries of one family, and makes its intervals and a group for each
  /// prefix. Returns the list of intervals.
  template <typename Key>
  Interval<Key>* family(Family which, Intervals<Key>& intervals) {
    Entry* const first = entries_ + entry_count_;
    Entry* const last = collect(which, first);
    entry_count_ += static_cast<size_t>(last - first);
    sort(first, last);
    auto* const list = memory_.take<Interval<Key>>(2 * static_cast<size_t>(last - first) + 1);
    PrefixTree<Key> tree(which, list);
    for (Entry* entry = first; entry != last;) {
      Entry* end = entry;
      while (end != last && is_same(*end, *entry)) ++end;
      const auto around = tree.approach(*entry);
      tree.enter(*entry, group_of(entry, end, around));
      entry = end;
    }
    tree.leave_all();
    memory_.end_at(list + tree.count());
    intervals.list = list;
    intervals.count = tree.count();
    slice(intervals);
    return list;
  }

  template <typename Key>
  void slice(Intervals<Key>& intervals) {
    if (intervals.count <= few) return;
    cut_slices(intervals.list, intervals.count, intervals.count / 2, intervals.slices);
    auto* const starts = memory_.take<uint32_t>(intervals.slices.count + 1);
    write_starts(intervals.list, intervals.count, intervals.slices, starts);
    intervals.starts = starts;
  }

  void slice(const Cell* cells, size_t count) {
    Slices<uint32_t> slices;
    cut_slices(cells, count, count, slices);
    auto* const memory =
        memory_.take<std::byte>(sizeof slices + (size_t{slices.count} + 1) * sizeof(uint16_t));
    new (memory) Slices<uint32_t>(slices);
    write_starts(cells, count, slices, reinterpret_cast<uint16_t*>(memory + sizeof slices));
  }

  /// Replaces the groups in the list with the offsets of their nodes.
  template <typename Key>
  void place_nodes(Interval<Key>* list, size_t count) {
    for (Interval<Key>& interval : std::span(list, count)) {
      if (interval.node != no_rule) interval.node = groups_[interval.node].offset;
    }
  }

  /// Makes the group for the entries of one prefix. For loopback() it makes none.
  uint32_t group_of(const Entry* entry, const Entry* end, std::span<const uint32_t> around) {
    if (entry->rule == no_rule) return without_any(around);
    return add_group({static_cast<uint32_t>(entry - entries_), static_cast<uint32_t>(end - entry),
                      around.empty() ? no_rule : around.back(), entry->rule});
  }

  uint32_t add_group(Group group) {
    if (group.parent != no_rule) group.least = std::min(group.least, groups_[group.parent].least);
    new (&groups_[group_count_]) Group(group);
    return group_count_++;
  }

  /// The innermost of the groups around loopback if `any` is left out. The groups within `any` get
  /// aliases, whose parents leave it out.
  uint32_t without_any(std::span<const uint32_t> around) {
    uint32_t parent = no_rule;
    bool behind_any = false;
    for (const uint32_t node : around) {
      const Group group = groups_[node];
      if (entries_[group.entries].rank == any_rank) {
        behind_any = true;
      } else {
        const uint32_t first = entries_[group.entries].rule;
        parent = behind_any ? add_group({node, 0, parent, first}) : node;
      }
    }
    return parent;
  }

  /// Makes the node of a group, and its cells: the ports, with their first rules. Returns the
  /// offset of the node.
  uint32_t paint(const Group& group) {
    Node* const node = memory_.take<Node>(1);
    node->parent = group.parent == no_rule ? no_rule : groups_[group.parent].offset;
    node->least = group.least;
    if (group.entry_count == 0) {
      const auto* other =
          reinterpret_cast<const Node*>(table_ + groups_[group.entries].offset * offset_unit);
      node->cells = other->cells;
      node->cell_count = other->cell_count;
    } else {
      const std::span<const Entry> entries(entries_ + group.entries, group.entry_count);
      const Cell* const cells = reinterpret_cast<const Cell*>(node + 1);
      const Cell* const end = painter_.paint(entries);
      node->cells = offset_of(cells);
      node->cell_count = static_cast<uint32_t>(end - cells);
      if (node->cell_count > few) slice(cells, node->cell_count);
    }
    memory_.align(2 * offset_unit);
    return offset_of(node);
  }

  uint32_t offset_of(const void* node) const {
    return static_cast<uint32_t>(static_cast<size_t>(static_cast<const std::byte*>(node) - table_) /
                                 offset_unit);
  }

  const ParsedRules& parsed_;
  std::string_view program_;
  Sizes most_;
  Arena memory_;
  Arena scratch_;
  CellPainter painter_;
  Ruleset result_;
  const std::byte* table_ = nullptr;

  // scratch space
  Entry* entries_ = nullptr;
  size_t entry_count_ = 0;
  Group* groups_ = nullptr;
  uint32_t group_count_ = 0;
};

MemoryNeeded memory_needed(const ParsedRules& parsed) {
  return Compiler::memory_needed(sizes(parsed));
}

Ruleset compile(const ParsedRules& parsed, std::string_view program, std::span<std::byte> result,
                std::span<std::byte> scratch, size_t& used) {
  return Compiler(parsed, program, result, scratch).run(used);
}

}  // namespace clusterbind
