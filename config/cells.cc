#include "config/cells.h"

#include <algorithm>
#include <new>

namespace clusterbind {
namespace {

constexpr uint32_t port_end = 65536;

/// The first cell from `i` on without a rule. It also shortens the path for the next call.
uint32_t unpainted_from(uint32_t* next, uint32_t i) {
  while (next[i] != i) i = next[i] = next[next[i]];
  return i;
}

}  // namespace

Cell* CellPainter::paint(std::span<const Entry> entries) {
  const auto range = ports_of(parsed_, entries[0].rule);
  if (entries.size() == 1 && range.size() == 1) return paint_one(range[0], entries[0].rule);
  return paint_all(entries);
}

/// Makes the cell of a single rule with a single port range, the most frequent case. Returns the
/// end of the cells.
Cell* CellPainter::paint_one(const PortRange& range, uint32_t rule) {
  Cell* const cell = result_.take<Cell>(1);
  new (cell) Cell{range.low, range.high, {}};
  for (unsigned protocol = 0; protocol < protocol_count; ++protocol) {
    if (covers(parsed_.rules[rule].protocol, static_cast<Protocol>(protocol))) {
      cell->match.first[protocol] = rule;
    }
  }
  return cell + 1;
}

Cell* CellPainter::paint_all(std::span<const Entry> entries) {
  const size_t count = cut_ports(entries);
  starts_[count] = port_end;
  Cell* const cells = result_.take<Cell>(count);
  for (size_t i = 0; i < count; ++i) {
    new (&cells[i])
        Cell{static_cast<uint16_t>(starts_[i]), static_cast<uint16_t>(starts_[i + 1] - 1), {}};
    for (uint32_t* unpainted : unpainted_) unpainted[i] = static_cast<uint32_t>(i);
  }
  for (uint32_t* unpainted : unpainted_) unpainted[count] = static_cast<uint32_t>(count);
  for (const Entry& entry : entries) {
    const ProtocolClause clause = parsed_.rules[entry.rule].protocol;
    for (const PortRange& range : ports_of(parsed_, entry.rule)) {
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
  result_.end_at(end);
  return end;
}

/// Fills starts_ with the ports at which a range of the entries begins, and those right after a
/// range. Returns how many there are.
size_t CellPainter::cut_ports(std::span<const Entry> entries) {
  size_t count = 0;
  starts_[count++] = 0;
  for (const Entry& entry : entries) {
    for (const PortRange& range : ports_of(parsed_, entry.rule)) {
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
void CellPainter::paint_range(Cell* cells, size_t count, const PortRange& range, unsigned protocol,
                              uint32_t rule) {
  uint32_t* const next = unpainted_[protocol];
  const auto begin = std::lower_bound(starts_, starts_ + count, uint32_t{range.low});
  for (uint32_t i = unpainted_from(next, static_cast<uint32_t>(begin - starts_));
       i < count && cells[i].first <= range.high; i = unpainted_from(next, i + 1)) {
    cells[i].match.first[protocol] = rule;
    next[i] = i + 1;
  }
}

}  // namespace clusterbind
