// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/proportion.h"

#include <gtest/gtest.h>

namespace tessera::bench {
namespace {

TEST(ProportionTest, HasWilsonsInterval) {
  const Proportion found = MakeProportion(8, 10);
  EXPECT_DOUBLE_EQ(found.share, 0.8);
  EXPECT_NEAR(found.low, 0.4902, 1e-4);
  EXPECT_NEAR(found.high, 0.9433, 1e-4);
}

TEST(ProportionTest, IsNeverSureOfAllOrNothing) {
  EXPECT_NEAR(MakeProportion(10, 10).low, 0.7225, 1e-4);
  EXPECT_DOUBLE_EQ(MakeProportion(10, 10).high, 1);
  EXPECT_DOUBLE_EQ(MakeProportion(0, 10).low, 0);
  EXPECT_DOUBLE_EQ(MakeProportion(0, 0).high, 1);
}

}  // namespace
}  // namespace tessera::bench
