// Makes a Ruleset of a Syntax: the tree of prefixes, and the cells of each prefix.
#include <algorithm>
#include <new>

#include "config/ruleset.h"

namespace clusterbind {
namespace {

constexpr uint32_t port_end = 65536;
constexpr PortRange every_port[] = {{0, 65535}};

/// A destination of a rule on its way into the tree.
struct Entry {
  Number128 first;
  uint32_t rank;  // orders prefixes that begin at one address from the outermost to the innermost
  uint32_t rule;
};

constexpr uint32_t any_rank = 1;  // between /0, which contains loopback, and all other prefixes

constexpr uint32_t rank_of(unsigned length) {
  return 2 * length;
}
constexpr unsigned length_of(uint32_t rank) {
  return rank == any_rank ? 0 : (rank + 1) / 2;
}

/// What `any` leaves out, as an entry before the rules' own prefix of the same addresses.
constexpr Entry loopback(Family family) {
  if (family == Family::ipv4) return {{0, 127U << 24}, rank_of(8) - 1, no_rule};
  return {{0, 1}, rank_of(128) - 1, no_rule};
}

/// Nodes that stand for other ones within loopback: one for each length of a prefix around it.
constexpr size_t most_aliases = 7 + 127;

/// With the family for a rank this is source_before() too.
bool before(const Entry& a, const Entry& b) {
  if (!(a.first == b.first)) return a.first < b.first;
  if (a.rank != b.rank) return a.rank < b.rank;
  return a.rule < b.rule;
}

/// In one place: each use of std::sort is two kilobytes of every process.
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

/// Memory taken from both ends: the result from the front, scratch space from the back.
class Memory {
 public:
  explicit Memory(std::span<std::byte> memory) : memory_(memory) {}

  template <typename T>
  T* front(size_t count) {
    T* result = reinterpret_cast<T*>(memory_.data() + front_);
    front_ += padded(count * sizeof(T));
    return result;
  }

  template <typename T>
  T* back(size_t count) {
    back_ += padded(count * sizeof(T));
    return reinterpret_cast<T*>(memory_.data() + (memory_.size() & ~size_t{7}) - back_);
  }

  /// Gives back what of the last front() lies behind `end`.
  template <typename T>
  void end_front(const T* end) {
    front_ = padded(static_cast<size_t>(reinterpret_cast<const std::byte*>(end) - memory_.data()));
  }

  size_t used() const { return front_; }

  static size_t padded(size_t size) { return (size + 7) & ~size_t{7}; }

 private:
  std::span<std::byte> memory_;
  size_t front_ = 0;
  size_t back_ = 0;
};

/// What the lists of a compilation need at most.
struct Sizes {
  size_t entries = 0;  // of both families
  size_t cells = 0;
  size_t starts = 0;  // of one prefix
};

Sizes sizes(const Syntax& syntax) {
  Sizes result;
  for (size_t i = 0; i < syntax.counts.rules; ++i) {
    const Clauses& clauses = syntax.clauses[i];
    const size_t destinations = std::max(clauses.destination_count, 1U);
    const size_t ranges = std::max(clauses.port_count, 1U);
    result.entries += 2 * destinations;  // `any` is of both families
    result.cells += 2 * destinations * (2 * ranges + 1);
    result.starts += destinations * 2 * ranges;  // should all destinations be one prefix
  }
  result.starts += 2;   // port 0, and the end
  result.entries += 2;  // loopback
  return result;
}

}  // namespace

/// One run of compile().
class Compiler {
 public:
  Compiler(const Syntax& syntax, std::string_view program, std::span<std::byte> memory)
      : syntax_(syntax), program_(program), memory_(memory) {}

  Ruleset run(size_t& used) {
    const Sizes most = sizes(syntax_);
    entries_ = memory_.back<Entry>(most.entries);
    boundaries_ = memory_.back<Boundary>(2 * most.entries + 1);
    starts_ = memory_.back<uint32_t>(most.starts);
    for (uint32_t*& unpainted : unpainted_) unpainted = memory_.back<uint32_t>(most.starts + 1);

    copy_rules();
    result_.nodes_ = nodes_ = memory_.front<Node>(most.entries + most_aliases);
    family(Family::ipv4, result_.ipv4_);
    family(Family::ipv6, result_.ipv6_);
    result_.cells_ = cells_ = memory_.front<Cell>(0);
    for (Group& group : std::span(groups(), node_count_)) paint(group);
    used = memory_.used();
    return result_;
  }

 private:
  /// The entries of one node, kept in the node's own memory until its cells are made.
  struct Group {
    uint32_t entries;      // index of the first, or of the node that this is an alias of
    uint32_t entry_count;  // 0: an alias
    uint32_t parent;
    uint32_t least;
  };
  static_assert(sizeof(Group) == sizeof(Node));

  Group* groups() { return reinterpret_cast<Group*>(nodes_); }

  bool names_program(const Clauses& clauses) const {
    if (clauses.program_count == 0) return true;
    const auto names = syntax_.programs.subspan(clauses.programs, clauses.program_count);
    return !program_.empty() && std::find(names.begin(), names.end(), program_) != names.end();
  }

  std::span<const PortRange> ports(const Clauses& clauses) const {
    if (clauses.port_count == 0) return every_port;
    return syntax_.ports.subspan(clauses.ports, clauses.port_count);
  }

  void copy_rules() {
    const size_t count = syntax_.counts.rules;
    Rule* rules = memory_.front<Rule>(count);
    std::copy_n(syntax_.rules.begin(), count, rules);
    result_.rules_ = {rules, count};

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
    for (size_t i = 0; i < count; ++i) {
      if (rules[i].action == Action::direct || !names_program(syntax_.clauses[i])) continue;
      for (const PortRange& range : ports(syntax_.clauses[i])) result_.acting_ports_.add(range);
      if (rules[i].has_ipv4) add(rules[i].ipv4);
      if (rules[i].has_ipv6) add(rules[i].ipv6);
    }
    sort(first, last);
    last = std::unique(first, last, is_same);
    Address* sources = memory_.front<Address>(static_cast<size_t>(last - first));
    result_.sources_ = {sources, static_cast<size_t>(last - first)};
    for (const Entry* entry = first; entry != last; ++entry) {
      *sources++ = {entry->first.high, entry->first.low, static_cast<Family>(entry->rank)};
    }
  }

  /// Adds what the rules say of one family to entries_; returns the end.
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

  /// Makes the groups and boundaries of one family.
  template <typename Key>
  void family(Family which, Intervals<Key>& intervals) {
    const Tree tree = grow(which);
    auto* list = memory_.front<Interval<Key>>(tree.count());
    intervals = {list, tree.count()};
    for (const Boundary& boundary : std::span(boundaries_, tree.count())) {
      Number128 last = number_of(last_of({0, 0, which}, 0));
      if (list + 1 < intervals.list + intervals.count) {
        last = (&boundary)[1].start;
        if (last.low-- == 0) --last.high;
      }
      *list++ = {key_of<Key>(last), boundary.node};
    }
  }

  /// From `start` on, `node` (or no_rule) is the innermost prefix.
  struct Boundary {
    Number128 start;
    uint32_t node;
  };

  /// Walks over sorted prefixes and notes where the innermost one changes.
  class Tree {
   public:
    Tree(Family which, Boundary* boundaries) : family_(which), boundaries_(boundaries) {
      note({0, 0}, no_rule);
    }

    /// Leaves the prefixes that end before `entry`; returns the nodes around it, outermost first.
    std::span<const uint32_t> approach(const Entry& entry) {
      while (depth_ > 0 && last_[depth_ - 1] < entry.first) leave();
      return {open_, depth_};
    }

    /// Enters the prefix of `entry`.
    void enter(const Entry& entry, uint32_t node) {
      const Address first{entry.first.high, entry.first.low, family_};
      last_[depth_] = number_of(last_of(first, length_of(entry.rank)));
      open_[depth_++] = node;
      note(entry.first, node);
    }

    void leave_all() {
      while (depth_ > 0) leave();
    }

    size_t count() const { return count_; }

   private:
    [[gnu::noinline]] void leave() {
      Number128 next = last_[--depth_];
      if (next == number_of(last_of({0, 0, family_}, 0))) return;
      if (++next.low == 0) ++next.high;
      note(next, depth_ == 0 ? no_rule : open_[depth_ - 1]);
    }

    /// The first boundary, the wildcard address, keeps no_rule.
    void note(Number128 start, uint32_t node) {
      if (count_ > 0 && start == Number128{0, 0}) start.low = 1;
      if (count_ > 0 && boundaries_[count_ - 1].start == start) --count_;
      boundaries_[count_++] = {start, node};
    }

    Family family_;
    Boundary* boundaries_;
    size_t count_ = 0;
    uint32_t open_[131];  // /0, any, /1 to /128, loopback
    Number128 last_[131];
    unsigned depth_ = 0;
  };

  /// Collects and sorts the entries of one family, and makes a group of each prefix.
  [[gnu::noinline]] Tree grow(Family which) {
    Tree tree(which, boundaries_);
    Entry* const first = entries_ + entry_count_;
    Entry* const last = collect(which, first);
    sort(first, last);
    for (Entry* entry = first; entry != last;) {
      Entry* end = entry;
      while (end != last && is_same(*end, *entry)) ++end;
      const auto around = tree.approach(*entry);
      tree.enter(*entry, entry->rule == no_rule
                             ? without_any(around)
                             : add_group({static_cast<uint32_t>(entry - entries_),
                                          static_cast<uint32_t>(end - entry),
                                          around.empty() ? no_rule : around.back(), entry->rule}));
      entry = end;
    }
    tree.leave_all();
    entry_count_ += static_cast<size_t>(last - first);
    return tree;
  }

  uint32_t add_group(Group group) {
    if (group.parent != no_rule) group.least = std::min(group.least, groups()[group.parent].least);
    new (&groups()[node_count_]) Group(group);
    return static_cast<uint32_t>(node_count_++);
  }

  /// The innermost of the nodes around loopback, as if `any` were not among them: those behind it
  /// get aliases.
  uint32_t without_any(std::span<const uint32_t> around) {
    uint32_t parent = no_rule;
    bool behind_any = false;
    for (const uint32_t node : around) {
      const Group group = groups()[node];
      if (entries_[group.entries].rank == any_rank) {
        behind_any = true;
      } else {
        const uint32_t first = entries_[group.entries].rule;
        parent = behind_any ? add_group({node, 0, parent, first}) : node;
      }
    }
    return parent;
  }

  /// Turns a group into a node: its ports as cells, each with its first rules.
  void paint(Group& group) {
    if (group.entry_count == 0) {
      const Node& other = nodes_[group.entries];
      new (&group) Node{other.cells, other.cell_count, group.parent, group.least};
      return;
    }
    const std::span<const Entry> entries(entries_ + group.entries, group.entry_count);
    const auto range = ports(syntax_.clauses[entries[0].rule]);
    Cell* const cells = memory_.front<Cell>(0);
    Cell* const end = entries.size() == 1 && range.size() == 1
                          ? paint_one(range[0], entries[0].rule)
                          : paint_all(entries);
    new (&group) Node{static_cast<uint32_t>(cells - cells_), static_cast<uint32_t>(end - cells),
                      group.parent, group.least};
  }

  /// The cells of a single rule with a single range, which most prefixes have. Returns their end.
  Cell* paint_one(const PortRange& range, uint32_t rule) {
    Cell* end = memory_.front<Cell>(range.high == port_end - 1 ? 1 : 2);
    new (end) Cell{range.low, range.high, {}};
    for (unsigned protocol = 0; protocol < protocol_count; ++protocol) {
      if (covers(syntax_.rules[rule].protocol, static_cast<Protocol>(protocol))) {
        end->match.first[protocol] = rule;
      }
    }
    ++end;
    if (range.high != port_end - 1) {
      new (end++) Cell{static_cast<uint16_t>(range.high + 1), port_end - 1, {}};
    }
    return end;
  }

  Cell* paint_all(std::span<const Entry> entries) {
    const size_t count = cut_ports(entries);
    starts_[count] = port_end;
    Cell* const cells = memory_.front<Cell>(count);
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
    // Cells without a rule go, but for the last one, at which each search ends.
    Cell* end = std::remove_if(cells, cells + count - 1,
                               [](const Cell& cell) { return cell.match == Match{}; });
    *end++ = cells[count - 1];
    memory_.end_front(end);
    return end;
  }

  /// Fills starts_ with the ports at which any range of the entries begins or has ended.
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

  /// The first cell from `i` on without a rule; shortens the way for the next call.
  static uint32_t unpainted_from(uint32_t* next, uint32_t i) {
    while (next[i] != i) i = next[i] = next[next[i]];
    return i;
  }

  const Syntax& syntax_;
  std::string_view program_;
  Memory memory_;
  Ruleset result_;
  Node* nodes_ = nullptr;
  size_t node_count_ = 0;
  const Cell* cells_ = nullptr;

  // scratch space
  Entry* entries_ = nullptr;
  size_t entry_count_ = 0;
  Boundary* boundaries_ = nullptr;
  uint32_t* starts_ = nullptr;
  uint32_t* unpainted_[protocol_count] = {};
};

size_t memory_needed(const Syntax& syntax) {
  const Sizes most = sizes(syntax);
  constexpr size_t lists = 16;  // each is padded
  return syntax.counts.rules * (sizeof(Rule) + 2 * sizeof(Address)) +
         most.entries * (sizeof(Node) + sizeof(Entry)) + most_aliases * sizeof(Node) +
         (2 * most.entries + 2) * 2 * sizeof(Interval<Number128>) + most.cells * sizeof(Cell) +
         most.starts * (1 + protocol_count) * sizeof(uint32_t) + lists * sizeof(uint64_t);
}

Ruleset compile(const Syntax& syntax, std::string_view program, std::span<std::byte> memory,
                size_t& used) {
  return Compiler(syntax, program, memory).run(used);
}

}  // namespace clusterbind
