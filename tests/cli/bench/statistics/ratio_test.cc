// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/ratio.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace tessera::bench {
namespace {

using Pairs = std::vector<std::pair<double, double>>;

// Pairs whose true ratio is `ratio`; a load that both share, and noise of its own for each.
Pairs MadeUp(size_t count, double ratio, double noise, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Pairs pairs;
  for (size_t i = 0; i < count; ++i) {
    const double load = std::exp(0.5 * normal(random));
    pairs.emplace_back(100 * ratio * load * std::exp(noise * normal(random)),
                       100 * load * std::exp(noise * normal(random)));
  }
  return pairs;
}

TEST(RatioTest, KnowsTheQuantilesOfTables) {
  EXPECT_NEAR(NormalQuantile(0.975), 1.959964, 1e-6);
  EXPECT_NEAR(StudentQuantile(0.975, 5), 2.570582, 1e-6);
}

TEST(RatioTest, IsExactWhereEachPairHasTheSameRatio) {
  const RatioEstimate found = PairedRatio({{2, 1}, {20, 10}, {0.2, 0.1}});
  EXPECT_NEAR(found.ratio, 2, 1e-12);
  EXPECT_NEAR(found.low, 2, 1e-12);
  EXPECT_NEAR(found.high, 2, 1e-12);
  EXPECT_TRUE(found.Excludes(1));
}

TEST(RatioTest, IsTheGeometricMean) {
  EXPECT_NEAR(PairedRatio({{4, 1}, {1, 4}, {1, 1}}).ratio, 1, 1e-12);
  EXPECT_FALSE(PairedRatio({{4, 1}, {1, 4}, {1, 1}}).Excludes(1));
}

TEST(RatioTest, LeavesOutWhatCannotBeDivided) {
  const RatioEstimate found = PairedRatio({{2, 1}, {0, 1}, {1, 0}});
  EXPECT_EQ(found.count, 1);
  EXPECT_DOUBLE_EQ(found.ratio, 2);
  EXPECT_FALSE(found.Excludes(1)) << "one pair says nothing about its spread";
}

TEST(RatioTest, HoldsTheTruthAsOftenAsItPromises) {
  std::mt19937_64 random(1);
  for (const size_t pairs : {5, 8, 20}) {
    int held = 0;
    constexpr int kTrials = 300;
    for (int i = 0; i < kTrials; ++i) {
      held += PairedRatio(MadeUp(pairs, 1.1, 0.05, random)).Excludes(1.1) ? 0 : 1;
    }
    // 95 % of 300 is 285; three standard errors are 11.
    EXPECT_GE(held, 272) << pairs << " pairs";
  }
}

TEST(RatioTest, FindsOnePercentThroughSharedLoad) {
  std::mt19937_64 random(2);
  const RatioEstimate found = PairedRatio(MadeUp(40, 0.99, 0.005, random));
  EXPECT_NEAR(found.ratio, 0.99, 0.004);
  EXPECT_TRUE(found.Excludes(1));
}

TEST(RatioTest, ComparesSetsWithoutPairs) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> slow(100, 5), fast(120, 5);
  std::vector<double> before, now;
  for (int i = 0; i < 30; ++i) before.push_back(slow(random));
  for (int i = 0; i < 20; ++i) now.push_back(fast(random));
  const RatioEstimate found = UnpairedRatio(now, before);
  EXPECT_NEAR(found.ratio, 1.2, 0.03);
  EXPECT_TRUE(found.Excludes(1));
  EXPECT_FALSE(UnpairedRatio(before, before).Excludes(1));
  EXPECT_EQ(UnpairedRatio({}, before).count, 0);
}

}  // namespace
}  // namespace tessera::bench
