// SPDX-License-Identifier: Apache-2.0
//
// How much faster one thing is than another, and how sure that is.
#ifndef TESSERA_CLI_BENCH_STATISTICS_RATIO_H_
#define TESSERA_CLI_BENCH_STATISTICS_RATIO_H_

#include <cstddef>
#include <utility>
#include <vector>

namespace tessera::bench {

// A ratio and the interval that holds the true one with the confidence asked for.
struct RatioEstimate {
  double ratio = 1;
  double low = 1;
  double high = 1;
  size_t count = 0;  // Pairs, or values of the smaller set; below 2 the interval says nothing.

  bool Excludes(double value) const { return count >= 2 && (value < low || value > high); }
};

// Geometric mean of first / second over pairs that were measured side by side. The interval is a
// bootstrap over pairs of the logarithms, widened for small samples (by t / z and n / (n - 1)), and
// Student's below eight pairs. Pairs with a value that is not above 0 are left out. Same input,
// same output.
RatioEstimate PairedRatio(const std::vector<std::pair<double, double>>& pairs,
                          double confidence = 0.95);

// Ratio of the means of two sets that have no pairs, first / second; bootstrap as above.
RatioEstimate UnpairedRatio(const std::vector<double>& first, const std::vector<double>& second,
                            double confidence = 0.95);

// Quantiles that the above needs, for probabilities in (0, 1).
double NormalQuantile(double probability);
double StudentQuantile(double probability, double degrees);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_STATISTICS_RATIO_H_
