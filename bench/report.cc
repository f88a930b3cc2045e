#include "bench/report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "bench/failure.h"
#include "bench/svg.h"
#include "config/tool/command/terminal.h"

namespace clusterbind::bench {
namespace {

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text << std::flush;
  if (!file) throw system_failure(path);
}

// Why a verdict is not decided.
const char* reason_of(const Judged& one) {
  return one.is_disturbed() ? "other processes" : "noise";
}

std::string name_of(const Judged& one) {
  switch (one.verdict()) {
    case Verdict::met:
      return "met";
    case Verdict::missed:
      return "missed";
    case Verdict::undecided:
      return fmt::format("not decided: {}", reason_of(one));
  }
  return "";
}

void print_verdict(const Judged& one) {
  const std::string figure = one.bound->counted && one.figure.width() <= 0
                                 ? fmt::format("{:.4g}", one.figure.estimate)
                                 : range_text(one.figure);
  const bool decided = one.verdict() != Verdict::undecided;
  std::string remark = decided ? "" : reason_of(one);
  if (one.cut_off) remark += remark.empty() ? "time up" : ", time up";
  fmt::print("{:<12} {}; measured {}{}\n",
             decided ? name_of(one) : "not decided:", text_of(*one.bound), figure,
             remark.empty() ? "" : fmt::format(" ({})", remark));
}

void write_verdicts(tool::Json& json, const std::vector<Judged>& verdicts) {
  json.array("bounds");
  for (const Judged& one : verdicts) {
    json.object();
    json.add("what", one.bound->what);
    json.add(one.bound->at_least ? "at_least" : "at_most", one.bound->limit);
    json.add("unit", one.bound->unit);
    write_interval(json, "figure", one.figure);
    json.add("verdict", name_of(one));
    json.add("cut_off_by_time", one.cut_off);
    json.end();
  }
  json.end();
}

// The difference between two rows, and beside it the difference between two measurements of the
// same thing.
std::string compared(const Table& table, int index, int other, int control, int decimals) {
  if (other < 0) return "";
  std::string text = difference_text(table.difference(index, other), decimals);
  if (control >= 0)
    text += fmt::format(" ({})", difference_text(table.difference(control, other), decimals));
  return text;
}

// All differences of a table have the same number of decimals, so that they can be added easily.
int decimals_of(const Table& table) {
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < table.rows.size(); ++i)
    for (const int other : {table.rows[i].baseline, table.rows[i].floor})
      if (other >= 0)
        least = std::min(least, table.difference(static_cast<int>(i), other).width() / 2);
  return decimals_for(least);
}

}  // namespace

std::string text_of(const Bound& bound) {
  return fmt::format("{}: {} {:.6g} {}", bound.what, bound.at_least ? "at least" : "at most",
                     bound.limit, bound.unit);
}

Judged judged(const Bound& bound, const Interval& figure) {
  return {&bound, figure, !bound.counted && !narrow_enough(figure, bound.size())};
}

Interval Table::difference(int index, int other, double confidence) const {
  return mean_interval(differences(row(index).batches, row(other).batches), confidence);
}

int decimals_for(double half_width) {
  if (!std::isfinite(half_width) || half_width <= 0) return 2;
  return std::clamp(static_cast<int>(std::ceil(-std::log10(half_width))), 0, 3);
}

std::string difference_text(const Interval& interval, int decimals) {
  const double half = interval.width() / 2;
  if (!std::isfinite(half)) return fmt::format("{:+.{}f} ± ?", interval.estimate, decimals);
  return fmt::format("{:+.{}f} ± {:.{}f}", interval.estimate, decimals, half, decimals);
}

std::string range_text(const Interval& interval) {
  if (!std::isfinite(interval.width())) return "anything";
  const int decimals = decimals_for(interval.width() / 2);
  const double step = std::pow(10, -decimals);
  const auto rounded = [step](double value) {
    return std::round(value / step) * step + 0.0;
  };  // avoids -0
  return fmt::format("{:.{}f} to {:.{}f}", rounded(interval.low), decimals, rounded(interval.high),
                     decimals);
}

Report::Report(const Options& options, std::string_view part, double seconds)
    : options_(options), part_(part) {
  if (!optimised())
    tool::say(
        "Warning: built without optimisation: the figures mean nothing. "
        "Build with -D CMAKE_BUILD_TYPE=Release.\n");
  if (isatty(STDERR_FILENO) != 0)
    tool::say(fmt::format("{}: measuring, for up to {:.0f} s\n", part, seconds));
}

double Report::confidence() const {
  if (options_.verdicts > 0) return confidence_of_each(options_.verdicts);
  return confidence_of_each(static_cast<size_t>(
      std::count_if(bounds::all.begin(), bounds::all.end(),
                    [this](auto* bound) { return bound->part == part_ && !bound->counted; })));
}

void Report::print(const Table& table) const {
  const int decimals = decimals_of(table);
  size_t name_width = table.title.size(), first_width = 0, second_width = 0;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    const int index = static_cast<int>(i);
    if (row.hidden) continue;
    name_width = std::max(name_width, row.name.size());
    first_width = std::max(
        first_width, compared(table, index, row.baseline, row.baseline_control, decimals).size());
    second_width = std::max(second_width,
                            compared(table, index, row.floor, row.floor_control, decimals).size());
  }
  const std::string over = "over " + table.baseline_name;
  const std::string over_floor = table.floor_name.empty() ? "" : "over " + table.floor_name;
  first_width = std::max(first_width, over.size());
  if (!table.floor_name.empty()) second_width = std::max(second_width, over_floor.size());
  fmt::print("{:<{}} {:>8} {:>6}  {:<{}} {:<{}}\n", table.title, name_width, table.unit, "p99",
             over, first_width, over_floor, second_width);
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    const int index = static_cast<int>(i);
    if (row.hidden) continue;
    const double p99 = quantile(row.samples, 0.99);
    fmt::print(
        "{:<{}} {:>8.{}f} {:>6}  {:<{}} {:<{}} {}\n", row.name, name_width, table.time(index),
        decimals, p99 < 999.5 ? fmt::format("{:.3g}", p99) : fmt::format("{:.0f}", p99),
        compared(table, index, row.baseline, row.baseline_control, decimals), first_width,
        compared(table, index, row.floor, row.floor_control, decimals), second_width, row.note);
  }
  fmt::print("±: 95 % confidence; in brackets the same measured twice, which is noise.\n");
  for (const std::string& remark : table.remarks) fmt::print("{}\n", remark);
}

int Report::finish(std::vector<Judged> verdicts, const std::function<void(tool::Json&)>& content,
                   const std::function<std::string(const std::string& subtitle)>& plot) const {
  const Machine machine = Machine::here();
  const std::string conditions = watch_.line();
  const bool crowded = watch_.is_crowded();
  for (Judged& one : verdicts) one.crowded = crowded;
  if (!options_.brief) {
    if (!verdicts.empty())
      fmt::print("\nPromises, with {:.4g} % confidence each:\n", 100 * confidence());
    for (const Judged& one : verdicts) print_verdict(one);
    fmt::print("\n{}\n{}\n", machine.line(), conditions);
  }
  if (!options_.json.empty()) {
    tool::Json json;
    json.object();
    json.add("program", "clusterbind-bench");
    json.add("version", CLUSTERBIND_VERSION);
    json.add("part", part_);
    machine.write(json);
    json.add("conditions", conditions);
    json.add("confidence", confidence());
    json.add("quick", options_.quick);
    content(json);
    write_verdicts(json, verdicts);
    json.end();
    write_file(options_.json, json.text() + "\n");
  }
  if (!options_.svg.empty() && plot) write_file(options_.svg, plot(machine.line()));
  const bool missed = std::any_of(verdicts.begin(), verdicts.end(),
                                  [](auto& one) { return one.verdict() == Verdict::missed; });
  return options_.check && missed ? status_bound_missed : status_done;
}

void write_interval(tool::Json& json, std::string_view name, const Interval& interval) {
  json.object(name);
  json.add("estimate", interval.estimate);
  if (std::isfinite(interval.width())) {
    json.add("low", interval.low);
    json.add("high", interval.high);
  } else {
    json.add_null("low");
    json.add_null("high");
  }
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
    json.add("batches", row.batches.size());
    json.add("joined", join(row.batches).size());
    json.add("time", table.time(index));
    for (const int part : {1, 10, 50, 90, 99})
      json.add(fmt::format("p{}", part), quantile(row.samples, part / 100.0));
    if (row.baseline >= 0) {
      json.add("baseline", table.row(row.baseline).name);
      write_interval(json, "over_baseline", table.difference(index, row.baseline));
    }
    if (row.baseline_control >= 0)
      write_interval(json, "baseline_twice", table.difference(row.baseline_control, row.baseline));
    if (row.floor >= 0) {
      json.add("floor", table.row(row.floor).name);
      write_interval(json, "over_floor", table.difference(index, row.floor));
    }
    if (row.floor_control >= 0)
      write_interval(json, "floor_twice", table.difference(row.floor_control, row.floor));
    json.end();
  }
  json.end();
  json.array("remarks");
  for (const std::string& remark : table.remarks) json.item(remark);
  json.end();
}

std::string plot_table(const Table& table, const std::string& title, const std::string& subtitle) {
  std::vector<Bar> bars;
  const int decimals = decimals_of(table);
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const Row& row = table.rows[i];
    const int index = static_cast<int>(i);
    if (row.hidden || row.baseline < 0) continue;
    Bar bar{row.name, row.note, table.difference(index, row.baseline), {}, ""};
    bar.text = difference_text(bar.figure, decimals);
    if (row.baseline_control >= 0)
      bar.control = table.difference(row.baseline_control, row.baseline);
    bars.push_back(std::move(bar));
  }
  return bars_svg({title, subtitle},
                  fmt::format("{} more than {}, with 95 % interval (grey: the same measured twice)",
                              table.unit, table.baseline_name),
                  bars);
}

}  // namespace clusterbind::bench
