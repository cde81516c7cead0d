// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/sizing/engine_rule.h"

#include <algorithm>
#include <cmath>

namespace tessera::preprocess {
namespace {

constexpr uint32_t kCellPixels = kCellPx * kCellPx;

// The rule all engines share. `Real` is the precision the engine computes in: it decides whether
// 1280x720 becomes 24 or 25 rows. `round` is how the engine rounds a side to cells: halves one way
// or the other, and a side of less than half a cell to none or to one.
template <typename Real, typename Round>
OutputSize SmartResize(OutputSize picture, CellBounds bounds, Round round) {
  const uint64_t min_pixels = uint64_t{bounds.min} * kCellPixels;
  const uint64_t max_pixels = uint64_t{bounds.max} * kCellPixels;
  const Real width = static_cast<Real>(picture.width_px);
  const Real height = static_cast<Real>(picture.height_px);
  const Real area = width * height;
  const auto on_grid = [](Real cells) {
    return kCellPx * std::max<uint32_t>(1, static_cast<uint32_t>(cells));
  };
  const Real columns = round(width / kCellPx);
  const Real rows = round(height / kCellPx);
  const uint64_t pixels =
      static_cast<uint64_t>(columns) * static_cast<uint64_t>(rows) * kCellPixels;
  if (pixels > max_pixels) {
    const Real beta = std::sqrt(area / static_cast<Real>(max_pixels));
    return {on_grid(std::floor(width / beta / kCellPx)),
            on_grid(std::floor(height / beta / kCellPx))};
  }
  if (pixels < min_pixels) {
    const Real beta = std::sqrt(static_cast<Real>(min_pixels) / area);
    return {on_grid(std::ceil(width * beta / kCellPx)),
            on_grid(std::ceil(height * beta / kCellPx))};
  }
  return {on_grid(columns), on_grid(rows)};
}

}  // namespace

std::string_view EngineName(Engine engine) {
  switch (engine) {
    case Engine::kOllamaLegacy:
      return "ollama-legacy";
    case Engine::kOllamaCurrent:
      return "ollama-current";
    case Engine::kHuggingFace:
      return "hugging-face";
    case Engine::kLlamaCpp:
      return "llama-cpp";
  }
  return "";
}

CellBounds BoundsOf(Engine engine) {
  switch (engine) {
    case Engine::kOllamaLegacy:
      return {64, 2048};
    case Engine::kOllamaCurrent:
      return {1024, 4096};
    case Engine::kHuggingFace:
      return {64, 16384};
    case Engine::kLlamaCpp:
      return {8, 4096};
  }
  return {};
}

OutputSize SizeInEngine(Engine engine, OutputSize picture) {
  switch (engine) {
    case Engine::kOllamaLegacy:
    case Engine::kHuggingFace:
      // nearbyint rounds halves to even unless somebody changed the rounding mode.
      return SmartResize<double>(picture, BoundsOf(engine),
                                 [](double cells) { return std::nearbyint(cells); });
    case Engine::kOllamaCurrent:
    case Engine::kLlamaCpp:
      return SmartResize<float>(picture, BoundsOf(engine),
                                [](float cells) { return std::max(1.0f, std::round(cells)); });
  }
  return picture;
}

PromptTokens PredictPromptTokens(OutputSize picture) {
  const auto tokens = [picture](Engine engine) {
    return CellsOf(SizeInEngine(engine, picture)) + kMarkerTokens;
  };
  return {.ollama_legacy = tokens(Engine::kOllamaLegacy),
          .ollama_current = tokens(Engine::kOllamaCurrent),
          .hugging_face = tokens(Engine::kHuggingFace),
          .llama_cpp = tokens(Engine::kLlamaCpp)};
}

}  // namespace tessera::preprocess
