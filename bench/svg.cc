#include "bench/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

namespace clusterbind::bench {
namespace {

// Colours that colour-blind people can distinguish (Okabe and Ito). On dark pages some of them are
// lighter.
constexpr std::array<const char*, 8> light = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                              "#b87a00", "#3a8fc0", "#000",    "#8c6d31"};
constexpr std::array<const char*, 8> dark = {"#4ba3dd", "#e8743b", "#19b58a", "#dd93bd",
                                             "#e69f00", "#7cc8ef", "#fff",    "#c4a35a"};

// Classes: p page, t text, f faint text, g grid, z zero line; sN and dN are the strokes and dots of
// series N.
std::string colours(const std::array<const char*, 8>& of_series, std::string_view page,
                    std::string_view ink, std::string_view faint, std::string_view grid) {
  std::string text = fmt::format(
      ".p{{fill:{0}}}text{{fill:{1}}}.f{{fill:{2};font-size:11px}}.g{{stroke:{3}}}.z{{stroke:{2}}}",
      page, ink, faint, grid);
  for (size_t i = 0; i < of_series.size(); ++i)
    text += fmt::format(".s{0}{{stroke:{1}}}.d{0}{{fill:{1}}}", i, of_series[i]);
  return text;
}

std::string style() {
  return fmt::format("<style>{}\n@media(prefers-color-scheme:dark){{{}}}</style>\n",
                     colours(light, "#fff", "#111", "#666", "#ddd"),
                     colours(dark, "#0d1117", "#eee", "#aaa", "#333"));
}

std::string stroke_of(size_t series, int width) {
  return fmt::format("class=\"s{}\" stroke-width=\"{}\"", series % light.size(), width);
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

// A drawing; its coordinates are pixels from the top left corner.
class Drawing {
 public:
  Drawing(double width, double height, const Caption& caption) {
    text_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
        "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" font-size=\"12\">\n"
        "{2}<rect class=\"p\" width=\"100%\" height=\"100%\"/>\n",
        width, height, style());
    words(20, 26, caption.title, "font-size=\"16\" font-weight=\"bold\"");
    words(20, 44, caption.subtitle, "class=\"f\"");
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

  void dot(double x, double y, size_t series) {
    text_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.5\" class=\"d{}\"/>\n", x, y,
                         series % light.size());
  }

  std::string finish() { return text_ + "</svg>\n"; }

 private:
  std::string text_;
};

// Maps values to pixels.
class Scale {
 public:
  Scale(bool logarithmic, double low, double high, double from, double to)
      : logarithmic_(logarithmic), low_(place(low)), high_(place(high)), from_(from), to_(to) {
    if (!(high_ > low_)) high_ = low_ + 1;
  }

  double pixel(double value) const {
    return from_ + (place(value) - low_) / (high_ - low_) * (to_ - from_);
  }

  /// Round values for the axis. On a logarithmic axis these are the powers of ten and, if it is
  /// short, their multiples by 2 and 5.
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
constexpr std::string_view grid = "class=\"g\"";

}  // namespace

std::string bars_svg(const Caption& caption, const std::string& unit, std::span<const Bar> bars) {
  constexpr double width = 900, left = 170, right = 560, top = 66, row_height = 44;
  const double bottom = top + row_height * static_cast<double>(bars.size()) + 6;
  Drawing drawing(width, bottom + 50, caption);
  double low = 0, high = 0;
  for (const Bar& bar : bars)
    for (const double end : {bar.figure.low, bar.figure.high, bar.figure.estimate})
      if (std::isfinite(end)) low = std::min(low, end), high = std::max(high, end);
  const double margin = (high - low) / 25;
  const Scale scale(false, low - margin, high + margin, left, right);
  for (const double tick : scale.ticks()) {
    drawing.line(scale.pixel(tick), top, scale.pixel(tick), bottom, grid);
    drawing.words(scale.pixel(tick), bottom + 16, number(tick), "text-anchor=\"middle\"");
  }
  drawing.words((left + right) / 2, bottom + 36, unit, "text-anchor=\"middle\"");
  drawing.line(scale.pixel(0), top, scale.pixel(0), bottom, "class=\"z\"");

  for (size_t i = 0; i < bars.size(); ++i) {
    const Bar& bar = bars[i];
    const double middle = top + row_height * (static_cast<double>(i) + 0.5);
    const auto stroke = [&](const Interval& interval, double y, const std::string& main,
                            const std::string& ends) {
      if (!std::isfinite(interval.width())) return;
      drawing.line(scale.pixel(interval.low), y, scale.pixel(interval.high), y, main);
      for (const double end : {interval.low, interval.high})
        drawing.line(scale.pixel(end), y - 5, scale.pixel(end), y + 5, ends);
    };
    stroke(bar.figure, middle, stroke_of(i, 4), stroke_of(i, 2));
    drawing.dot(scale.pixel(bar.figure.estimate), middle, i);
    const std::string faint = "class=\"z\" stroke-width=\"2\"";
    if (bar.control) stroke(*bar.control, middle + 13, faint, faint);
    drawing.words(left - 10, middle + 4, bar.label, "text-anchor=\"end\" font-weight=\"bold\"");
    drawing.words(right + 12, middle - 2, bar.text);
    drawing.words(right + 12, middle + 13, bar.note, "class=\"f\"");
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
      y_low = std::min(y_low, y.estimate), y_high = std::max(y_high, y.estimate);
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
    // Dashes of different lengths, so that lines on top of each other stay visible.
    const std::string pen =
        fmt::format("{} stroke-dasharray=\"{}\"", stroke_of(i, 2), i % 2 == 0 ? "none" : "8,4");
    std::vector<std::pair<double, double>> points;
    for (const auto& [x, y] : series[i].points) {
      points.emplace_back(x_scale.pixel(x), y_scale.pixel(y.estimate));
      if (!(y.width() > 0) || !std::isfinite(y.width())) continue;
      const double low = std::clamp(y_scale.pixel(y.low), top, bottom);
      const double high = std::clamp(y_scale.pixel(y.high), top, bottom);
      drawing.line(x_scale.pixel(x), low, x_scale.pixel(x), high, stroke_of(i, 2));
    }
    drawing.path(points, "fill=\"none\" " + pen);
    const double y = top + 14 + 22 * static_cast<double>(i);
    drawing.line(right + 16, y - 4, right + 46, y - 4, pen);
    drawing.words(right + 54, y, series[i].label);
  }
  return drawing.finish();
}

}  // namespace clusterbind::bench
