// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/tensor/tensor_spec.h"

#include <fmt/format.h>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::preprocess {
namespace {

constexpr uint32_t kChannels = 3;

// Written so that "not a number" is outside.
template <typename T>
absl::Status InRange(std::string_view prefix, std::string_view field, T value, T low, T high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return InvalidField(fmt::format("{}{}", prefix, field),
                      fmt::format("is {}, but must be {} to {}", value, low, high));
}

}  // namespace

uint32_t ValueBytes(TensorType type) {
  switch (type) {
    case TensorType::kU8:
      return 1;
    case TensorType::kF16:
    case TensorType::kBf16:
      return 2;
    case TensorType::kF32:
      return 4;
  }
  return 4;
}

std::string_view TensorTypeName(TensorType type) {
  switch (type) {
    case TensorType::kU8:
      return "u8";
    case TensorType::kF16:
      return "f16";
    case TensorType::kBf16:
      return "bf16";
    case TensorType::kF32:
      return "f32";
  }
  return "";
}

absl::Status Validate(const TensorSpec& spec, std::string_view prefix) {
  for (uint32_t c = 0; c < kChannels; ++c) {
    TESSERA_RETURN_IF_ERROR(InRange(prefix, "mean", spec.mean[c], -100.0f, 100.0f));
    TESSERA_RETURN_IF_ERROR(InRange(prefix, "std", spec.std[c], 1e-6f, 100.0f));
  }
  const PatchShape& patches = spec.patches;
  TESSERA_RETURN_IF_ERROR(InRange(prefix, "patches.patch_px", patches.patch_px, 2u, 64u));
  TESSERA_RETURN_IF_ERROR(InRange(prefix, "patches.merge", patches.merge, 1u, 8u));
  return InRange(prefix, "patches.temporal", patches.temporal, 1u, 4u);
}

absl::Status CheckSides(const TensorSpec& spec, OutputSize sides) {
  if (spec.layout != TensorLayout::kQwenPatches) return absl::OkStatus();
  const uint32_t group_px = spec.patches.patch_px * spec.patches.merge;
  if (sides.width_px % group_px == 0 && sides.height_px % group_px == 0) return absl::OkStatus();
  return InvalidField(
      "tensor.layout",
      fmt::format("needs sides that are multiples of {} px, but the size policy makes {}x{}; "
                  "engine_fit and token_budget make multiples of 32",
                  group_px, sides.width_px, sides.height_px));
}

std::vector<uint64_t> TensorShape(const TensorSpec& spec, OutputSize sides) {
  const uint64_t width = sides.width_px;
  const uint64_t height = sides.height_px;
  switch (spec.layout) {
    case TensorLayout::kNchw:
      return {1, kChannels, height, width};
    case TensorLayout::kNhwc:
      return {1, height, width, kChannels};
    case TensorLayout::kQwenPatches: {
      const uint64_t patch = spec.patches.patch_px;
      return {width / patch * (height / patch), kChannels * spec.patches.temporal * patch * patch};
    }
  }
  return {};
}

uint64_t TensorBytes(const TensorSpec& spec, OutputSize sides) {
  uint64_t values = 1;
  for (const uint64_t dimension : TensorShape(spec, sides)) values *= dimension;
  return values * ValueBytes(spec.type);
}

}  // namespace tessera::preprocess
