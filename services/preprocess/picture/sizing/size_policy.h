// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_SIZE_POLICY_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_SIZE_POLICY_H_

#include <cstdint>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "services/preprocess/picture/sizing/engine_rule.h"

namespace tessera::preprocess {

// No side longer than PictureOptions::max_side_px, never enlarged; the shape is kept to the nearest
// pixel.
struct FitWithinSide {};

// What `engine` would make of the picture fitted within PictureOptions::max_side_px, so that the
// engine leaves it as it is. Enlarges where the engine would.
struct EngineFit {
  Engine engine = Engine::kOllamaLegacy;
};

// The picture at its own size on the grid, changed as little as possible to have this many cells.
// Range 1 <= min_cells <= max_cells <= 16,384.
struct TokenBudget {
  uint32_t min_cells = 1;
  uint32_t max_cells = 1;
};

// Given sides, in pixels. Range [32, 4096] each.
struct ExactSize {
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  // Whether the shape may change; otherwise the rest is filled with the background.
  bool stretch = false;
};

using SizePolicy = std::variant<FitWithinSide, EngineFit, TokenBudget, ExactSize>;

// "fit-within", "engine-fit", "token-budget", "exact": fit for a metric label.
std::string_view SizePolicyName(const SizePolicy& policy);

// OK, or InvalidField for the first field out of range; `prefix` goes before its name.
absl::Status Validate(const SizePolicy& policy, std::string_view prefix = "");

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_SIZING_SIZE_POLICY_H_
