// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/placement.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace tessera::inference {
namespace {

constexpr absl::Duration kSoon = absl::Seconds(1);
constexpr absl::Duration kLate = absl::Seconds(20);

TEST(PlacementTest, WhereTheModelIsLoadedComesFirst) {
  const Placement placement = Place({{.warm = false, .finish = kLate}, {.finish = kLate}}, 0);
  EXPECT_EQ(placement.order, (std::vector<size_t>{1, 0}));
  EXPECT_FALSE(placement.reload_avoided);
}

TEST(PlacementTest, LoadingWithoutHarmIsBetterThanALongWait) {
  EXPECT_EQ(Place({{.finish = kLate}, {.warm = false, .finish = kSoon}}, 0).order[0], 1U);
}

TEST(PlacementTest, NobodysModelIsDisplacedWhileAnotherEngineCanServe) {
  const Placement placement =
      Place({{.warm = false, .displaces = true, .finish = kSoon}, {.finish = kLate}}, 0);
  EXPECT_EQ(placement.order[0], 1U);
  EXPECT_TRUE(placement.reload_avoided);
}

TEST(PlacementTest, ItIsDisplacedWhenThereIsNoOtherWay) {
  const Placement placement = Place(
      {{.warm = false, .displaces = true, .finish = kSoon}, {.reachable = false, .finish = kSoon}},
      0);
  EXPECT_EQ(placement.order[0], 0U);
  EXPECT_FALSE(placement.reload_avoided);
}

TEST(PlacementTest, WhereAJobFailedItGoesLast) {
  EXPECT_EQ(Place({{.tried = true, .finish = kSoon}, {.warm = false, .finish = kLate}}, 0).order[0],
            1U);
  EXPECT_EQ(Place({{.suspect = true, .finish = kSoon}, {.finish = kLate}}, 0).order[0], 1U);
}

TEST(PlacementTest, AnEngineWithoutTheModelIsTheLastResort) {
  EXPECT_EQ(
      Place({{.has_model = false, .finish = kSoon}, {.tried = true, .finish = kLate}}, 0).order[0],
      1U);
}

TEST(PlacementTest, AmongEqualsTheBetterOfTwoIsDrawn) {
  const std::vector<PlacementChoice> choices{{.finish = absl::Seconds(1)},
                                             {.finish = absl::Seconds(2)},
                                             {.finish = absl::Seconds(3)},
                                             {.finish = absl::Seconds(4)}};
  std::set<size_t> seen;
  for (uint64_t random = 0; random < 4; ++random) {
    for (uint64_t other = 0; other < 3; ++other) {
      const Placement placement = Place(choices, random | (other << 32));
      seen.insert(placement.order[0]);
      EXPECT_EQ(placement.order.size(), 4U);
    }
  }
  // Never the worst, for there is always a better one to draw with it.
  EXPECT_EQ(seen, (std::set<size_t>{0, 1, 2}));
}

}  // namespace
}  // namespace tessera::inference
