// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/distribution.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tessera::bench {

double Percentile(const std::vector<double>& ascending, double quantile) {
  if (ascending.empty()) return 0;
  const double rank = std::clamp(quantile, 0.0, 1.0) * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<size_t>(rank);
  const size_t above = std::min(below + 1, ascending.size() - 1);
  const double share = rank - static_cast<double>(below);
  return ascending[below] + share * (ascending[above] - ascending[below]);
}

Distribution Describe(std::vector<double> values) {
  Distribution found;
  found.count = values.size();
  if (values.empty()) return found;
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  found.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - found.mean) * (value - found.mean);
  found.deviation = values.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
  found.min = values.front();
  found.p50 = Percentile(values, 0.5);
  found.p90 = Percentile(values, 0.9);
  found.p99 = Percentile(values, 0.99);
  found.max = values.back();
  return found;
}

}  // namespace tessera::bench
