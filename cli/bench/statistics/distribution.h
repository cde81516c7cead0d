// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_STATISTICS_DISTRIBUTION_H_
#define TESSERA_CLI_BENCH_STATISTICS_DISTRIBUTION_H_

#include <cstddef>
#include <vector>

namespace tessera::bench {

// The value below which the share `quantile` of `ascending` lies, interpolated between neighbours
// (rank = quantile x (n - 1)). 0 for no values; `quantile` is clamped to [0, 1].
double Percentile(const std::vector<double>& ascending, double quantile);

// What is told of a set of measurements. Zeros for an empty one.
struct Distribution {
  size_t count = 0;
  double mean = 0;
  double deviation = 0;  // Of the sample: divided by n - 1.
  double min = 0;
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double max = 0;
};

Distribution Describe(std::vector<double> values);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_STATISTICS_DISTRIBUTION_H_
