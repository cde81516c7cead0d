// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_STATISTICS_BASELINE_H_
#define TESSERA_CLI_BENCH_STATISTICS_BASELINE_H_

#include "cli/bench/record/record.h"

namespace tessera::bench {

// What changed between two runs: a finding for each metric with a better side that both measured
// under the same condition, and a failed check for each that is worse by more than 2 % with the
// whole interval on the worse side. The intervals are widened by the number of comparisons (Holm
// would be sharper; Bonferroni is simpler to read), because among a hundred comparisons some look
// worse by chance.
SuiteRecord CompareWithBaseline(const Report& now, const Report& baseline);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_STATISTICS_BASELINE_H_
