// Medians, quantiles and intervals. Times of a shared machine have long tails: no means here.
#pragma once

#include <span>
#include <vector>

namespace clusterbind::bench {

/// The value below which `part` (0 to 1) of the values lie; 0 for no values.
double quantile(std::vector<double> values, double part);

inline double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

/// An estimate and its 95 % interval.
struct Interval {
  double estimate = 0;
  double low = 0;
  double high = 0;
};

/// The median of `values` with its bootstrap interval (1,000 resamples, always the same ones).
Interval bootstrap_median(std::span<const double> values);

/// a[i] - b[i], and a[i] / b[i]: the two were measured in the same round.
std::vector<double> differences(std::span<const double> a, std::span<const double> b);
std::vector<double> ratios(std::span<const double> a, std::span<const double> b);

/// The place in a round of `count` things at which `slot` is served: rotated by the round, and
/// backwards in every second turn, so that nothing has always the same neighbour before it.
unsigned place_in_round(unsigned slot, unsigned round, unsigned count);

}  // namespace clusterbind::bench
