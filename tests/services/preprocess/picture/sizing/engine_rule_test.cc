// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/sizing/engine_rule.h"

#include <gtest/gtest.h>

namespace tessera::preprocess {
namespace {

struct Measured {
  uint32_t width_px;
  uint32_t height_px;
  uint32_t tokens;
};

TEST(EngineRuleTest, CurrentOllamaCostsWhatWasMeasured) {
  // prompt_eval_count of a real engine, less the text's share.
  constexpr Measured kMeasured[] = {
      {1, 1, 1026},        {32, 32, 1026},    {224, 224, 1026},   {640, 480, 1038},
      {1280, 720, 1077},   {300, 200, 1082},  {1920, 1080, 2042}, {4000, 3000, 4017},
      {12000, 9000, 4017}, {8000, 100, 1150}, {1, 500, 1434},     {5000, 10, 1434},
      {1024, 1024, 1026},  {1184, 896, 1038}, {1376, 768, 1034},  {864, 1216, 1028}};
  for (const Measured& m : kMeasured) {
    EXPECT_EQ(PredictPromptTokens({m.width_px, m.height_px}).ollama_current, m.tokens)
        << m.width_px << "x" << m.height_px;
  }
}

TEST(EngineRuleTest, LegacyOllamaCostsWhatWasMeasured) {
  constexpr Measured kMeasured[] = {{640, 480, 302}, {768, 576, 434},   {768, 768, 578},
                                    {768, 512, 386}, {768, 448, 338},   {544, 768, 410},
                                    {300, 200, 72},  {2000, 1500, 2030}};
  for (const Measured& m : kMeasured) {
    EXPECT_EQ(PredictPromptTokens({m.width_px, m.height_px}).ollama_legacy, m.tokens)
        << m.width_px << "x" << m.height_px;
  }
}

TEST(EngineRuleTest, EnginesRoundHalvesDifferently) {
  // 1808 px are 56.5 cells of 32 px, 1840 px are 57.5.
  EXPECT_EQ(SizeInEngine(Engine::kOllamaLegacy, {1808, 1024}).width_px, 1792u);
  EXPECT_EQ(SizeInEngine(Engine::kHuggingFace, {1808, 1024}).width_px, 1792u);
  EXPECT_EQ(SizeInEngine(Engine::kOllamaCurrent, {1808, 1024}).width_px, 1824u);
  EXPECT_EQ(SizeInEngine(Engine::kLlamaCpp, {1808, 1024}).width_px, 1824u);
  EXPECT_EQ(SizeInEngine(Engine::kOllamaLegacy, {1840, 1024}),
            SizeInEngine(Engine::kOllamaCurrent, {1840, 1024}));
}

TEST(EngineRuleTest, ASideBelowHalfACellIsNoneForSomeAndOneForOthers) {
  // Three thousand pixels of one cell's height are enough; of no height they are not.
  EXPECT_EQ(SizeInEngine(Engine::kLlamaCpp, {3000, 15}), (OutputSize{3008, 32}));
  EXPECT_EQ(SizeInEngine(Engine::kHuggingFace, {3000, 15}), (OutputSize{3648, 32}));
}

TEST(EngineRuleTest, MultiplesOf32WithinTheBoundsAreLeftAlone) {
  for (const Engine engine : kEngines) {
    const CellBounds bounds = BoundsOf(engine);
    for (uint32_t w = 1; w <= 130; ++w) {
      for (uint32_t h = 1; h <= 130; ++h) {
        if (w * h < bounds.min || w * h > bounds.max) continue;
        const OutputSize size{w * kCellPx, h * kCellPx};
        ASSERT_EQ(SizeInEngine(engine, size), size) << EngineName(engine);
      }
    }
  }
}

TEST(EngineRuleTest, StaysWithinTheBoundsForEverySize) {
  for (const Engine engine : kEngines) {
    const CellBounds bounds = BoundsOf(engine);
    for (uint32_t w = 32; w <= 4096; w += 37) {
      for (uint32_t h = 32; h <= 4096; h += 41) {
        const uint32_t cells = CellsOf(SizeInEngine(engine, {w, h}));
        ASSERT_LE(cells, bounds.max) << EngineName(engine) << " " << w << "x" << h;
        ASSERT_GE(cells, bounds.min) << EngineName(engine) << " " << w << "x" << h;
      }
    }
  }
}

}  // namespace
}  // namespace tessera::preprocess
