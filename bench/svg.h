// Plots as SVG text: distributions side by side, and lines over a logarithmic axis.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace clusterbind::bench {

struct Caption {
  std::string title;
  std::string subtitle;
};

struct Distribution {
  std::string label;
  std::string note;
  std::vector<double> samples;
};

/// One row for each distribution, all over one axis: its density, with ticks at the median and p99.
std::string distributions_svg(const Caption& caption, const std::string& unit,
                              std::span<const Distribution> distributions);

struct Series {
  std::string label;
  std::vector<std::pair<double, double>> points;
};

struct Axis {
  std::string title;
  bool logarithmic = false;
};

/// One line for each series, with a legend.
std::string lines_svg(const Caption& caption, const Axis& horizontal, const Axis& vertical,
                      std::span<const Series> series);

}  // namespace clusterbind::bench
