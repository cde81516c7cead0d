// SPDX-License-Identifier: Apache-2.0
//
// How much each source sample counts for each target sample, for one direction of a resize.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_LANCZOS_WEIGHTS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_LANCZOS_WEIGHTS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "services/preprocess/picture/resample/resize_filter.h"

namespace tessera::preprocess {

// Weights are integers that sum to exactly 1 << kWeightBits for each target sample (to a little
// more where a video range is stretched): flat areas stay flat, and every machine computes the
// same.
inline constexpr int kWeightBits = 14;

// What the samples 0 to 255 stand for. Video formats leave room at both ends: black is 16, white is
// 235, and chroma reaches from 16 to 240. Full range comes out, whatever goes in.
enum class SampleRange { kFull, kVideoLuma, kVideoChroma };

// One direction of one plane.
struct ResampleSpan {
  // Samples there are, and the part of them that the picture covers (see PlaneShape).
  uint32_t source_samples = 0;
  double source_extent = 0;
  uint32_t target_samples = 0;
  // The samples are half as dense as the picture: they count as if they had first been doubled
  // with the 3:1 filter that JPEG viewers use. Folded into the weights, it costs nothing.
  bool half_density = false;
  // Set for one direction only. The stretching is folded into the weights as well.
  SampleRange range = SampleRange::kFull;
  ResizeFilter filter = ResizeFilter::kLanczos3;

  friend auto operator<=>(const ResampleSpan&, const ResampleSpan&) = default;
};

struct ResampleWeights {
  // Every target sample has room for this many weights, a multiple of 16; unused ones are zero.
  uint32_t stride = 0;
  // The most source samples that any target sample really uses.
  uint32_t max_taps = 0;
  // Per target sample: the first source sample, and how many count from there.
  std::vector<uint32_t> first;
  std::vector<uint32_t> taps;
  std::vector<int16_t> weights;
  // To be added to every target sample, in steps of 1 / (64 << kWeightBits).
  int32_t bias = 0;

  const int16_t* For(uint32_t target) const { return weights.data() + size_t{target} * stride; }
};

// The filter stretched to the scale when shrinking (as Pillow defines it); the identity when
// nothing is to be resized.
ResampleWeights MakeLanczosWeights(const ResampleSpan& span);

// The same from a cache of the most recent spans, shared by all threads: computing the sines costs
// a millisecond, and cameras produce few sizes. Thread-safe. Never null.
std::shared_ptr<const ResampleWeights> CachedLanczosWeights(const ResampleSpan& span);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_LANCZOS_WEIGHTS_H_
