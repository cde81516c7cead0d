// SPDX-License-Identifier: Apache-2.0
//
// Pixels as numbers for a model: which type, in which order, normalised how.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_TENSOR_SPEC_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_TENSOR_SPEC_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/preprocess/picture/output_size.h"

namespace tessera::preprocess {

enum class TensorType {
  kU8,    // The sample itself, 0 to 255; mean and std do not apply.
  kF16,   // IEEE 754 half precision.
  kBf16,  // The upper half of a float.
  kF32,
};

enum class TensorLayout {
  kNchw,         // [1, 3, height, width]: one plane after the other.
  kNhwc,         // [1, height, width, 3]: pixel by pixel.
  kQwenPatches,  // [patches, values of one patch] as the Qwen-VL processors flatten them.
};

// How Qwen-VL processors cut a picture into patches.
struct PatchShape {
  uint32_t patch_px = 16;  // Side of a patch. Range [2, 64].
  uint32_t merge = 2;      // merge x merge patches lie together in the order. Range [1, 8].
  uint32_t temporal = 2;   // The one frame is repeated this often. Range [1, 4].
};

struct TensorSpec {
  TensorType type = TensorType::kF32;
  TensorLayout layout = TensorLayout::kNchw;
  // value = (sample / 255 - mean) / std, per channel. Range [-100, 100]; std [1e-6, 100].
  std::array<float, 3> mean = {0.5f, 0.5f, 0.5f};
  std::array<float, 3> std = {0.5f, 0.5f, 0.5f};
  PatchShape patches = {};
};

// Bytes of one value.
uint32_t ValueBytes(TensorType type);

// "u8", "f16", "bf16", "f32".
std::string_view TensorTypeName(TensorType type);

// OK, or InvalidField for the first field out of range; `prefix` goes before its name.
absl::Status Validate(const TensorSpec& spec, std::string_view prefix = "");

// Whether a picture of these sides can be laid out so: FIELD_INVALID when it cannot be cut into
// whole groups of patches.
absl::Status CheckSides(const TensorSpec& spec, OutputSize sides);

// The dimensions for a picture of these sides, outermost first.
std::vector<uint64_t> TensorShape(const TensorSpec& spec, OutputSize sides);

uint64_t TensorBytes(const TensorSpec& spec, OutputSize sides);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_TENSOR_SPEC_H_
