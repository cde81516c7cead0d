// SPDX-License-Identifier: Apache-2.0
//
// How many prompt tokens a picture costs in the qwen3-vl family, predicted from its sides.
//
// The engines resize every picture to a multiple of 32 pixels within bounds of their own and spend
// one token per 32x32 pixels, plus two markers around the picture. Two generations of Ollama differ
// in bounds, in rounding and in the precision of their arithmetic; all three are imitated here.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PROMPT_TOKENS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PROMPT_TOKENS_H_

#include <cstdint>

namespace tessera::preprocess {

struct PromptTokens {
  // Ollama 0.12.7 to 0.24: 65,536 to 2,097,152 pixels, halves rounded to even.
  uint32_t ollama_legacy = 0;
  // Ollama 0.30 and later: 1,048,576 to 4,194,304 pixels, halves rounded away from zero.
  uint32_t ollama_current = 0;

  friend bool operator==(const PromptTokens&, const PromptTokens&) = default;
};

// The sides to which an engine resizes a picture before it looks at it.
struct EngineSize {
  uint32_t width_px = 0;
  uint32_t height_px = 0;

  friend bool operator==(const EngineSize&, const EngineSize&) = default;
};

// Both sides must be >= 1.
EngineSize OllamaLegacySize(uint32_t width_px, uint32_t height_px);
EngineSize OllamaCurrentSize(uint32_t width_px, uint32_t height_px);
PromptTokens PredictPromptTokens(uint32_t width_px, uint32_t height_px);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PROMPT_TOKENS_H_
