// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/load_curve.h"

#include <gtest/gtest.h>

namespace tessera::bench {
namespace {

TEST(LoadCurveTest, FindsTheKneeOfAServerWithFourSlots) {
  // One second of work each: beyond four clients the rate stays and the wait grows.
  std::vector<LoadPoint> points;
  for (const double clients : {1, 2, 4, 8, 16}) {
    points.push_back({clients, std::min(clients, 4.0), std::max(1.0, clients / 4)});
  }
  EXPECT_EQ(Knee(points), 2);
}

TEST(LoadCurveTest, HasNoKneeWithoutPoints) { EXPECT_EQ(Knee({}), 0); }

TEST(LoadCurveTest, CountsOnlyAnswersInTime) {
  EXPECT_DOUBLE_EQ(Goodput({0.1, 0.2, 0.3, 5}, 0.25, 2), 1);
  EXPECT_DOUBLE_EQ(Goodput({0.1}, 1, 0), 0);
}

}  // namespace
}  // namespace tessera::bench
