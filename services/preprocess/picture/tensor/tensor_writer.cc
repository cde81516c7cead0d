// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/tensor/tensor_writer.h"

#include <bit>
#include <type_traits>

#include "services/preprocess/picture/tensor/half_float.h"

namespace tessera::preprocess {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie");

uint64_t RowsOf(const TensorSpec& spec, OutputSize sides) {
  switch (spec.layout) {
    case TensorLayout::kNchw:
      return 3ull * sides.height_px;
    case TensorLayout::kNhwc:
      return sides.height_px;
    case TensorLayout::kQwenPatches:
      return TensorShape(spec, sides)[0];
  }
  return 1;
}

}  // namespace

TensorWriter::TensorWriter(const TensorSpec& spec, OutputSize sides)
    : spec_(spec), sides_(sides), shape_(TensorShape(spec, sides)) {
  rows_ = RowsOf(spec, sides);
  row_bytes_ = TensorBytes(spec, sides) / rows_;
  for (size_t c = 0; c < 3; ++c) {
    normalisations_[c] = MakeNormalisation(spec.mean[c], spec.std[c]);
    for (size_t sample = 0; sample < 256; ++sample) {
      const float value = normalisations_[c].values[sample];
      halves_[c][sample] = spec.type == TensorType::kBf16 ? ToBfloat16(value) : ToFloat16(value);
    }
  }
}

template <typename Value>
const std::array<Value, 256>& TensorWriter::Values(size_t c) const {
  if constexpr (std::is_same_v<Value, float>) {
    return normalisations_[c].values;
  } else if constexpr (std::is_same_v<Value, uint16_t>) {
    return halves_[c];
  } else {
    static constexpr auto kSamples = [] {
      std::array<uint8_t, 256> samples = {};
      for (size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<uint8_t>(i);
      return samples;
    }();
    return kSamples;
  }
}

template <typename Value>
void TensorWriter::WritePatch(const PixelBuffer& picture, uint64_t patch, Value* out) const {
  const uint64_t side = spec_.patches.patch_px;
  const uint64_t merge = spec_.patches.merge;
  // Patches run through each group of merge x merge before the next group begins.
  const uint64_t group = patch / (merge * merge);
  const uint64_t within = patch % (merge * merge);
  const uint64_t groups_across = sides_.width_px / (side * merge);
  const uint64_t left = (group % groups_across * merge + within % merge) * side;
  const uint64_t top = (group / groups_across * merge + within / merge) * side;
  for (size_t c = 0; c < 3; ++c) {
    const auto& values = Values<Value>(c);
    for (uint32_t frame = 0; frame < spec_.patches.temporal; ++frame) {
      for (uint64_t y = top; y < top + side; ++y) {
        const uint8_t* from = picture.Pixel(static_cast<uint32_t>(left), static_cast<uint32_t>(y));
        for (uint64_t x = 0; x < side; ++x) *out++ = values[from[3 * x + c]];
      }
    }
  }
}

template <typename Value>
void TensorWriter::WriteRows(const PixelBuffer& picture, uint64_t first, uint64_t count,
                             Value* out) const {
  const uint64_t row_values = row_bytes_ / sizeof(Value);
  for (uint64_t row = first; row < first + count; ++row, out += row_values) {
    if (spec_.layout == TensorLayout::kQwenPatches) {
      WritePatch(picture, row, out);
      continue;
    }
    const uint8_t* from = picture.Pixel(0, static_cast<uint32_t>(row % sides_.height_px));
    const size_t channel = row / sides_.height_px;
    if (spec_.layout == TensorLayout::kNhwc) {
      const std::array<Value, 256>* const values[] = {&Values<Value>(0), &Values<Value>(1),
                                                      &Values<Value>(2)};
      for (uint32_t x = 0; x < sides_.width_px; ++x) {
        for (size_t c = 0; c < 3; ++c) out[3 * x + c] = (*values[c])[from[3 * x + c]];
      }
    } else if constexpr (std::is_same_v<Value, float>) {
      BestPlane()(from, static_cast<int>(channel), sides_.width_px, normalisations_[channel], out);
    } else {
      const auto& values = Values<Value>(channel);
      for (uint32_t x = 0; x < sides_.width_px; ++x) out[x] = values[from[3 * x + channel]];
    }
  }
}

void TensorWriter::Write(const PixelBuffer& picture, uint64_t first, uint64_t count,
                         uint8_t* out) const {
  switch (spec_.type) {
    case TensorType::kU8:
      return WriteRows(picture, first, count, out);
    case TensorType::kF16:
    case TensorType::kBf16:
      return WriteRows(picture, first, count, reinterpret_cast<uint16_t*>(out));
    case TensorType::kF32:
      return WriteRows(picture, first, count, reinterpret_cast<float*>(out));
  }
}

}  // namespace tessera::preprocess
