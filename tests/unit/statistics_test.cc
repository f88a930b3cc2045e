// Tests how often the verdicts of the benchmark are wrong, in simulated runs.
#include "bench/statistics.h"

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "tests/catch.h"

namespace clusterbind::bench {
namespace {

using Random = std::mt19937;
// Returns the noise of the next batch.
using Noise = std::function<double(Random&)>;
// Creates a noise, which may depend on earlier values.
using MakeNoise = std::function<Noise()>;

double normal(Random& random) {
  return std::normal_distribution<double>()(random);
}

Noise independent(double spread) {
  return [=](Random& random) { return spread * normal(random); };
}

// A disturbance that also affects the following batches.
Noise lasting(double spread, double memory) {
  double state = std::numeric_limits<double>::quiet_NaN();
  return [=](Random& random) mutable {
    const double next = normal(random);
    state = std::isnan(state) ? next : memory * state + std::sqrt(1 - memory * memory) * next;
    return spread * state;
  };
}

// One batch in fifty is interrupted.
Noise with_outliers(double spread) {
  return [=](Random& random) {
    const bool interrupted = std::uniform_int_distribution<int>(0, 49)(random) == 0;
    return spread * normal(random) * (interrupted ? 10 : 1);
  };
}

struct Shares {
  double decided = 0;  // shares of all runs
  double narrow = 0;
};

constexpr double limit = 1;
constexpr double confidence = 0.99;

// Simulates runs of the benchmark for a figure whose true value is `truth`, until the interval is
// narrow enough or the time is up.
Shares simulate(double truth, const MakeNoise& make, unsigned runs, bool stop_by_verdict = false) {
  constexpr size_t time_up = 1920;
  Random random(20);
  Shares shares;
  for (unsigned run = 0; run < runs; ++run) {
    const Noise noise = make();
    std::vector<double> batches;
    Looks looks;
    Interval interval;
    bool narrow = false, settled = false, decided = false;
    while (!settled && batches.size() < time_up) {
      batches.push_back(truth + noise(random));
      if (!looks.due(batches.size())) continue;
      interval = mean_interval(batches, confidence);
      narrow = narrow_enough(interval, limit);
      settled = looks.settled(narrow);
      decided = judge(interval, limit, false) != Verdict::undecided;
      if (stop_by_verdict && decided) break;
    }
    shares.decided += decided ? 1.0 / runs : 0;
    shares.narrow += narrow ? 1.0 / runs : 0;
  }
  return shares;
}

}  // namespace

TEST_CASE("Student's t agrees with published tables") {
  CHECK(student_factor(0.95, 1) == Approx(12.706).epsilon(1e-3));
  CHECK(student_factor(0.95, 10) == Approx(2.228).epsilon(1e-3));
  CHECK(student_factor(0.99, 7) == Approx(3.499).epsilon(1e-3));
  CHECK(student_factor(0.99, 14) == Approx(2.977).epsilon(1e-3));
  CHECK(student_factor(0.99, 29) == Approx(2.756).epsilon(1e-3));
  CHECK(student_factor(0.99, 5000) == Approx(2.576).epsilon(0.01));
  CHECK(student_factor(0.999, 14) == Approx(4.140).epsilon(1e-3));
}

TEST_CASE("a verdict depends on the whole interval") {
  CHECK(judge({0.8, 0.7, 1.0}, 1, false) == Verdict::met);
  CHECK(judge({0.8, 0.7, 1.1}, 1, false) == Verdict::undecided);
  CHECK(judge({1.1, 0.9, 1.3}, 1, false) == Verdict::undecided);
  CHECK(judge({1.2, 1.1, 1.3}, 1, false) == Verdict::missed);
  CHECK(judge({1.2, 1.0, 1.3}, 1, true) == Verdict::met);
  CHECK(judge({1.2, 0.9, 1.3}, 1, true) == Verdict::undecided);
  CHECK(judge({0.8, 0.7, 0.9}, 1, true) == Verdict::missed);
  CHECK(judge(exactly(60), 60, false) == Verdict::met);
  CHECK(judge(exactly(61), 60, false) == Verdict::missed);
  const double alone = 5;
  CHECK(judge(mean_interval({&alone, 1}, 0.99), 1, false) == Verdict::undecided);
  CHECK(judge(mean_interval({}, 0.99), 1, false) == Verdict::undecided);
}

TEST_CASE("all verdicts of a run together have 95 % confidence") {
  CHECK(confidence_of_each(0) == 0.99);
  CHECK(confidence_of_each(5) == Approx(0.99));
  CHECK(confidence_of_each(10) == Approx(0.995));
}

TEST_CASE("each thing comes after each other one equally often") {
  constexpr unsigned count = 5, rounds = 4000;
  std::vector<unsigned> after(size_t{count} * count);
  for (unsigned round = 0; round < rounds; ++round) {
    std::vector<bool> served(count);
    for (unsigned slot = 0; slot < count; ++slot) {
      const unsigned place = place_in_round(slot, round, count);
      CHECK_FALSE(served[place]);
      served[place] = true;
      if (slot > 0) ++after[place_in_round(slot - 1, round, count) * count + place];
    }
  }
  for (unsigned one = 0; one < count; ++one)
    for (unsigned other = 0; other < count; ++other)
      if (one != other) CHECK(after[one * count + other] == Approx(rounds / count).epsilon(0.15));
}

TEST_CASE("the mean of the middle half") {
  CHECK(midmean({7}) == 7);
  CHECK(midmean({1, 2, 6}) == 3);
  CHECK(midmean({900, 4, 3, -50}) == Approx(3.5));
  CHECK(midmean({1, 2, 3, 4, 5, 6, 7, 1000}) == Approx(4.5));
}

TEST_CASE("means add up") {
  const std::vector<double> plain = {10, 12, 11, 90}, by_hand = {11, 14, 12, 50},
                            library = {12, 15, 14, 70};
  const auto over = [](const std::vector<double>& a, const std::vector<double>& b) {
    return mean_interval(differences(a, b), 0.99).estimate;
  };
  CHECK(over(library, by_hand) + over(by_hand, plain) == Approx(over(library, plain)));
  CHECK(mean(plain) + over(library, plain) == Approx(mean(library)));
}

TEST_CASE("looks are taken after 30, 60, 120, ... batches") {
  Looks looks;
  std::vector<size_t> taken;
  for (size_t batches = 1; batches <= 500; ++batches)
    if (looks.due(batches)) taken.push_back(batches);
  CHECK(taken == std::vector<size_t>{30, 60, 120, 240, 480});
  CHECK_FALSE(looks.settled(true));
  CHECK_FALSE(looks.settled(false));
  CHECK_FALSE(looks.settled(true));
  CHECK(looks.settled(true));
}

TEST_CASE("batches are joined until neighbours no longer correlate") {
  Random random(1);
  std::vector<double> batches(960);
  for (double& value : batches) value = normal(random);
  CHECK(join(batches).size() >= 480);
  const Noise noise = lasting(1, 0.9);
  for (double& value : batches) value = noise(random);
  const std::vector<double> joined = join(batches);
  CHECK(joined.size() <= 120);
  CHECK(joined.size() >= 15);
}

TEST_CASE("a true value on the bound gets a verdict no more often than the confidence allows") {
  constexpr unsigned runs = 2000;
  // The share that correct runs exceed in one case out of a thousand.
  const double most = (1 - confidence) + 3.1 * std::sqrt((1 - confidence) * confidence / runs);
  const auto wrong = [&](const MakeNoise& make) { return simulate(limit, make, runs).decided; };
  for (const double spread : {0.3, 1.0, 2.0, 3.5}) {
    CAPTURE(spread);
    CHECK(wrong([=] { return independent(spread); }) <= most);
    CHECK(wrong([=] { return with_outliers(spread); }) <= most);
    CHECK(wrong([=] { return lasting(spread, 0.2); }) <= most);
  }
  // Noise that lasts, but is so weak that 60 batches suffice, cannot be distinguished from less
  // noise.
  for (const double spread : {1.0, 2.0, 3.5})
    for (const double memory : {0.5, 0.8, 0.95}) {
      CAPTURE(spread, memory);
      CHECK(wrong([=] { return lasting(spread, memory); }) <= most);
    }
}

TEST_CASE("a true value off the bound gets the right verdict") {
  const MakeNoise make = [] { return independent(1); };
  CHECK(simulate(limit * 0.7, make, 500).decided > 0.95);
  CHECK(simulate(limit * 1.3, make, 500).decided > 0.95);
  CHECK(simulate(limit * 0.7, make, 500).narrow == Approx(1));
}

TEST_CASE("stopping at the first verdict would give a wrong one too often") {
  const MakeNoise make = [] { return independent(3.5); };
  CHECK(simulate(limit, make, 2000, true).decided > 3 * (1 - confidence));
}

}  // namespace clusterbind::bench
