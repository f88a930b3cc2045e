// The statistics behind the verdicts. Pure: values in, intervals and verdicts out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clusterbind::bench {

/// The quantile of the values at `part` (0 to 1); 0 if there are no values.
double quantile(std::vector<double> values, double part);

inline double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

double mean(std::span<const double> values);

/// The mean of the middle half of the values. Disturbances of less than a quarter of the values
/// have no effect, and without disturbances it is nearly as precise as the mean.
double midmean(std::vector<double> values);

/// An estimate, with an interval that contains the true value with the requested confidence.
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

/// The half width, in standard errors, of an interval with this confidence (0.99, for example), by
/// Student's t distribution with so many degrees of freedom.
double student_factor(double confidence, size_t degrees);

/// The correlation of each value with the one after it.
double neighbours_correlation(std::span<const double> values);

/// Joins two, four, eight and more batches into one, until neighbours no longer correlate: a
/// disturbance that lasts for many batches is one observation, not many. At least 15 values are
/// left, or all if there are fewer.
std::vector<double> join(std::span<const double> batches);

/// The mean of the batches and its interval. The difference of two means is the mean of the
/// differences. With fewer than two batches the interval is infinite.
Interval mean_interval(std::span<const double> batches, double confidence);

/// a[i] - b[i]: values of the same batch.
std::vector<double> differences(std::span<const double> a, std::span<const double> b);

enum class Verdict : uint8_t { met, missed, undecided };

/// Met if the whole interval is on the good side of the limit, missed if it is on the other side.
Verdict judge(const Interval& interval, double limit, bool at_least);

/// The confidence of each of several verdicts: 99 %, or more if that is needed for 95 % for all of
/// them together (Bonferroni).
double confidence_of_each(size_t verdicts);

/// Whether the interval is narrow enough to stop. This depends on its width, never on the verdict.
/// `size` is the bound or, if that is a ratio, its distance from 1.
inline bool narrow_enough(const Interval& interval, double size) {
  return interval.width() < size / 2;
}

/// Decides when a measurement examines its intervals: after 30, 60, 120, ... batches. Looking more
/// often would make it more likely to stop at a chance result.
class Looks {
 public:
  bool due(size_t batches) {
    if (batches < next_) return false;
    next_ *= 2;
    return true;
  }

  /// Whether to stop: the intervals were narrow enough at this look and at the one before. A single
  /// look is most likely to find them narrow when it has seen too little of the noise.
  bool settled(bool narrow) {
    const bool twice = narrow && narrow_before_;
    narrow_before_ = narrow;
    return twice;
  }

 private:
  size_t next_ = 30;
  bool narrow_before_ = false;
};

/// The position in a round of `count` things (up to 64) that is used at `slot`: a random order, but
/// the same in every run. Rounds must have different numbers: if a few orders were used again and
/// again, they would favour whatever comes first, and no number of batches would show that.
unsigned place_in_round(unsigned slot, unsigned round, unsigned count);

}  // namespace clusterbind::bench
