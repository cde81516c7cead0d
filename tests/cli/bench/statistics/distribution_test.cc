// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/distribution.h"

#include <gtest/gtest.h>

#include <numeric>

namespace tessera::bench {
namespace {

TEST(DistributionTest, TellsKnownPercentiles) {
  std::vector<double> values(101);
  std::iota(values.rbegin(), values.rend(), 0);  // 100 ... 0.
  const Distribution found = Describe(values);
  EXPECT_EQ(found.count, 101);
  EXPECT_DOUBLE_EQ(found.mean, 50);
  EXPECT_DOUBLE_EQ(found.p50, 50);
  EXPECT_DOUBLE_EQ(found.p90, 90);
  EXPECT_DOUBLE_EQ(found.p99, 99);
  EXPECT_DOUBLE_EQ(found.min, 0);
  EXPECT_DOUBLE_EQ(found.max, 100);
}

TEST(DistributionTest, InterpolatesBetweenNeighbours) {
  EXPECT_DOUBLE_EQ(Percentile({10, 20}, 0.5), 15);
  EXPECT_DOUBLE_EQ(Percentile({1, 2, 3, 4}, 0.9), 3.7);
  EXPECT_DOUBLE_EQ(Percentile({1, 2, 3, 4}, 2), 4);
}

TEST(DistributionTest, DividesTheDeviationByOneLess) {
  EXPECT_DOUBLE_EQ(Describe({2, 4, 4, 4, 5, 5, 7, 9}).deviation * 7 *
                       Describe({2, 4, 4, 4, 5, 5, 7, 9}).deviation,
                   32);
  EXPECT_EQ(Describe({3}).deviation, 0);
}

TEST(DistributionTest, IsZeroForNothing) {
  EXPECT_EQ(Describe({}).p99, 0);
  EXPECT_EQ(Percentile({}, 0.5), 0);
}

}  // namespace
}  // namespace tessera::bench
