// SPDX-License-Identifier: Apache-2.0
//
// The inner loop of the tensor that everybody wants: interleaved 8-bit RGB to planes of floats.
// Every version computes the same floats.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_PLANE_KERNELS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_PLANE_KERNELS_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace tessera::preprocess {

// (sample / 255 - mean) / std for every sample of one channel, computed once in double precision
// and rounded once.
struct Normalisation {
  // float(fma(sample, scale, offset)) is the value of each sample.
  double scale = 1;
  double offset = 0;
  std::array<float, 256> values = {};
};

Normalisation MakeNormalisation(float mean, float std);

// out[i] = normalised rgb[3 * i + channel] for i in [0, pixels).
using PlaneKernel = void (*)(const uint8_t* rgb, int channel, size_t pixels,
                             const Normalisation& normalisation, float* out);

// Plain C++, for every processor.
void PortablePlane(const uint8_t* rgb, int channel, size_t pixels,
                   const Normalisation& normalisation, float* out);

// Null when this processor, or the one this was compiled for, has no AVX2 and FMA.
PlaneKernel Avx2Plane();

// The fastest that this processor can run; decided once.
PlaneKernel BestPlane();

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_PLANE_KERNELS_H_
