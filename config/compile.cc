// Makes a Ruleset from a Syntax: the tree of prefixes, and the cells of each prefix.
#include <algorithm>
#include <new>

#include "config/ruleset.h"

namespace clusterbind {
namespace {

constexpr uint32_t port_end = 65536;
constexpr PortRange every_port[] = {{0, 65535}};

/// One destination of one rule, before it is put into the tree.
struct Entry {
  Number128 first;
  uint32_t rank;  // sorts prefixes with the same first address, the outermost first
  uint32_t rule;
};

constexpr uint32_t any_rank = 1;  // inside /0, which contains loopback; around all other prefixes

constexpr uint32_t rank_of(unsigned length) {
  return 2 * length;
}
constexpr unsigned length_of(uint32_t rank) {
  return rank == any_rank ? 0 : (rank + 1) / 2;
}

/// Loopback, which `any` does not include. The entry sorts before a prefix of the same addresses
/// that the rules name.
constexpr Entry loopback(Family family) {
  if (family == Family::ipv4) return {{0, 127U << 24}, rank_of(8) - 1, no_rule};
  return {{0, 1}, rank_of(128) - 1, no_rule};
}

/// The order of entries. With the family as the rank, it is that of source_before().
bool before(const Entry& a, const Entry& b) {
  if (!(a.first == b.first)) return a.first < b.first;
  if (a.rank != b.rank) return a.rank < b.rank;
  return a.rule < b.rule;
}

/// The only use of std::sort, because each one takes two kilobytes of every process.
[[gnu::noinline]] void sort(Entry* first, Entry* last) {
  if (!std::is_sorted(first, last, before)) std::sort(first, last, before);
}

bool is_same(const Entry& a, const Entry& b) {
  return a.first == b.first && a.rank == b.rank;
}

template <typename Key>
Key key_of(const Number128& number) {
  if constexpr (sizeof(Key) == sizeof(uint32_t)) {
    return static_cast<uint32_t>(number.low);
  } else {
    return number;
  }
}

/// Hands out a piece of memory from its beginning.
class Memory {
 public:
  explicit Memory(std::span<std::byte> memory) : begin_(memory.data()), next_(memory.data()) {}

  template <typename T>
  T* take(size_t count) {
    T* const result = reinterpret_cast<T*>(next_);
    end_at(result + count);
    return result;
  }

  /// Gives back the part of the last take() that lies behind `end`.
  template <typename T>
  void end_at(const T* end) {
    next_ = begin_ + padded(static_cast<size_t>(reinterpret_cast<const std::byte*>(end) - begin_));
  }

  /// Skips bytes, so that the next take() begins at an address that `unit` divides.
  void align(size_t unit) { next_ += -reinterpret_cast<uintptr_t>(next_) % unit; }

  std::byte* next() const { return next_; }
  size_t used() const { return static_cast<size_t>(next_ - begin_); }

  static constexpr size_t padding = alignof(uint64_t);  // at most, behind each take()

 private:
  static size_t padded(size_t size) { return (size + padding - 1) / padding * padding; }

  std::byte* begin_;
  std::byte* next_;
};

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

Sizes sizes(const Syntax& syntax) {
  Sizes result;
  for (size_t i = 0; i < syntax.counts.rules; ++i) {
    const Clauses& clauses = syntax.clauses[i];
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
  result.sources = 2 * syntax.counts.rules;
  return result;
}

}  // namespace

/// One run of compile().
class Compiler {
 public:
  Compiler(const Syntax& syntax, std::string_view program, std::span<std::byte> result,
           std::span<std::byte> scratch)
      : syntax_(syntax), program_(program), memory_(result), scratch_(scratch) {}

  static MemoryNeeded memory_needed(const Sizes& most) {
    const size_t intervals = 2 * most.entries + 2;
    constexpr size_t lists = 8;              // each is padded
    const size_t sliced = most.cells / few;  // prefixes whose cells are
    return {intervals * (sizeof(Interval<Number128>) + sizeof(uint32_t)) +
                (2 * most.nodes + most.cells + 3 * sliced) * place_size +
                most.cells * sizeof(uint16_t) + most.sources * sizeof(Address) + 2 * line +
                lists * Memory::padding,
            most.entries * sizeof(Entry) + most.nodes * sizeof(Group) +
                (most.starts + 1) * (1 + protocol_count) * sizeof(uint32_t) +
                lists * Memory::padding};
  }

  Ruleset run(size_t& used) {
    const Sizes most = sizes(syntax_);
    entries_ = scratch_.take<Entry>(most.entries);
    groups_ = scratch_.take<Group>(most.nodes);
    starts_ = scratch_.take<uint32_t>(most.starts);
    for (uint32_t*& unpainted : unpainted_) unpainted = scratch_.take<uint32_t>(most.starts + 1);

    memory_.align(line);
    Interval<uint32_t>* const ipv4 = family(Family::ipv4, result_.ipv4_);
    Interval<Number128>* const ipv6 = family(Family::ipv6, result_.ipv6_);
    memory_.align(2 * place_size);
    result_.table_ = table_ = memory_.next();
    for (Group& group : std::span(groups_, group_count_)) group.place = paint(group);
    place_nodes(ipv4, result_.ipv4_.count);
    place_nodes(ipv6, result_.ipv6_.count);
    keep_sources();
    used = memory_.used();
    return result_;
  }

 private:
  /// The entries of one prefix, before its node is made.
  struct Group {
    uint32_t entries;      // index of the first, or of the group that this is an alias of
    uint32_t entry_count;  // 0: an alias
    uint32_t parent;       // a group before this one, or no_rule
    uint32_t least;
    uint32_t place = no_rule;  // of its node, once there is one
  };

  bool names_program(const Clauses& clauses) const {
    if (clauses.program_count == 0) return true;
    const auto names = syntax_.programs.subspan(clauses.programs, clauses.program_count);
    return !program_.empty() && std::find(names.begin(), names.end(), program_) != names.end();
  }

  std::span<const PortRange> ports(const Clauses& clauses) const {
    if (clauses.port_count == 0) return every_port;
    return syntax_.ports.subspan(clauses.ports, clauses.port_count);
  }

  /// Records the source addresses and the ports of `bind` and `refuse` rules. It overwrites the
  /// entries, which are no longer needed.
  void keep_sources() {
    Entry* const first = entries_;
    Entry* last = first;
    const auto add = [&](const Address& source) {
      const Entry entry = {number_of(source), static_cast<uint32_t>(source.family), 0};
      // Neighbouring rules mostly share their source addresses.
      for (Entry* known = last; known != first && last - known < 2;) {
        if (is_same(*--known, entry)) return;
      }
      *last++ = entry;
    };
    for (size_t i = 0; i < syntax_.counts.rules; ++i) {
      const Rule& rule = syntax_.rules[i];
      if (rule.action == Action::direct || !names_program(syntax_.clauses[i])) continue;
      for (const PortRange& range : ports(syntax_.clauses[i])) result_.acting_ports_.add(range);
      if (rule.has_ipv4) add(source_of(rule, Family::ipv4));
      if (rule.has_ipv6) add(source_of(rule, Family::ipv6));
    }
    sort(first, last);
    last = std::unique(first, last, is_same);
    Address* sources = memory_.take<Address>(static_cast<size_t>(last - first));
    result_.sources_ = {sources, static_cast<size_t>(last - first)};
    for (const Entry* entry = first; entry != last; ++entry) {
      *sources++ = {entry->first.high, entry->first.low, static_cast<Family>(entry->rank)};
    }
  }

  /// Adds the destinations of one family behind the entries; returns the new end.
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
    for (size_t i = 0; i < syntax_.counts.rules; ++i) {
      const Clauses& clauses = syntax_.clauses[i];
      if (!serves(syntax_.rules[i], family) || !names_program(clauses)) continue;
      if (clauses.destination_count == 0) add({{}, 0, true}, i);
      const auto given =
          syntax_.destinations.subspan(clauses.destinations, clauses.destination_count);
      for (const Destination& destination : given) add(destination, i);
    }
    if (spares_loopback) *end++ = loopback(family);
    return end;
  }

  /// Walks through sorted prefixes and records in a list where the innermost prefix changes. The
  /// list has groups in the place of nodes, which do not exist yet.
  template <typename Key>
  class Tree {
   public:
    Tree(Family which, Interval<Key>* list)
        : family_(which), list_(list), end_(number_of(last_of({0, 0, which}, 0))) {
      note({0, 0}, no_rule);
    }

    /// Leaves the prefixes that end before `entry`; returns the groups around it, outermost first.
    std::span<const uint32_t> approach(const Entry& entry) {
      while (depth_ > 0 && last_[depth_ - 1] < entry.first) leave();
      return {open_, depth_};
    }

    /// Enters the prefix of `entry`.
    void enter(const Entry& entry, uint32_t group) {
      const Address first{entry.first.high, entry.first.low, family_};
      last_[depth_] = number_of(last_of(first, length_of(entry.rank)));
      open_[depth_++] = group;
      note(entry.first, group);
    }

    void leave_all() {
      while (depth_ > 0) leave();
    }

    size_t count() const { return count_; }

   private:
    [[gnu::noinline]] void leave() {
      Number128 next = last_[--depth_];
      if (next == end_) return;
      if (++next.low == 0) ++next.high;
      note(next, depth_ == 0 ? no_rule : open_[depth_ - 1]);
    }

    /// Records that `group` is the innermost one from `start` on. The first interval, which is the
    /// wildcard address, keeps no_rule.
    void note(Number128 start, uint32_t group) {
      if (count_ > 0) {
        if (start == Number128{0, 0}) start.low = 1;
        if (start == start_) --count_;
      }
      if (count_ > 0) list_[count_ - 1].last = key_of<Key>(before(start));
      list_[count_++] = {key_of<Key>(end_), group};
      start_ = start;
    }

    static Number128 before(Number128 number) {
      if (number.low-- == 0) --number.high;
      return number;
    }

    Family family_;
    Interval<Key>* list_;
    Number128 end_;  // the last address of the family
    size_t count_ = 0;
    Number128 start_ = {0, 0};  // of the last interval
    uint32_t open_[131];        // /0, any, /1 to /128, loopback
    Number128 last_[131];
    unsigned depth_ = 0;
  };

  /// Collects and sorts the entries of one family, and makes its intervals and a group for each
  /// prefix. Returns the list of intervals.
  template <typename Key>
  Interval<Key>* family(Family which, Intervals<Key>& intervals) {
    Entry* const first = entries_ + entry_count_;
    Entry* const last = collect(which, first);
    entry_count_ += static_cast<size_t>(last - first);
    sort(first, last);
    auto* const list = memory_.take<Interval<Key>>(2 * static_cast<size_t>(last - first) + 1);
    Tree<Key> tree(which, list);
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
    cut(intervals.list, intervals.count, intervals.count / 2, intervals.slices);
    auto* const starts = memory_.take<uint32_t>(intervals.slices.count + 1);
    write_starts(intervals.list, intervals.count, intervals.slices, starts);
    intervals.starts = starts;
  }

  void slice(const Cell* cells, size_t count) {
    Slices<uint32_t> slices;
    cut(cells, count, count, slices);
    auto* const place =
        memory_.take<std::byte>(sizeof slices + (size_t{slices.count} + 1) * sizeof(uint16_t));
    new (place) Slices<uint32_t>(slices);
    write_starts(cells, count, slices, reinterpret_cast<uint16_t*>(place + sizeof slices));
  }

  /// Cuts the keys between the first item and the last into up to `most` slices. The first and the
  /// last item reach to the ends of the key range.
  template <typename Item, typename Key>
  static void cut(const Item* items, size_t count, size_t most, Slices<Key>& slices) {
    slices.base = slice_key(items[0].last);
    const auto range = slice_key(items[count - 2].last) - slices.base;
    while (range >> slices.width >= most) ++slices.width;
    slices.count = static_cast<uint32_t>(range >> slices.width) + 1;
  }

  template <typename Item, typename Key, typename Start>
  static void write_starts(const Item* items, size_t count, const Slices<Key>& slices,
                           Start* starts) {
    size_t next = 0;
    for (uint32_t i = 0; i < slices.count; ++i) {
      while (next < count - 1 && (slice_key(items[next].last) - slices.base) >> slices.width < i) {
        ++next;
      }
      starts[i] = static_cast<Start>(next);
    }
    starts[slices.count] = static_cast<Start>(count - 1);
  }

  /// Replaces the groups in the list with the places of their nodes.
  template <typename Key>
  void place_nodes(Interval<Key>* list, size_t count) {
    for (Interval<Key>& interval : std::span(list, count)) {
      if (interval.node != no_rule) interval.node = groups_[interval.node].place;
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

  /// The innermost of the groups around loopback, as if `any` were not among them: the groups
  /// within `any` get aliases whose parents leave it out.
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

  /// Makes the node of a group, and its cells: the ports, with their first rules. Returns the place
  /// of the node.
  uint32_t paint(const Group& group) {
    Node* const node = memory_.take<Node>(1);
    node->parent = group.parent == no_rule ? no_rule : groups_[group.parent].place;
    node->least = group.least;
    if (group.entry_count == 0) {
      const auto* other =
          reinterpret_cast<const Node*>(table_ + groups_[group.entries].place * place_size);
      node->cells = other->cells;
      node->cell_count = other->cell_count;
    } else {
      const std::span<const Entry> entries(entries_ + group.entries, group.entry_count);
      const auto range = ports(syntax_.clauses[entries[0].rule]);
      const Cell* const cells = reinterpret_cast<const Cell*>(node + 1);
      const Cell* const end = entries.size() == 1 && range.size() == 1
                                  ? paint_one(range[0], entries[0].rule)
                                  : paint_all(entries);
      node->cells = place_of(cells);
      node->cell_count = static_cast<uint32_t>(end - cells);
      if (node->cell_count > few) slice(cells, node->cell_count);
    }
    memory_.align(2 * place_size);
    return place_of(node);
  }

  uint32_t place_of(const void* node) const {
    return static_cast<uint32_t>(static_cast<size_t>(static_cast<const std::byte*>(node) - table_) /
                                 place_size);
  }

  /// Makes the cell of a single rule with a single port range, the most frequent case. Returns the
  /// end of the cells.
  Cell* paint_one(const PortRange& range, uint32_t rule) {
    Cell* const cell = memory_.take<Cell>(1);
    new (cell) Cell{range.low, range.high, {}};
    for (unsigned protocol = 0; protocol < protocol_count; ++protocol) {
      if (covers(syntax_.rules[rule].protocol, static_cast<Protocol>(protocol))) {
        cell->match.first[protocol] = rule;
      }
    }
    return cell + 1;
  }

  Cell* paint_all(std::span<const Entry> entries) {
    const size_t count = cut_ports(entries);
    starts_[count] = port_end;
    Cell* const cells = memory_.take<Cell>(count);
    for (size_t i = 0; i < count; ++i) {
      new (&cells[i])
          Cell{static_cast<uint16_t>(starts_[i]), static_cast<uint16_t>(starts_[i + 1] - 1), {}};
      for (uint32_t* unpainted : unpainted_) unpainted[i] = static_cast<uint32_t>(i);
    }
    for (uint32_t* unpainted : unpainted_) unpainted[count] = static_cast<uint32_t>(count);
    for (const Entry& entry : entries) {
      const ProtocolClause clause = syntax_.rules[entry.rule].protocol;
      for (const PortRange& range : ports(syntax_.clauses[entry.rule])) {
        for (unsigned protocol = 0; protocol < protocol_count; ++protocol) {
          if (covers(clause, static_cast<Protocol>(protocol))) {
            paint_range(cells, count, range, protocol, entry.rule);
          }
        }
      }
    }
    // Cells without a rule are removed, except the last one, at which each search ends.
    Cell* end = std::remove_if(cells, cells + count - 1,
                               [](const Cell& cell) { return cell.match == Match{}; });
    *end++ = cells[count - 1];
    memory_.end_at(end);
    return end;
  }

  /// Fills starts_ with the ports at which a range of the entries begins, and those right behind a
  /// range. Returns how many there are.
  size_t cut_ports(std::span<const Entry> entries) {
    size_t count = 0;
    starts_[count++] = 0;
    for (const Entry& entry : entries) {
      for (const PortRange& range : ports(syntax_.clauses[entry.rule])) {
        if (range.low > 0) starts_[count++] = range.low;
        if (range.high + 1U < port_end) starts_[count++] = range.high + 1U;
      }
    }
    // A heap sort is a quarter of std::sort's code; there are few ports.
    std::make_heap(starts_, starts_ + count);
    std::sort_heap(starts_, starts_ + count);
    return static_cast<size_t>(std::unique(starts_, starts_ + count) - starts_);
  }

  /// Gives the rule to the cells of the range that no earlier rule has.
  void paint_range(Cell* cells, size_t count, const PortRange& range, unsigned protocol,
                   uint32_t rule) {
    uint32_t* const next = unpainted_[protocol];
    const auto begin = std::lower_bound(starts_, starts_ + count, uint32_t{range.low});
    for (uint32_t i = unpainted_from(next, static_cast<uint32_t>(begin - starts_));
         i < count && cells[i].first <= range.high; i = unpainted_from(next, i + 1)) {
      cells[i].match.first[protocol] = rule;
      next[i] = i + 1;
    }
  }

  /// The first cell from `i` on without a rule. It also shortens the path for the next call.
  static uint32_t unpainted_from(uint32_t* next, uint32_t i) {
    while (next[i] != i) i = next[i] = next[next[i]];
    return i;
  }

  const Syntax& syntax_;
  std::string_view program_;
  Memory memory_;
  Memory scratch_;
  Ruleset result_;
  const std::byte* table_ = nullptr;

  // scratch space
  Entry* entries_ = nullptr;
  size_t entry_count_ = 0;
  Group* groups_ = nullptr;
  uint32_t group_count_ = 0;
  uint32_t* starts_ = nullptr;
  uint32_t* unpainted_[protocol_count] = {};
};

MemoryNeeded memory_needed(const Syntax& syntax) {
  return Compiler::memory_needed(sizes(syntax));
}

Ruleset compile(const Syntax& syntax, std::string_view program, std::span<std::byte> result,
                std::span<std::byte> scratch, size_t& used) {
  return Compiler(syntax, program, result, scratch).run(used);
}

}  // namespace clusterbind
