// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/stopping_rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace tessera::bench {
namespace {

// Measures made-up pairs until the rule stops.
StoppingRule::Decision Measure(const StoppingRule& rule, double ratio, double noise,
                               std::mt19937_64& random, size_t* used = nullptr) {
  std::normal_distribution<double> normal;
  std::vector<std::pair<double, double>> pairs;
  while (true) {
    pairs.emplace_back(ratio * std::exp(noise * normal(random)), std::exp(noise * normal(random)));
    const auto decision = rule.Look(pairs);
    if (!decision.stop) continue;
    if (used != nullptr) *used = pairs.size();
    return decision;
  }
}

TEST(StoppingRuleTest, StopsEarlyWhereTheDifferenceIsPlain) {
  std::mt19937_64 random(1);
  size_t used = 0;
  const auto decision = Measure(StoppingRule(48, 0.02), 1.5, 0.03, random, &used);
  EXPECT_EQ(decision.verdict, Verdict::kFirstHigher);
  EXPECT_EQ(used, 6);
}

TEST(StoppingRuleTest, SaysSameWhereTheDifferenceIsBelowTheMargin) {
  std::mt19937_64 random(2);
  EXPECT_EQ(Measure(StoppingRule(48, 0.05), 1.0, 0.01, random).verdict, Verdict::kSame);
}

TEST(StoppingRuleTest, StaysUndecidedWhereNoiseIsTooLarge) {
  std::mt19937_64 random(3);
  size_t used = 0;
  EXPECT_EQ(Measure(StoppingRule(12, 0.01), 1.005, 0.5, random, &used).verdict,
            Verdict::kUndecided);
  EXPECT_EQ(used, 12);
}

TEST(StoppingRuleTest, SeldomFindsADifferenceWhereThereIsNone) {
  std::mt19937_64 random(4);
  int wrong = 0;
  for (int i = 0; i < 200; ++i) {
    const Verdict verdict = Measure(StoppingRule(48, 0.001), 1.0, 0.05, random).verdict;
    wrong += verdict == Verdict::kFirstHigher || verdict == Verdict::kSecondHigher ? 1 : 0;
  }
  // 5 % of 200 is 10; three standard errors are 9.
  EXPECT_LE(wrong, 19);
}

TEST(StoppingRuleTest, FindsTheSlowerOne) {
  std::mt19937_64 random(5);
  EXPECT_EQ(Measure(StoppingRule(48, 0.02), 0.9, 0.02, random).verdict, Verdict::kSecondHigher);
}

TEST(StoppingRuleTest, LooksOnlyWhenItIsTime) {
  const std::vector<std::pair<double, double>> pairs(5, {2.0, 1.0});
  EXPECT_FALSE(StoppingRule(48, 0.02).Look(pairs).stop);
  EXPECT_NEAR(StoppingRule(48, 0.02).confidence(), 1 - 0.05 / 4, 1e-12);
}

}  // namespace
}  // namespace tessera::bench
