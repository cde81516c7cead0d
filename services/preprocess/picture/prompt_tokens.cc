// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/prompt_tokens.h"

#include <algorithm>
#include <cmath>

namespace tessera::preprocess {
namespace {

constexpr uint32_t kGridPx = 32;
constexpr uint32_t kMarkerTokens = 2;

// The rule both generations share. `Real` is the precision the engine computes in: it decides
// whether 1280x720 becomes 24 or 25 rows. `round` is how the engine rounds halves.
template <typename Real, typename Round>
EngineSize SmartResize(uint32_t width_px, uint32_t height_px, uint64_t min_pixels,
                       uint64_t max_pixels, Round round) {
  const Real width = static_cast<Real>(width_px);
  const Real height = static_cast<Real>(height_px);
  const Real area = width * height;
  const auto on_grid = [](Real cells) {
    return kGridPx * std::max<uint32_t>(1, static_cast<uint32_t>(cells));
  };
  EngineSize size{on_grid(round(width / kGridPx)), on_grid(round(height / kGridPx))};
  const uint64_t pixels = uint64_t{size.width_px} * size.height_px;
  if (pixels > max_pixels) {
    const Real beta = std::sqrt(area / static_cast<Real>(max_pixels));
    size = {on_grid(std::floor(width / beta / kGridPx)),
            on_grid(std::floor(height / beta / kGridPx))};
  } else if (pixels < min_pixels) {
    const Real beta = std::sqrt(static_cast<Real>(min_pixels) / area);
    size = {on_grid(std::ceil(width * beta / kGridPx)),
            on_grid(std::ceil(height * beta / kGridPx))};
  }
  return size;
}

uint32_t Tokens(const EngineSize& size) {
  return (size.width_px / kGridPx) * (size.height_px / kGridPx) + kMarkerTokens;
}

}  // namespace

EngineSize OllamaLegacySize(uint32_t width_px, uint32_t height_px) {
  // nearbyint rounds halves to even unless somebody changed the rounding mode.
  return SmartResize<double>(width_px, height_px, 65'536, 2'097'152,
                             [](double cells) { return std::nearbyint(cells); });
}

EngineSize OllamaCurrentSize(uint32_t width_px, uint32_t height_px) {
  return SmartResize<float>(width_px, height_px, 1'048'576, 4'194'304,
                            [](float cells) { return std::round(cells); });
}

PromptTokens PredictPromptTokens(uint32_t width_px, uint32_t height_px) {
  return {.ollama_legacy = Tokens(OllamaLegacySize(width_px, height_px)),
          .ollama_current = Tokens(OllamaCurrentSize(width_px, height_px))};
}

}  // namespace tessera::preprocess
