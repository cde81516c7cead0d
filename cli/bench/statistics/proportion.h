// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_STATISTICS_PROPORTION_H_
#define TESSERA_CLI_BENCH_STATISTICS_PROPORTION_H_

#include <cstddef>

namespace tessera::bench {

// A share of hits, and the interval that holds the true one with 95 % confidence (Wilson's, which
// holds for few trials and near 0 and 1 as well). All of [0, 1] where nothing was tried.
struct Proportion {
  size_t hits = 0;
  size_t trials = 0;
  double share = 0;
  double low = 0;
  double high = 1;
};

Proportion MakeProportion(size_t hits, size_t trials);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_STATISTICS_PROPORTION_H_
