// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/resample/resample_kernels.h"

#include <algorithm>

namespace tessera::preprocess {
namespace {

constexpr int kRowShift = kWeightBits - kFractionBits;
constexpr int kColumnShift = kWeightBits + kFractionBits;

void SumRows(const uint8_t* const* rows, const int16_t* weights, size_t taps, size_t samples,
             int16_t* out) {
  for (size_t start = 0; start < samples; start += kRowBlock) {
    int32_t sums[kRowBlock];
    std::fill_n(sums, kRowBlock, 1 << (kRowShift - 1));
    for (size_t k = 0; k < taps; ++k) {
      const uint8_t* row = rows[k] + start;
      const int32_t weight = weights[k];
      for (size_t i = 0; i < kRowBlock; ++i) sums[i] += weight * row[i];
    }
    for (size_t i = 0; i < kRowBlock; ++i) {
      out[start + i] =
          static_cast<int16_t>(std::clamp<int32_t>(sums[i] >> kRowShift, INT16_MIN, INT16_MAX));
    }
  }
}

void SumColumns(const int16_t* in, const ResampleWeights& weights, uint8_t* out) {
  const int32_t start = weights.bias + (1 << (kColumnShift - 1));
  for (size_t i = 0; i < weights.first.size(); ++i) {
    const int16_t* from = in + weights.first[i];
    const int16_t* weight = weights.For(static_cast<uint32_t>(i));
    int32_t sum = start;
    for (uint32_t k = 0; k < weights.taps[i]; ++k) sum += from[k] * weight[k];
    out[i] = static_cast<uint8_t>(std::clamp(sum >> kColumnShift, 0, 255));
  }
}

void SplitChannels(const int16_t* in, size_t pixels, size_t channels, size_t stride, int16_t* out) {
  for (size_t c = 0; c < channels; ++c) {
    const int16_t* from = in + c;
    int16_t* to = out + c * stride;
    for (size_t x = 0; x < pixels; ++x, from += channels) to[x] = *from;
  }
}

}  // namespace

const ResampleKernels& PortableKernels() {
  static constexpr ResampleKernels kKernels = {SumRows, SumColumns, SplitChannels};
  return kKernels;
}

const ResampleKernels& BestKernels() {
  static const ResampleKernels& best = VnniKernels() != nullptr   ? *VnniKernels()
                                       : Avx2Kernels() != nullptr ? *Avx2Kernels()
                                                                  : PortableKernels();
  return best;
}

}  // namespace tessera::preprocess
