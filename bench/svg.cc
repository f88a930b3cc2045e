#include "bench/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "bench/statistics.h"

namespace clusterbind::bench {
namespace {

// Told apart by people who see red and green alike (Okabe and Ito).
constexpr std::array<const char*, 8> colours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                "#e69f00", "#56b4e9", "#000000", "#8c6d31"};

const char* colour(size_t index) {
  return colours[index % colours.size()];
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '&')
      result += "&amp;";
    else if (letter == '<')
      result += "&lt;";
    else
      result += letter;
  }
  return result;
}

// A drawing in pixels, from its top left corner.
class Drawing {
 public:
  Drawing(double width, double height, const Caption& caption) {
    text_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
        "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        width, height);
    words(20, 26, caption.title, "font-size=\"16\" font-weight=\"bold\"");
    words(20, 44, caption.subtitle, "fill=\"#555\" font-size=\"11\"");
  }

  void words(double x, double y, std::string_view text, std::string_view style = "") {
    text_ +=
        fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, style, escaped(text));
  }

  void line(double x1, double y1, double x2, double y2, std::string_view style) {
    text_ += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1,
                         y1, x2, y2, style);
  }

  void path(std::span<const std::pair<double, double>> points, std::string_view style) {
    text_ += fmt::format("<polyline {} points=\"", style);
    for (const auto& [x, y] : points) text_ += fmt::format("{:.1f},{:.1f} ", x, y);
    text_ += "\"/>\n";
  }

  std::string finish() { return text_ + "</svg>\n"; }

 private:
  std::string text_;
};

// From values to pixels.
class Scale {
 public:
  Scale(bool logarithmic, double low, double high, double from, double to)
      : logarithmic_(logarithmic), low_(place(low)), high_(place(high)), from_(from), to_(to) {
    if (!(high_ > low_)) high_ = low_ + 1;
  }

  double pixel(double value) const {
    return from_ + (place(value) - low_) / (high_ - low_) * (to_ - from_);
  }

  /// Round values for the axis. Logarithmic: the powers of ten, and 2 and 5 of them over a short
  /// span.
  std::vector<double> ticks() const {
    std::vector<double> result;
    if (logarithmic_) {
      const std::vector<double> steps =
          high_ - low_ > 2.5 ? std::vector{1.0} : std::vector{1.0, 2.0, 5.0};
      for (int power = static_cast<int>(std::floor(low_)); power <= high_; ++power)
        for (const double step : steps) add(step * std::pow(10, power), result);
    } else {
      const double step = round_step((high_ - low_) / 6);
      const auto last = static_cast<int>(std::floor(high_ / step));
      for (auto at = static_cast<int>(std::ceil(low_ / step)); at <= last; ++at)
        add(at * step, result);
    }
    return result;
  }

 private:
  double place(double value) const {
    return logarithmic_ ? std::log10(std::max(value, 1e-9)) : value;
  }

  void add(double tick, std::vector<double>& to) const {
    if (place(tick) >= low_ - 1e-9 && place(tick) <= high_ + 1e-9) to.push_back(tick);
  }

  static double round_step(double rough) {
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double step : {1.0, 2.0, 5.0})
      if (rough <= step * power) return step * power;
    return 10 * power;
  }

  bool logarithmic_;
  double low_, high_, from_, to_;
};

std::string number(double value) {
  std::string digits = fmt::format("{:.6g}", value);
  if (value < 1000 || digits.find('e') != std::string::npos) return digits;
  for (size_t at = std::min(digits.find('.'), digits.size()); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::string_view grid = "stroke=\"#ddd\"";

// How many of the samples lie in each of equal steps from low to high, the highest count being 1.
std::vector<double> density(std::span<const double> samples, double low, double high) {
  constexpr size_t steps = 120;
  std::vector<double> counts(steps);
  for (const double value : samples) {
    const double part = (value - low) / (high - low);
    if (part >= 0 && part < 1) ++counts[static_cast<size_t>(part * steps)];
  }
  const double most = std::max(1.0, *std::max_element(counts.begin(), counts.end()));
  for (double& count : counts) count /= most;
  return counts;
}

}  // namespace

std::string distributions_svg(const Caption& caption, const std::string& unit,
                              std::span<const Distribution> distributions) {
  constexpr double width = 900, left = 190, right = 640, top = 66, row_height = 48;
  const double bottom = top + row_height * static_cast<double>(distributions.size()) + 10;
  Drawing drawing(width, bottom + 50, caption);

  // The axis ends where the tails get thin; p99 beyond it is still told in words.
  double low = infinity, high = 0;
  for (const Distribution& one : distributions) {
    if (one.samples.empty()) continue;
    low = std::min(low, quantile(one.samples, 0.002));
    high = std::max(high, quantile(one.samples, 0.9));
  }
  if (!(high > low)) low = 0, high = std::max(high, 1.0);
  const double margin = (high - low) / 30;
  low = std::max(0.0, low - margin);
  high += margin;
  const Scale scale(false, low, high, left, right);
  for (const double tick : scale.ticks()) {
    drawing.line(scale.pixel(tick), top, scale.pixel(tick), bottom, grid);
    drawing.words(scale.pixel(tick), bottom + 16, number(tick), "text-anchor=\"middle\"");
  }
  drawing.words((left + right) / 2, bottom + 36, unit, "text-anchor=\"middle\"");

  for (size_t i = 0; i < distributions.size(); ++i) {
    const Distribution& one = distributions[i];
    const double base = top + row_height * static_cast<double>(i + 1) - 6;
    const std::vector<double> heights = density(one.samples, low, high);
    const double step = (right - left) / static_cast<double>(heights.size());
    std::vector<std::pair<double, double>> outline{{left, base}};
    for (size_t k = 0; k < heights.size(); ++k)
      for (const size_t edge : {k, k + 1})
        outline.emplace_back(left + step * static_cast<double>(edge), base - heights[k] * 36);
    outline.emplace_back(right, base);
    const double middle = median(one.samples), slow = quantile(one.samples, 0.99);
    drawing.path(outline,
                 fmt::format("fill=\"{0}\" fill-opacity=\"0.35\" stroke=\"{0}\"", colour(i)));
    drawing.line(scale.pixel(middle), base - 40, scale.pixel(middle), base,
                 "stroke=\"#000\" stroke-width=\"2\"");
    if (slow <= high)
      drawing.line(scale.pixel(slow), base - 12, scale.pixel(slow), base,
                   "stroke=\"#000\" stroke-dasharray=\"2,2\"");
    drawing.words(left - 10, base - 12, one.label, "text-anchor=\"end\" font-weight=\"bold\"");
    drawing.words(right + 10, base - 18, fmt::format("median {:.1f}, p99 {:.1f}", middle, slow));
    drawing.words(right + 10, base - 4, one.note, "fill=\"#555\" font-size=\"11\"");
  }
  return drawing.finish();
}

std::string lines_svg(const Caption& caption, const Axis& horizontal, const Axis& vertical,
                      std::span<const Series> series) {
  constexpr double width = 900, height = 490, left = 80, right = 590, top = 76, bottom = 430;
  Drawing drawing(width, height, caption);

  double x_low = infinity, x_high = -infinity, y_low = infinity, y_high = -infinity;
  for (const Series& one : series)
    for (const auto& [x, y] : one.points) {
      x_low = std::min(x_low, x), x_high = std::max(x_high, x);
      y_low = std::min(y_low, y), y_high = std::max(y_high, y);
    }
  if (!horizontal.logarithmic) x_low = 0;
  if (!vertical.logarithmic) y_low = 0;
  const Scale x_scale(horizontal.logarithmic, x_low, x_high, left, right);
  const Scale y_scale(vertical.logarithmic, y_low / (vertical.logarithmic ? 1.3 : 1), y_high * 1.1,
                      bottom, top);

  for (const double tick : x_scale.ticks()) {
    drawing.line(x_scale.pixel(tick), top, x_scale.pixel(tick), bottom, grid);
    drawing.words(x_scale.pixel(tick), bottom + 16, number(tick), "text-anchor=\"middle\"");
  }
  for (const double tick : y_scale.ticks()) {
    drawing.line(left, y_scale.pixel(tick), right, y_scale.pixel(tick), grid);
    drawing.words(left - 8, y_scale.pixel(tick) + 4, number(tick), "text-anchor=\"end\"");
  }
  drawing.words((left + right) / 2, bottom + 36, horizontal.title, "text-anchor=\"middle\"");
  drawing.words(20, top - 4, vertical.title);

  for (size_t i = 0; i < series.size(); ++i) {
    std::vector<std::pair<double, double>> points;
    for (const auto& [x, y] : series[i].points)
      points.emplace_back(x_scale.pixel(x), y_scale.pixel(y));
    // Dashes of different length keep lines that lie on each other visible.
    const std::string style =
        fmt::format("stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"{}\"", colour(i),
                    i % 2 == 0 ? "none" : "8,4");
    drawing.path(points, "fill=\"none\" " + style);
    const double y = top + 14 + 22 * static_cast<double>(i);
    drawing.line(right + 16, y - 4, right + 46, y - 4, style);
    drawing.words(right + 54, y, series[i].label);
  }
  return drawing.finish();
}

}  // namespace clusterbind::bench
