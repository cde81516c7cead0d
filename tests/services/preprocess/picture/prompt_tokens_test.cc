// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/prompt_tokens.h"

#include <gtest/gtest.h>

namespace tessera::preprocess {
namespace {

struct Measured {
  uint32_t width_px;
  uint32_t height_px;
  uint32_t tokens;
};

TEST(PromptTokensTest, CurrentOllamaCostsWhatWasMeasured) {
  // prompt_eval_count of a real engine, less the text's share.
  constexpr Measured kMeasured[] = {
      {1, 1, 1026},        {32, 32, 1026},    {224, 224, 1026},   {640, 480, 1038},
      {1280, 720, 1077},   {300, 200, 1082},  {1920, 1080, 2042}, {4000, 3000, 4017},
      {12000, 9000, 4017}, {8000, 100, 1150}, {1, 500, 1434},     {5000, 10, 1434},
      {1024, 1024, 1026},  {1184, 896, 1038}, {1376, 768, 1034},  {864, 1216, 1028}};
  for (const Measured& m : kMeasured) {
    EXPECT_EQ(PredictPromptTokens(m.width_px, m.height_px).ollama_current, m.tokens)
        << m.width_px << "x" << m.height_px;
  }
}

TEST(PromptTokensTest, LegacyOllamaCostsWhatWasMeasured) {
  constexpr Measured kMeasured[] = {{640, 480, 302}, {768, 576, 434},   {768, 768, 578},
                                    {768, 512, 386}, {768, 448, 338},   {544, 768, 410},
                                    {300, 200, 72},  {2000, 1500, 2030}};
  for (const Measured& m : kMeasured) {
    EXPECT_EQ(PredictPromptTokens(m.width_px, m.height_px).ollama_legacy, m.tokens)
        << m.width_px << "x" << m.height_px;
  }
}

TEST(PromptTokensTest, GenerationsRoundHalvesDifferently) {
  // 1808 px are 56.5 cells of 32 px, 1840 px are 57.5.
  EXPECT_EQ(OllamaLegacySize(1808, 1024).width_px, 1792u);
  EXPECT_EQ(OllamaCurrentSize(1808, 1024).width_px, 1824u);
  EXPECT_EQ(OllamaLegacySize(1840, 1024).width_px, OllamaCurrentSize(1840, 1024).width_px);
}

TEST(PromptTokensTest, MultiplesOf32WithinTheBoundsAreLeftAlone) {
  for (uint32_t w = 1024; w <= 2048; w += 32) {
    for (uint32_t h = 1024; h <= 2048; h += 32) {
      ASSERT_EQ(OllamaCurrentSize(w, h), (EngineSize{w, h}));
    }
  }
  for (uint32_t w = 256; w <= 1440; w += 32) {
    for (uint32_t h = 256; h <= 1440; h += 32) {
      ASSERT_EQ(OllamaLegacySize(w, h), (EngineSize{w, h}));
    }
  }
}

TEST(PromptTokensTest, StaysWithinTheBoundsForEverySize) {
  for (uint32_t w = 32; w <= 4096; w += 37) {
    for (uint32_t h = 32; h <= 4096; h += 41) {
      const PromptTokens tokens = PredictPromptTokens(w, h);
      ASSERT_LE(tokens.ollama_legacy, 2048u + 2) << w << "x" << h;
      ASSERT_GE(tokens.ollama_legacy, 64u + 2) << w << "x" << h;
      ASSERT_LE(tokens.ollama_current, 4096u + 2) << w << "x" << h;
      ASSERT_GE(tokens.ollama_current, 1024u + 2) << w << "x" << h;
    }
  }
}

}  // namespace
}  // namespace tessera::preprocess
