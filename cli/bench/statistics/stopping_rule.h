// SPDX-License-Identifier: Apache-2.0
//
// When enough pairs have been measured.
#ifndef TESSERA_CLI_BENCH_STATISTICS_STOPPING_RULE_H_
#define TESSERA_CLI_BENCH_STATISTICS_STOPPING_RULE_H_

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/bench/statistics/ratio.h"

namespace tessera::bench {

enum class Verdict {
  kUndecided,     // Not yet, or not with this many pairs.
  kFirstHigher,   // The first is higher by more than the margin.
  kSecondHigher,  // The second is.
  kSame,          // They differ by less than the margin.
};

// "undecided", "first", "second", "same".
std::string_view VerdictName(Verdict verdict);

// Looks at the pairs after 6, 12, 24 ... of them, never between: whoever looks after each pair
// finds a difference sooner or later, also where there is none. Each look has its share of the 5 %
// that all of them together may err.
class StoppingRule {
 public:
  // `margin`: a ratio within [1 / (1 + margin), 1 + margin] counts as the same. Above 0.
  StoppingRule(size_t most_pairs, double margin);

  struct Decision {
    bool stop = false;
    Verdict verdict = Verdict::kUndecided;
    RatioEstimate estimate;  // With the confidence of this look.
  };
  // `pairs`: higher is better on both sides; of `inputs` that were asked, which may be more. Stops
  // once decided or at most_pairs inputs.
  Decision Look(const std::vector<std::pair<double, double>>& pairs, size_t inputs) const;
  Decision Look(const std::vector<std::pair<double, double>>& pairs) const {
    return Look(pairs, pairs.size());
  }

  // Of each look.
  double confidence() const { return confidence_; }

 private:
  const size_t most_pairs_;
  const double margin_;
  double confidence_;
  std::vector<size_t> looks_;
};

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_STATISTICS_STOPPING_RULE_H_
