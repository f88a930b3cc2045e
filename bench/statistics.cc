#include "bench/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

namespace clusterbind::bench {
namespace {

constexpr size_t fewest_joined = 15;

double sum_of_squares(std::span<const double> values) {
  const double middle = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - middle) * (value - middle);
  return sum;
}

// The probability that Student's t lies between -t and t: Abramowitz and Stegun, Handbook of
// Mathematical Functions, 26.7.3 (odd degrees of freedom) and 26.7.4 (even ones).
double student_inside(double t, size_t degrees) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double cosine = std::cos(angle);
  const bool odd = degrees % 2 == 1;
  double term = odd ? cosine : 1, sum = 0;
  for (size_t i = odd ? 3 : 2; i <= degrees; i += 2) {
    sum += term;
    const auto number = static_cast<double>(i);
    term *= cosine * cosine * (number - 1) / number;
  }
  return odd ? 2 / std::numbers::pi * (angle + std::sin(angle) * sum) : std::sin(angle) * sum;
}

// SplitMix64: consecutive seeds give independent numbers.
uint64_t next_random(uint64_t& state) {
  uint64_t bits = state += 0x9e3779b97f4a7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

}  // namespace

double quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  const double last = static_cast<double>(values.size() - 1);
  const auto index = static_cast<std::ptrdiff_t>(std::lround(part * last));
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[static_cast<size_t>(index)];
}

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double midmean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t cut = values.size() / 4;
  return mean(std::span(values).subspan(cut, values.size() - 2 * cut));
}

double student_factor(double confidence, size_t degrees) {
  degrees = std::min<size_t>(degrees, 200);  // more degrees change less than 1 %
  double low = 0, high = 1000;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (student_inside(middle, degrees) < confidence ? low : high) = middle;
  }
  return high;
}

double neighbours_correlation(std::span<const double> values) {
  const double middle = mean(values), all = sum_of_squares(values);
  if (!(all > 0)) return 0;
  double sum = 0;
  for (size_t i = 1; i < values.size(); ++i) sum += (values[i - 1] - middle) * (values[i] - middle);
  return sum / all;
}

std::vector<double> join(std::span<const double> batches) {
  std::vector<double> joined(batches.begin(), batches.end());
  while (joined.size() / 2 >= fewest_joined && neighbours_correlation(joined) > 0) {
    for (size_t i = 0; i < joined.size() / 2; ++i)
      joined[i] = (joined[2 * i] + joined[2 * i + 1]) / 2;
    joined.resize(joined.size() / 2);
  }
  return joined;
}

Interval mean_interval(std::span<const double> batches, double confidence) {
  const double middle = mean(batches);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (batches.size() < 2) return {middle, -infinity, infinity};
  const std::vector<double> joined = join(batches);
  const auto count = static_cast<double>(joined.size());
  // The correlation that is left, `memory`, widens the interval as in an autoregressive process of
  // first order. A short series shows less correlation than there is (Marriott and Pope, 1954).
  const double seen = neighbours_correlation(joined);
  const double memory = std::clamp(seen + (1 + 4 * std::max(seen, 0.0)) / count, 0.0, 0.95);
  const double repetition = (1 + memory) / (1 - memory);
  const double error = std::sqrt(sum_of_squares(joined) / (count - 1) / count * repetition);
  const double degrees = std::max((count - 1) / repetition, std::min(count - 1, 3.0));
  const double half = student_factor(confidence, static_cast<size_t>(degrees)) * error;
  return {middle, middle - half, middle + half};
}

std::vector<double> differences(std::span<const double> a, std::span<const double> b) {
  std::vector<double> result(std::min(a.size(), b.size()));
  for (size_t i = 0; i < result.size(); ++i) result[i] = a[i] - b[i];
  return result;
}

Verdict judge(const Interval& interval, double limit, bool at_least) {
  if (at_least ? interval.low >= limit : interval.high <= limit) return Verdict::met;
  if (at_least ? interval.high < limit : interval.low > limit) return Verdict::missed;
  return Verdict::undecided;
}

double confidence_of_each(size_t verdicts) {
  return std::max(0.99, 1 - 0.05 / static_cast<double>(std::max<size_t>(verdicts, 1)));
}

unsigned place_in_round(unsigned slot, unsigned round, unsigned count) {
  std::array<unsigned, 64> places{};
  std::iota(places.begin(), places.begin() + count, 0U);
  uint64_t state = round;
  for (unsigned left = count; left > 1; --left)
    std::swap(places[left - 1], places[next_random(state) % left]);
  return places[slot];
}

}  // namespace clusterbind::bench
