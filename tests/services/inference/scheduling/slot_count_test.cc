// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/slot_count.h"

#include <gtest/gtest.h>

#include <optional>

namespace tessera::inference {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000);

TEST(SlotCountTest, AConfiguredNumberIsNeverExceeded) {
  SlotCount slots(2);
  EXPECT_TRUE(slots.Admit(1, kStart));
  EXPECT_FALSE(slots.Admit(2, kStart));
  slots.OnOverlap(3);
  EXPECT_EQ(slots.slots(), 2U);
}

TEST(SlotCountTest, LearnsFromAnswersThatOverlap) {
  SlotCount slots(std::nullopt);
  EXPECT_EQ(slots.slots(), 1U);
  EXPECT_TRUE(slots.Admit(1, kStart));   // An experiment.
  EXPECT_FALSE(slots.Admit(2, kStart));  // One at a time.
  slots.OnOverlap(2);
  EXPECT_EQ(slots.slots(), 2U);
  EXPECT_TRUE(slots.Admit(2, kStart));  // The next one at once.
}

TEST(SlotCountTest, AnExperimentThatFailsIsRepeatedEverMoreRarely) {
  SlotCount slots(std::nullopt);
  absl::Time now = kStart;
  for (const int pause_seconds : {2, 4, 8}) {
    ASSERT_TRUE(slots.Admit(1, now));
    slots.OnEnd(now);
    EXPECT_FALSE(slots.Admit(1, now + absl::Seconds(pause_seconds) - absl::Milliseconds(1)));
    now += absl::Seconds(pause_seconds);
  }
  EXPECT_EQ(slots.slots(), 1U);
}

TEST(SlotCountTest, ANewEngineIsLearntAnew) {
  SlotCount slots(std::nullopt);
  ASSERT_TRUE(slots.Admit(1, kStart));
  slots.OnOverlap(2);
  slots.Forget();
  EXPECT_EQ(slots.slots(), 1U);
}

TEST(SlotCountTest, KnowsArchitecturesWithOneSlot) {
  EXPECT_TRUE(IsAlwaysSingleSlot("qwen3vl"));
  EXPECT_TRUE(IsAlwaysSingleSlot("lfm2moe"));
  EXPECT_FALSE(IsAlwaysSingleSlot("llama"));
  EXPECT_FALSE(IsAlwaysSingleSlot("qwen3"));
}

}  // namespace
}  // namespace tessera::inference
