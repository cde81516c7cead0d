// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/load_curve.h"

#include <algorithm>

namespace tessera::bench {

size_t Knee(const std::vector<LoadPoint>& points) {
  size_t best = 0;
  double most = -1;
  for (size_t i = 0; i < points.size(); ++i) {
    const double power = points[i].latency_s > 0 ? points[i].per_second / points[i].latency_s : 0;
    if (power > most) {
      most = power;
      best = i;
    }
  }
  return best;
}

double Goodput(const std::vector<double>& latencies_s, double limit_s, double seconds) {
  if (seconds <= 0) return 0;
  const auto good = std::count_if(latencies_s.begin(), latencies_s.end(),
                                  [&](double latency) { return latency <= limit_s; });
  return static_cast<double>(good) / seconds;
}

}  // namespace tessera::bench
