// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/sizing/size_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "services/preprocess/picture/sizing/cell_grid.h"
#include "tests/support/pictures/random.h"

namespace tessera::preprocess {
namespace {

OutputSize CanvasOf(OutputSize picture, const SizePolicy& policy, uint32_t max_side_px = 768) {
  return PlanSize(picture, policy, max_side_px).canvas;
}

TEST(SizePlanTest, FitWithinKeepsTheShapeAndPadsWhatIsTooThin) {
  EXPECT_EQ(PlanSize({4032, 3024}, FitWithinSide{}, 768), (SizePlan{{768, 576}, {0, 0, 768, 576}}));
  EXPECT_EQ(PlanSize({640, 480}, FitWithinSide{}, 768), (SizePlan{{640, 480}, {0, 0, 640, 480}}));
  EXPECT_EQ(PlanSize({768, 5}, FitWithinSide{}, 768), (SizePlan{{768, 32}, {0, 13, 768, 5}}));
  EXPECT_EQ(PlanSize({3, 3}, FitWithinSide{}, 768), (SizePlan{{32, 32}, {14, 14, 3, 3}}));
}

TEST(SizePlanTest, EngineFitIsWhatTheEngineWouldMakeOfTheFittedPicture) {
  const SizePolicy legacy = EngineFit{Engine::kOllamaLegacy};
  EXPECT_EQ(CanvasOf({4032, 3024}, legacy), (OutputSize{768, 576}));
  EXPECT_EQ(CanvasOf({1920, 1080}, legacy), (OutputSize{768, 448}));
  EXPECT_EQ(CanvasOf({2480, 3508}, legacy), (OutputSize{544, 768}));
  EXPECT_EQ(CanvasOf({3000, 2000}, legacy), (OutputSize{768, 512}));
  EXPECT_EQ(CanvasOf({4032, 3024}, legacy, 1024), (OutputSize{1024, 768}));
}

TEST(SizePlanTest, EngineFitTakesTheTruestShapeWhereTheEngineWouldEnlarge) {
  const SizePolicy current = EngineFit{Engine::kOllamaCurrent};
  EXPECT_EQ(CanvasOf({4032, 3024}, current), (OutputSize{1184, 896}));
  EXPECT_EQ(CanvasOf({3000, 2000}, current), (OutputSize{1280, 864}));
  EXPECT_EQ(CanvasOf({1920, 1080}, current), (OutputSize{1376, 768}));
  EXPECT_EQ(CanvasOf({1000, 1000}, current), (OutputSize{1024, 1024}));
  // The engine itself would take 864x1248 and change the shape by 2 %.
  EXPECT_EQ(SizeInEngine(Engine::kOllamaCurrent, {543, 768}), (OutputSize{864, 1248}));
  EXPECT_EQ(CanvasOf({2480, 3508}, current), (OutputSize{864, 1216}));
}

TEST(SizePlanTest, TokenBudgetKeepsTheOwnSizeWithinTheBudget) {
  EXPECT_EQ(CanvasOf({1000, 1000}, TokenBudget{1, 16384}), (OutputSize{992, 992}));
  EXPECT_EQ(CanvasOf({1024, 768}, TokenBudget{64, 1024}), (OutputSize{1024, 768}));
}

TEST(SizePlanTest, TokenBudgetReducesAndEnlargesNoFurtherThanItMust) {
  EXPECT_EQ(CanvasOf({4032, 3024}, TokenBudget{1, 300}), (OutputSize{640, 480}));
  EXPECT_EQ(CanvasOf({320, 240}, TokenBudget{300, 1024}), (OutputSize{640, 480}));
  for (const uint32_t cells : {1u, 7u, 64u, 256u, 997u, 16384u}) {
    EXPECT_EQ(CellsOf(CanvasOf({500, 400}, TokenBudget{cells, cells})), cells);
  }
}

TEST(SizePlanTest, TokenBudgetUsesWhatItMaySpend) {
  testing::Random random(7);
  for (int i = 0; i < 2000; ++i) {
    const OutputSize picture{1000 + random.Below(5000), 1000 + random.Below(5000)};
    const uint32_t budget = 100 + random.Below(900);
    const uint32_t cells = CellsOf(CanvasOf(picture, TokenBudget{1, budget}));
    ASSERT_LE(cells, budget);
    ASSERT_GE(cells, budget * 4 / 5) << picture.width_px << "x" << picture.height_px;
  }
}

TEST(SizePlanTest, ExactLetterboxesInTheMiddle) {
  EXPECT_EQ(PlanSize({4000, 2000}, ExactSize{512, 512}, 768),
            (SizePlan{{512, 512}, {0, 128, 512, 256}}));
  EXPECT_EQ(PlanSize({100, 200}, ExactSize{512, 512}, 768),
            (SizePlan{{512, 512}, {128, 0, 256, 512}}));
  EXPECT_EQ(PlanSize({300, 300}, ExactSize{640, 480}, 768),
            (SizePlan{{640, 480}, {80, 0, 480, 480}}));
  EXPECT_EQ(PlanSize({10'000, 50}, ExactSize{64, 64}, 768), (SizePlan{{64, 64}, {0, 31, 64, 1}}));
}

TEST(SizePlanTest, ExactStretchesWhenAsked) {
  EXPECT_EQ(PlanSize({4000, 2000}, ExactSize{512, 384, true}, 768),
            (SizePlan{{512, 384}, {0, 0, 512, 384}}));
}

TEST(SizePlanTest, ContentAlwaysLiesWithinTheCanvas) {
  testing::Random random(11);
  for (int i = 0; i < 20'000; ++i) {
    const OutputSize picture{1 + random.Below(9000), 1 + random.Below(9000)};
    const SizePolicy policies[] = {
        FitWithinSide{}, EngineFit{kEngines[random.Below(4)]},
        TokenBudget{1 + random.Below(100), 100 + random.Below(1000)},
        ExactSize{32 + random.Below(1000), 32 + random.Below(1000), random.Below(2) == 0}};
    for (const SizePolicy& policy : policies) {
      const SizePlan plan = PlanSize(picture, policy, 32 + random.Below(4065));
      ASSERT_GE(plan.content.width_px, 1u);
      ASSERT_GE(plan.content.height_px, 1u);
      ASSERT_LE(plan.content.left_px + plan.content.width_px, plan.canvas.width_px);
      ASSERT_LE(plan.content.top_px + plan.content.height_px, plan.canvas.height_px);
      ASSERT_GE(std::min(plan.canvas.width_px, plan.canvas.height_px), 32u);
    }
  }
}

TEST(SizePolicyTest, RefusesWhatIsOutOfRange) {
  for (const SizePolicy& bad : {SizePolicy(TokenBudget{1, 0}), SizePolicy(TokenBudget{1, 16385}),
                                SizePolicy(TokenBudget{0, 5}), SizePolicy(TokenBudget{6, 5}),
                                SizePolicy(ExactSize{31, 32}), SizePolicy(ExactSize{32, 4097})}) {
    EXPECT_FALSE(Validate(bad).ok()) << SizePolicyName(bad);
  }
  EXPECT_TRUE(Validate(TokenBudget{5, 5}).ok());
  EXPECT_TRUE(Validate(ExactSize{32, 4096}).ok());
}

}  // namespace
}  // namespace tessera::preprocess
