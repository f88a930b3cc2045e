// Makes the cells of a prefix: which rule is the first to match at each port, for each protocol.
// What a cell is: config/layout.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "config/arena.h"
#include "config/entry.h"
#include "config/layout.h"
#include "config/parse.h"

namespace clusterbind {

/// The port ranges of a rule; every port if it has no `port` clause.
inline std::span<const PortRange> ports_of(const ParsedRules& parsed, uint32_t rule) {
  static constexpr PortRange every_port[] = {{0, 65535}};
  const Clauses& clauses = parsed.clauses[rule];
  if (clauses.port_count == 0) return every_port;
  return parsed.ports.subspan(clauses.ports, clauses.port_count);
}

/// Makes the cells of prefixes, one prefix after the other.
class CellPainter {
 public:
  /// `most_starts` is an upper bound for one prefix: the number of ports at which a range begins,
  /// or just after which one ends. The painter's own memory comes from `scratch`; the cells go to
  /// `result`.
  CellPainter(const ParsedRules& parsed, Arena& result, Arena& scratch, size_t most_starts)
      : parsed_(parsed), result_(result), starts_(scratch.take<uint32_t>(most_starts)) {
    for (uint32_t*& unpainted : unpainted_) unpainted = scratch.take<uint32_t>(most_starts + 1);
  }

  /// The most bytes of `scratch` that a painter takes.
  static constexpr size_t scratch_needed(size_t most_starts) {
    return (most_starts + 1) * (1 + protocol_count) * sizeof(uint32_t) +
           (1 + protocol_count) * Arena::padding;
  }

  /// Makes the cells for the rules of one prefix, in the order of the rules. Takes them from
  /// `result`, and returns their end.
  Cell* paint(std::span<const Entry> entries);

 private:
  Cell* paint_one(const PortRange& range, uint32_t rule);
  Cell* paint_all(std::span<const Entry> entries);
  size_t cut_ports(std::span<const Entry> entries);
  void paint_range(Cell* cells, size_t count, const PortRange& range, unsigned protocol,
                   uint32_t rule);

  const ParsedRules& parsed_;
  Arena& result_;
  uint32_t* starts_;
  uint32_t* unpainted_[protocol_count];  // for each cell, a cell from there on without a rule
};

}  // namespace clusterbind
