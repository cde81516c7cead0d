// SPDX-License-Identifier: Apache-2.0
//
// What engines do to a picture, written down a second time from what is known of them and without
// a line of the product's: each in the arithmetic of its own language. Then 100,000 random sizes
// must be left alone by the engine they were made for, at the tokens that were predicted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <string>

#include "services/preprocess/picture/sizing/size_plan.h"
#include "tests/support/pictures/random.h"

namespace tessera::preprocess {
namespace {

struct Sides {
  int64_t height = 0;
  int64_t width = 0;
};

// Go: float64, RoundToEven; the engine panics below 32 px and beyond 200:1.
Sides OllamaOwnEngine(int64_t height, int64_t width) {
  const double factor = 32;
  const auto half_to_even = [](double x) {
    const double floor = std::floor(x);
    const double rest = x - floor;
    if (rest > 0.5) return static_cast<int64_t>(floor) + 1;
    if (rest < 0.5) return static_cast<int64_t>(floor);
    const auto even = static_cast<int64_t>(floor);
    return even % 2 == 0 ? even : even + 1;
  };
  Sides bar{half_to_even(static_cast<double>(height) / factor) * 32,
            half_to_even(static_cast<double>(width) / factor) * 32};
  const int64_t longest = 2 << 20, shortest = 64 << 10;
  if (bar.height * bar.width > longest) {
    const double beta =
        std::sqrt(static_cast<double>(height * width) / static_cast<double>(longest));
    bar.height = static_cast<int64_t>(std::floor(static_cast<double>(height) / beta / factor)) * 32;
    bar.width = static_cast<int64_t>(std::floor(static_cast<double>(width) / beta / factor)) * 32;
  } else if (bar.height * bar.width < shortest) {
    const double beta =
        std::sqrt(static_cast<double>(shortest) / static_cast<double>(height * width));
    bar.height = static_cast<int64_t>(std::ceil(static_cast<double>(height) * beta / factor)) * 32;
    bar.width = static_cast<int64_t>(std::ceil(static_cast<double>(width) * beta / factor)) * 32;
  }
  return bar;
}

// Python: floats are doubles, round() takes halves to even (checked here with the FPU's own
// rounding), floors are held at one factor.
Sides TransformersProcessor(int64_t height, int64_t width) {
  const int64_t factor = 32, min_pixels = 65'536, max_pixels = 16'777'216;
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  const auto rounded = [](double x) { return static_cast<int64_t>(std::rint(x)); };
  const double h = static_cast<double>(height), w = static_cast<double>(width);
  Sides bar{rounded(h / factor) * factor, rounded(w / factor) * factor};
  if (bar.height * bar.width > max_pixels) {
    const double beta = std::sqrt((h * w) / max_pixels);
    bar.height = std::max(factor, static_cast<int64_t>(std::floor(h / beta / factor)) * factor);
    bar.width = std::max(factor, static_cast<int64_t>(std::floor(w / beta / factor)) * factor);
  } else if (bar.height * bar.width < min_pixels) {
    const double beta = std::sqrt(min_pixels / (h * w));
    bar.height = static_cast<int64_t>(std::ceil(h * beta / factor)) * factor;
    bar.width = static_cast<int64_t>(std::ceil(w * beta / factor)) * factor;
  }
  return bar;
}

// C++: float, std::round takes halves away from zero, sides are held at one factor.
Sides LlamaServer(int64_t height, int64_t width, int min_tokens, int max_tokens) {
  const int f = 32;
  const int min_pixels = min_tokens * f * f, max_pixels = max_tokens * f * f;
  const int ih = static_cast<int>(height), iw = static_cast<int>(width);
  const auto away = [&](float x) { return static_cast<int>(std::round(x / f)) * f; };
  const auto up = [&](float x) { return static_cast<int>(std::ceil(x / f)) * f; };
  const auto down = [&](float x) { return static_cast<int>(std::floor(x / f)) * f; };
  int h = std::max(f, away(static_cast<float>(ih)));
  int w = std::max(f, away(static_cast<float>(iw)));
  if (static_cast<int64_t>(h) * w > max_pixels) {
    const float beta = std::sqrt(static_cast<float>(ih * iw) / static_cast<float>(max_pixels));
    h = std::max(f, down(static_cast<float>(ih) / beta));
    w = std::max(f, down(static_cast<float>(iw) / beta));
  } else if (static_cast<int64_t>(h) * w < min_pixels) {
    const float beta = std::sqrt(static_cast<float>(min_pixels) / static_cast<float>(ih * iw));
    h = up(static_cast<float>(ih) * beta);
    w = up(static_cast<float>(iw) * beta);
  }
  return {h, w};
}

Sides Reference(Engine engine, OutputSize size) {
  switch (engine) {
    case Engine::kOllamaLegacy:
      return OllamaOwnEngine(size.height_px, size.width_px);
    case Engine::kHuggingFace:
      return TransformersProcessor(size.height_px, size.width_px);
    case Engine::kOllamaCurrent:
      return LlamaServer(size.height_px, size.width_px, 1024, 4096);
    case Engine::kLlamaCpp:
      return LlamaServer(size.height_px, size.width_px, 8, 4096);
  }
  return {};
}

uint32_t Predicted(Engine engine, const PromptTokens& tokens) {
  switch (engine) {
    case Engine::kOllamaLegacy:
      return tokens.ollama_legacy;
    case Engine::kHuggingFace:
      return tokens.hugging_face;
    case Engine::kOllamaCurrent:
      return tokens.ollama_current;
    case Engine::kLlamaCpp:
      return tokens.llama_cpp;
  }
  return 0;
}

// Sides of all magnitudes, shapes up to 200:1, with grid sizes and half cells more often than
// chance brings them.
OutputSize RandomSize(testing::Random& random, uint32_t shortest) {
  while (true) {
    const auto side = [&] {
      const auto px = static_cast<uint32_t>(std::exp(random.Between(0, std::log(12'000.0))));
      const uint32_t kind = random.Below(8);
      if (kind == 0) return (px / 32 + 1) * 32;
      if (kind == 1) return px / 32 * 32 + 16;
      return px + 1;
    };
    const OutputSize size{side(), side()};
    const auto [low, high] = std::minmax(size.width_px, size.height_px);
    if (low >= shortest && high <= low * 200 && uint64_t{low} * high <= 200'000'000) return size;
  }
}

std::string Name(OutputSize size) {
  return std::to_string(size.width_px) + "x" + std::to_string(size.height_px);
}

class EngineFitPropertyTest : public ::testing::TestWithParam<Engine> {};

TEST_P(EngineFitPropertyTest, TheEngineLeavesEveryResultAloneAtThePredictedTokens) {
  const Engine engine = GetParam();
  testing::Random random(20'260);
  for (int i = 0; i < 100'000; ++i) {
    const OutputSize picture = RandomSize(random, 1);
    const uint32_t max_side_px = i % 2 == 0 ? 768 : 32 + random.Below(4065);
    const SizePlan plan = PlanSize(picture, EngineFit{engine}, max_side_px);
    const Sides after = Reference(engine, plan.canvas);
    ASSERT_EQ(after.width, plan.canvas.width_px) << Name(picture) << " in " << max_side_px;
    ASSERT_EQ(after.height, plan.canvas.height_px) << Name(picture) << " in " << max_side_px;
    ASSERT_EQ(plan.content, (Placement{0, 0, plan.canvas.width_px, plan.canvas.height_px}));
    ASSERT_EQ(Predicted(engine, PredictPromptTokens(plan.canvas)),
              (after.width / 32) * (after.height / 32) + 2)
        << Name(picture);
  }
}

TEST_P(EngineFitPropertyTest, TokensOfAnySizeArePredictedAsTheEngineCounts) {
  const Engine engine = GetParam();
  testing::Random random(20'261);
  for (int i = 0; i < 100'000; ++i) {
    const OutputSize picture = RandomSize(random, engine == Engine::kOllamaLegacy ? 32 : 1);
    const Sides after = Reference(engine, picture);
    ASSERT_EQ(Predicted(engine, PredictPromptTokens(picture)),
              (after.width / 32) * (after.height / 32) + 2)
        << Name(picture);
  }
}

TEST_P(EngineFitPropertyTest, NoResultCostsMoreThanTheFittedPictureItself) {
  const Engine engine = GetParam();
  testing::Random random(20'262);
  for (int i = 0; i < 20'000; ++i) {
    const OutputSize picture = RandomSize(random, 32);
    const OutputSize fitted = FitWithin(picture.width_px, picture.height_px, 768);
    const Sides theirs = Reference(engine, fitted);
    const OutputSize ours = PlanSize(picture, EngineFit{engine}, 768).canvas;
    ASSERT_LE(CellsOf(ours), (theirs.width / 32) * (theirs.height / 32)) << Name(picture);
  }
}

INSTANTIATE_TEST_SUITE_P(AllEngines, EngineFitPropertyTest, ::testing::ValuesIn(kEngines),
                         [](const auto& instance) {
                           std::string name(EngineName(instance.param));
                           name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
                           return name;
                         });

}  // namespace
}  // namespace tessera::preprocess
