// Plots as SVG text, for light and dark pages: bars with intervals, and lines.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/statistics.h"

namespace clusterbind::bench {

struct Caption {
  std::string title;
  std::string subtitle;
};

struct Bar {
  std::string label;
  std::string note;
  Interval figure;
  std::optional<Interval> control;  // two measurements of the same thing
  std::string text;                 // the figure as text
};

/// One row for each bar, on a common axis: its estimate and interval, and its control below it.
std::string bars_svg(const Caption& caption, const std::string& unit, std::span<const Bar> bars);

struct Point {
  double x = 0;
  Interval y;
};

struct Series {
  std::string label;
  std::vector<Point> points;
};

struct Axis {
  std::string title;
  bool logarithmic = false;
};

/// One line for each series, with a legend. Intervals are vertical strokes.
std::string lines_svg(const Caption& caption, const Axis& horizontal, const Axis& vertical,
                      std::span<const Series> series);

}  // namespace clusterbind::bench
