// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/rolling_sample.h"

#include <algorithm>
#include <numeric>

namespace tessera::inference {

void RollingSample::Add(double value) {
  values_[count_++ % kKept] = value;
  const size_t kept = std::min(count_, kKept);
  std::array<double, kKept> sorted = values_;
  std::sort(sorted.begin(), sorted.begin() + kept);
  // Never all of a small sample: of three the one in the middle, of one that one.
  const size_t cut = kept == 1 ? 0 : std::max<size_t>(kept / 4, kept > 2 ? 1 : 0);
  const size_t middle = kept - 2 * cut;
  typical_ = std::accumulate(sorted.begin() + cut, sorted.begin() + cut + middle, 0.0) /
             static_cast<double>(middle);
}

}  // namespace tessera::inference
