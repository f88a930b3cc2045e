// The result of a part: one sentence, a table, JSON, a plot, and the verdicts.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bounds.h"
#include "bench/machine.h"
#include "bench/options.h"
#include "bench/statistics.h"
#include "config/tool/command/json.h"

namespace clusterbind::bench {

/// The bound as text: "WHAT: at most LIMIT UNIT".
std::string text_of(const Bound& bound);

/// A figure with the bound that it is compared with.
struct Judged {
  const Bound* bound = nullptr;
  Interval figure;
  bool cut_off = false;  // the time was up before the interval was narrow enough
  bool crowded = false;  // other processes used much of the processors' time

  /// What was measured on a crowded machine is not said to be missed: part of a cost is then that
  /// of other processes, which for example empty the caches.
  Verdict verdict() const {
    const Verdict result = judge(figure, bound->limit, bound->at_least);
    return result == Verdict::missed && is_disturbed() ? Verdict::undecided : result;
  }
  bool is_disturbed() const { return crowded && !bound->counted; }
};

/// The same, with `cut_off` set if the interval is too wide.
Judged judged(const Bound& bound, const Interval& figure);

/// One measured thing, in the table's unit.
struct Row {
  std::string name;
  std::string note;           // an explanation of the name; may be empty
  int baseline = -1;          // the row that it is compared with; -1: none
  int floor = -1;             // a second row that it is compared with; -1: none
  int baseline_control = -1;  // the row that measures the baseline a second time: the noise
  int floor_control = -1;     // the same for the floor
  bool hidden = false;        // not shown as a line of its own
  std::vector<double> samples{};
  std::vector<double> batches{};  // the time of one connection, for each batch
};

struct Table {
  std::string title;
  std::string unit;
  std::string baseline_name;  // column heads
  std::string floor_name;     // empty: no such column
  std::vector<Row> rows;
  std::vector<std::string> remarks;

  const Row& row(int index) const { return rows[static_cast<size_t>(index)]; }
  double time(int index) const { return mean(row(index).batches); }
  Interval difference(int index, int other, double confidence = 0.95) const;
};

/// The number of decimals with which a half width of this size has one or two significant digits.
int decimals_for(double half_width);

/// "+1.23 ± 0.04".
std::string difference_text(const Interval& interval, int decimals);

/// "1.23 to 1.31".
std::string range_text(const Interval& interval);

class Report {
 public:
  /// If standard error is a terminal, prints how long the part will take at most.
  Report(const Options& options, std::string_view part, double seconds);

  /// The confidence of each verdict of this run.
  double confidence() const;

  void print(const Table& table) const;

  /// Prints the verdicts and the machine, writes the files that the options ask for, and returns
  /// the exit status. `content` adds the part's own members to the JSON; `plot` returns SVG.
  int finish(std::vector<Judged> verdicts, const std::function<void(tool::Json&)>& content,
             const std::function<std::string(const std::string& subtitle)>& plot) const;

 private:
  const Options& options_;
  std::string_view part_;
  Watch watch_;
};

/// Adds an estimate with its interval, as the member `name`.
void write_interval(tool::Json& json, std::string_view name, const Interval& interval);

/// Adds the table to the open object, as the members `unit`, `rows` and `remarks`.
void write_table(tool::Json& json, const Table& table);

/// A plot, as SVG, of the table's differences from its baseline, with their intervals.
std::string plot_table(const Table& table, const std::string& title, const std::string& subtitle);

}  // namespace clusterbind::bench
