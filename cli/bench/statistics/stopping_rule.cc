// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/stopping_rule.h"

#include <algorithm>

namespace tessera::bench {
namespace {

constexpr size_t kFirstLook = 6;
constexpr double kError = 0.05;

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kUndecided:
      return "undecided";
    case Verdict::kFirstHigher:
      return "first";
    case Verdict::kSecondHigher:
      return "second";
    case Verdict::kSame:
      return "same";
  }
  return "";
}

StoppingRule::StoppingRule(size_t most_pairs, double margin)
    : most_pairs_(std::max<size_t>(most_pairs, 2)), margin_(margin) {
  for (size_t look = kFirstLook; look < most_pairs_; look *= 2) looks_.push_back(look);
  looks_.push_back(most_pairs_);
  confidence_ = 1 - kError / static_cast<double>(looks_.size());
}

StoppingRule::Decision StoppingRule::Look(const std::vector<std::pair<double, double>>& pairs,
                                          size_t inputs) const {
  Decision decision;
  const bool last = inputs >= most_pairs_;
  if (!last && std::find(looks_.begin(), looks_.end(), inputs) == looks_.end()) {
    return decision;
  }
  decision.estimate = PairedRatio(pairs, confidence_);
  const RatioEstimate& found = decision.estimate;
  if (found.count >= 2) {
    if (found.low > 1 && found.ratio > 1 + margin_) {
      decision.verdict = Verdict::kFirstHigher;
    } else if (found.high < 1 && found.ratio < 1 / (1 + margin_)) {
      decision.verdict = Verdict::kSecondHigher;
    } else if (found.low > 1 / (1 + margin_) && found.high < 1 + margin_) {
      decision.verdict = Verdict::kSame;
    }
  }
  decision.stop = last || decision.verdict != Verdict::kUndecided;
  return decision;
}

}  // namespace tessera::bench
