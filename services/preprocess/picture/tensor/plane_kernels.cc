// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/tensor/plane_kernels.h"

#include <cmath>

namespace tessera::preprocess {

Normalisation MakeNormalisation(float mean, float std) {
  Normalisation made{.scale = 1 / (255.0 * std), .offset = -static_cast<double>(mean) / std};
  for (size_t sample = 0; sample < made.values.size(); ++sample) {
    made.values[sample] =
        static_cast<float>(std::fma(static_cast<double>(sample), made.scale, made.offset));
  }
  return made;
}

void PortablePlane(const uint8_t* rgb, int channel, size_t pixels,
                   const Normalisation& normalisation, float* out) {
  const uint8_t* from = rgb + channel;
  for (size_t i = 0; i < pixels; ++i) out[i] = normalisation.values[from[3 * i]];
}

PlaneKernel BestPlane() {
  static const PlaneKernel best = Avx2Plane() != nullptr ? Avx2Plane() : PortablePlane;
  return best;
}

}  // namespace tessera::preprocess
