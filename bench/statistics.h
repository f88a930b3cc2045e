// The statistics of the verdicts. Pure: values in, intervals and verdicts out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clusterbind::bench {

/// The value below which `part` (0 to 1) of the values lie; 0 for no values.
double quantile(std::vector<double> values, double part);

inline double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

double mean(std::span<const double> values);

/// The mean of the middle half: what disturbs less than a quarter of the values does not count, and
/// little precision is lost where nothing is disturbed.
double midmean(std::vector<double> values);

/// An estimate, and where the truth lies with the confidence that was asked for.
struct Interval {
  double estimate = 0;
  double low = 0;
  double high = 0;

  double width() const { return high - low; }
  /// The same in another unit.
  Interval times(double factor) const { return {estimate * factor, low * factor, high * factor}; }
};

/// A figure without noise.
inline Interval exactly(double value) {
  return {value, value, value};
}

/// The half width, in standard errors, of an interval with this confidence (0.99, say): Student's t
/// with so many degrees of freedom.
double student_factor(double confidence, size_t degrees);

/// How much neighbours have in common: the correlation of each value with the one after it.
double neighbours_correlation(std::span<const double> values);

/// Joins batches, by two, four, eight and so on, until neighbours no longer correlate: a
/// disturbance that lasts for many batches is one observation, not many. 15 values are left at
/// least, or as many as there are.
std::vector<double> join(std::span<const double> batches);

/// The mean of the batches and its interval. Means add up: the difference of two of them is the
/// mean of the differences. Fewer than two batches say nothing: the interval is infinite.
Interval mean_interval(std::span<const double> batches, double confidence);

/// a[i] - b[i], and a[i] / b[i]: the two were measured in the same batch.
std::vector<double> differences(std::span<const double> a, std::span<const double> b);
std::vector<double> ratios(std::span<const double> a, std::span<const double> b);

enum class Verdict : uint8_t { met, missed, undecided };

/// Met where the whole interval is on the good side of the limit, missed where it is on the other.
Verdict judge(const Interval& interval, double limit, bool at_least);

/// The confidence of each verdict where so many are given together: 99 %, or more where all of them
/// together would otherwise be surer than 95 % no longer (Bonferroni).
double confidence_of_each(size_t verdicts);

/// Whether a figure is known well enough: by the width of its interval, never by the verdict.
/// `size` is the bound, or its distance from 1 where the bound is a ratio.
inline bool narrow_enough(const Interval& interval, double size) {
  return interval.width() < size / 2;
}

/// When a measurement looks at its intervals: after 30, 60, 120, ... batches. Whoever looks more
/// often stops at the first chance result.
class Looks {
 public:
  bool due(size_t batches) {
    if (batches < next_) return false;
    next_ *= 2;
    return true;
  }

  /// Whether to stop: the intervals were narrow enough at this look and at the one before. One look
  /// alone would be believed most readily where it saw too little of the noise.
  bool settled(bool narrow) {
    const bool twice = narrow && narrow_before_;
    narrow_before_ = narrow;
    return twice;
  }

 private:
  size_t next_ = 30;
  bool narrow_before_ = false;
};

/// The place in a round of `count` things (up to 64) at which `slot` is served: a random order, and
/// the same in every run. A number must not come twice in a run: few orders, used again and again,
/// would favour what comes first in them, and no number of batches would show it.
unsigned place_in_round(unsigned slot, unsigned round, unsigned count);

}  // namespace clusterbind::bench
