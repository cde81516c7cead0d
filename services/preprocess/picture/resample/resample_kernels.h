// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of the resampler. Every version computes the same integers: a picture has
// one digest, whatever processor it was prepared on.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_RESAMPLE_KERNELS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_RESAMPLE_KERNELS_H_

#include <cstddef>
#include <cstdint>

#include "services/preprocess/picture/resample/lanczos_weights.h"

namespace tessera::preprocess {

// Between the two passes samples are 1/64 steps, so that rounding happens once.
inline constexpr int kFractionBits = 6;

// Source rows and intermediate rows must be readable and writable up to a multiple of this many
// samples, and intermediate rows for one more block behind that.
inline constexpr size_t kRowBlock = 32;

struct ResampleKernels {
  // Sums `taps` rows into one: out[x] = sum of weights[k] * rows[k][x], in 1/64 steps.
  // `taps` is even; `samples` a multiple of kRowBlock.
  void (*sum_rows)(const uint8_t* const* rows, const int16_t* weights, size_t taps, size_t samples,
                   int16_t* out);
  // One row to its final width: out[i] = weights.bias + sum of weights.For(i)[k] *
  // in[weights.first[i] + k].
  void (*sum_columns)(const int16_t* in, const ResampleWeights& weights, uint8_t* out);
  // Takes interleaved pixels of 2, 3 or 4 channels apart: out[c * stride + x] = in[x * channels +
  // c]. May read and write up to a kRowBlock beyond the last pixel.
  void (*split_channels)(const int16_t* in, size_t pixels, size_t channels, size_t stride,
                         int16_t* out);
};

// Plain C++, for every processor.
const ResampleKernels& PortableKernels();

// Null when this processor, or the one this was compiled for, has no AVX2.
const ResampleKernels* Avx2Kernels();

// Null when this processor, or the one this was compiled for, has no AVX-512 with VNNI.
const ResampleKernels* VnniKernels();

// The fastest that this processor can run; decided once.
const ResampleKernels& BestKernels();

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_RESAMPLE_KERNELS_H_
