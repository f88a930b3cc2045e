#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "bench/failure.h"
#include "bench/machine.h"
#include "bench/svg.h"

namespace clusterbind::bench {
namespace {

std::string difference_text(const Interval& interval) {
  return fmt::format("{:+.1f} [{:+.1f}, {:+.1f}]", interval.estimate, interval.low, interval.high);
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text << std::flush;
  if (!file) throw system_failure(path);
}

void print_bounds(const std::vector<Bound>& bounds) {
  for (const Bound& bound : bounds)
    fmt::print("{} {}: {:.4g} {} ({} {:.6g})\n", bound.met() ? "met   " : "MISSED", bound.what,
               bound.figure, bound.unit, bound.at_least ? "at least" : "at most", bound.limit);
}

void write_bounds(tool::Json& json, const std::vector<Bound>& bounds) {
  json.array("bounds");
  for (const Bound& bound : bounds) {
    json.object();
    json.add("what", bound.what);
    json.add("figure", bound.figure);
    json.add(bound.at_least ? "at_least" : "at_most", bound.limit);
    json.add("unit", bound.unit);
    json.add("met", bound.met());
    json.end();
  }
  json.end();
}

}  // namespace

Interval Table::difference(int row, int other) const {
  const auto& one = rows[static_cast<size_t>(row)].rounds;
  const auto& two = rows[static_cast<size_t>(other)].rounds;
  const std::vector<double> all = differences(one, two);
  std::vector<double> medians;
  for (size_t from = 0; from < all.size(); from += rounds_of_process) {
    const size_t count = std::min<size_t>(rounds_of_process, all.size() - from);
    medians.push_back(median({all.data() + from, all.data() + from + count}));
  }
  return bootstrap_median(medians);
}

void print_head(std::string_view title) {
  fmt::print("{}\n{}\n", title, Machine::here().line());
  if (!optimised())
    fmt::print(
        "Warning: built without optimisation: the figures mean nothing. "
        "Build with -D CMAKE_BUILD_TYPE=Release.\n");
  fmt::print("\n");
}

void print_table(const Table& table) {
  size_t width = 4;
  for (const Row& row : table.rows) width = std::max(width, row.name.size());
  fmt::print("{:<{}} {:>10} {:>10}  {:<26}", "", width, "median " + table.unit, "p99 " + table.unit,
             "over " + table.baseline_name);
  if (!table.floor_name.empty()) fmt::print(" {:<26}", "over " + table.floor_name);
  fmt::print("\n");
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    const int index = static_cast<int>(i);
    fmt::print("{:<{}} {:>10.1f} {:>10.1f}  {:<26}", row.name, width, median(row.samples),
               quantile(row.samples, 0.99),
               row.baseline < 0 ? "" : difference_text(table.difference(index, row.baseline)));
    if (!table.floor_name.empty())
      fmt::print(" {:<26}",
                 row.floor < 0 ? "" : difference_text(table.difference(index, row.floor)));
    fmt::print(" {}\n", row.note);
  }
  for (const std::string& remark : table.remarks) fmt::print("{}\n", remark);
}

void write_interval(tool::Json& json, std::string_view name, const Interval& interval) {
  json.object(name);
  json.add("median", interval.estimate);
  json.add("low", interval.low);
  json.add("high", interval.high);
  json.end();
}

void write_table(tool::Json& json, const Table& table) {
  json.add("unit", table.unit);
  json.array("rows");
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    const int index = static_cast<int>(i);
    json.object();
    json.add("name", row.name);
    json.add("note", row.note);
    json.add("samples", row.samples.size());
    json.add("rounds", row.rounds.size());
    for (const int part : {1, 5, 10, 25, 50, 75, 90, 95, 99})
      json.add(fmt::format("p{}", part), quantile(row.samples, part / 100.0));
    if (row.baseline >= 0)
      write_interval(json, "over_" + table.baseline_name, table.difference(index, row.baseline));
    if (row.floor >= 0)
      write_interval(json, "over_" + table.floor_name, table.difference(index, row.floor));
    json.end();
  }
  json.end();
  json.array("remarks");
  for (const std::string& remark : table.remarks) json.item(remark);
  json.end();
}

std::string plot_table(const Table& table) {
  std::vector<Distribution> distributions;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    std::string note = row.note;
    if (row.baseline >= 0)
      note = fmt::format("{} {} over {}",
                         difference_text(table.difference(static_cast<int>(i), row.baseline)),
                         table.unit, table.baseline_name);
    distributions.push_back({row.name, note, row.samples});
  }
  return distributions_svg({table.title, Machine::here().line()}, table.unit, distributions);
}

int finish(const Options& options, std::string_view part, const std::vector<Bound>& bounds,
           const std::function<void(tool::Json&)>& content,
           const std::function<std::string()>& plot) {
  if (!bounds.empty()) fmt::print("\n");
  print_bounds(bounds);
  if (!options.json.empty()) {
    tool::Json json;
    json.object();
    json.add("program", "clusterbind-bench");
    json.add("version", CLUSTERBIND_VERSION);
    json.add("part", part);
    Machine::here().write(json);
    content(json);
    write_bounds(json, bounds);
    json.end();
    write_file(options.json, json.text() + "\n");
  }
  if (!options.svg.empty()) write_file(options.svg, plot());
  const bool all_met =
      std::all_of(bounds.begin(), bounds.end(), [](auto& one) { return one.met(); });
  return options.check && !all_met ? status_bound_missed : status_done;
}

}  // namespace clusterbind::bench
