#include "bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>

namespace clusterbind::bench {

double quantile(std::vector<double> values, double part) {
  if (values.empty()) return 0;
  const double last = static_cast<double>(values.size() - 1);
  const auto index = static_cast<std::ptrdiff_t>(std::lround(part * last));
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[static_cast<size_t>(index)];
}

Interval bootstrap_median(std::span<const double> values) {
  if (values.empty()) return {};
  constexpr unsigned resamples = 1000;
  std::minstd_rand random(1);
  std::uniform_int_distribution<size_t> pick(0, values.size() - 1);
  std::vector<double> medians(resamples);
  std::vector<double> resample(values.size());
  for (double& one : medians) {
    for (double& value : resample) value = values[pick(random)];
    one = median(resample);
  }
  return {median({values.begin(), values.end()}), quantile(medians, 0.025),
          quantile(medians, 0.975)};
}

std::vector<double> differences(std::span<const double> a, std::span<const double> b) {
  std::vector<double> result(std::min(a.size(), b.size()));
  for (size_t i = 0; i < result.size(); ++i) result[i] = a[i] - b[i];
  return result;
}

std::vector<double> ratios(std::span<const double> a, std::span<const double> b) {
  std::vector<double> result(std::min(a.size(), b.size()));
  for (size_t i = 0; i < result.size(); ++i) result[i] = a[i] / b[i];
  return result;
}

unsigned place_in_round(unsigned slot, unsigned round, unsigned count) {
  const unsigned forward = (slot + round) % count;
  const bool backwards = (round / count) % 2 == 1;
  return backwards ? count - 1 - forward : forward;
}

}  // namespace clusterbind::bench
