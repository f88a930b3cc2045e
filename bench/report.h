// What a part hands back: a table for people, JSON for programs, a plot, and the bounds.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/options.h"
#include "bench/statistics.h"
#include "config/tool/command/json.h"

namespace clusterbind::bench {

/// A figure beside what the library promises.
struct Bound {
  std::string what;
  double figure = 0;
  double limit = 0;
  bool at_least = false;  // the limit is a lower one
  std::string unit;

  bool met() const { return at_least ? figure >= limit : figure <= limit; }
};

/// Things that were timed in the same rounds.
struct Row {
  std::string name;
  std::string note;             // what the name does not tell; may be empty
  std::vector<double> samples;  // in the table's unit
  std::vector<double> rounds;   // the median of each round
  int baseline = -1;            // the row that it is compared with; -1: none
  int floor = -1;               // a second one
};

struct Table {
  std::string title;
  std::string unit;
  std::string baseline_name;  // column heads
  std::string floor_name;     // empty: no such column
  std::vector<Row> rows;
  std::vector<std::string> remarks;
  unsigned rounds_of_process = 1;  // rounds in a row that the same processes were measured in

  /// The median difference of a row to another one, with its interval: of the processes' medians.
  Interval difference(int row, int other) const;
};

/// An estimate with its interval, as a member `name`.
void write_interval(tool::Json& json, std::string_view name, const Interval& interval);

/// Prints the machine's line, and a warning if this program was built without optimisation.
void print_head(std::string_view title);

/// Prints medians, p99 and differences.
void print_table(const Table& table);

/// The same, as the members `unit`, `rows` and `remarks` of the object that is open.
void write_table(tool::Json& json, const Table& table);

/// The same, as a plot of the distributions. Returns SVG.
std::string plot_table(const Table& table);

/// Prints the bounds, writes the files that the options ask for, and returns the exit status.
/// `content` adds the part's own members to the JSON; `plot` returns SVG.
int finish(const Options& options, std::string_view part, const std::vector<Bound>& bounds,
           const std::function<void(tool::Json&)>& content,
           const std::function<std::string()>& plot);

}  // namespace clusterbind::bench
