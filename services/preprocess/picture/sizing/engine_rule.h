// SPDX-License-Identifier: Apache-2.0
//
// How the engines resize a picture for the qwen3-vl family, and what it then costs in the prompt.
//
// Every engine brings a picture to multiples of 32 pixels within bounds of its own and spends one
// token per 32x32 pixels, plus two markers around the picture. They differ in bounds, in how they
// round halves and in the precision of their arithmetic; each is imitated exactly.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_ENGINE_RULE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_ENGINE_RULE_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "services/preprocess/picture/output_size.h"

namespace tessera::preprocess {

// Side of the square of pixels that one token stands for.
inline constexpr uint32_t kCellPx = 32;
// Tokens around the cells of a picture.
inline constexpr uint32_t kMarkerTokens = 2;

enum class Engine {
  kOllamaLegacy,   // Ollama 0.12.7 to 0.24: its own engine.
  kOllamaCurrent,  // Ollama 0.30 and later: llama-server with at least 1,024 cells.
  kHuggingFace,    // The Qwen3-VL processor of transformers.
  kLlamaCpp,       // llama-server with its default bounds.
};

inline constexpr std::array<Engine, 4> kEngines = {Engine::kOllamaLegacy, Engine::kOllamaCurrent,
                                                   Engine::kHuggingFace, Engine::kLlamaCpp};

// "ollama-legacy", "ollama-current", "hugging-face", "llama-cpp".
std::string_view EngineName(Engine engine);

// The fewest and the most cells an engine gives to one picture.
struct CellBounds {
  uint32_t min = 1;
  uint32_t max = 1;
};

CellBounds BoundsOf(Engine engine);

// Cells of a picture whose sides are multiples of kCellPx.
constexpr uint32_t CellsOf(OutputSize size) {
  return (size.width_px / kCellPx) * (size.height_px / kCellPx);
}

// The sides to which `engine` resizes a picture before it looks at it. Both sides must be >= 1.
// Ollama's own engine crashes on a side below 32 px; the answer for those is what its rule says.
OutputSize SizeInEngine(Engine engine, OutputSize picture);

// What one picture costs in the prompt, markers included, by engine.
struct PromptTokens {
  uint32_t ollama_legacy = 0;
  uint32_t ollama_current = 0;
  uint32_t hugging_face = 0;
  uint32_t llama_cpp = 0;

  friend bool operator==(const PromptTokens&, const PromptTokens&) = default;
};

// Both sides must be >= 1.
PromptTokens PredictPromptTokens(OutputSize picture);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_ENGINE_RULE_H_
