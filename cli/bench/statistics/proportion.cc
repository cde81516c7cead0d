// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/proportion.h"

#include <algorithm>
#include <cmath>

namespace tessera::bench {

Proportion MakeProportion(size_t hits, size_t trials) {
  Proportion found{.hits = hits, .trials = trials};
  if (trials == 0) return found;
  constexpr double kZ = 1.959963985;
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(hits) / n;
  const double centre = (share + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double reach =
      kZ / (1 + kZ * kZ / n) * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  found.share = share;
  found.low = std::max(0.0, centre - reach);
  found.high = std::min(1.0, centre + reach);
  return found;
}

}  // namespace tessera::bench
