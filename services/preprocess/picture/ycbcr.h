// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_YCBCR_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_YCBCR_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "services/preprocess/picture/picture_options.h"

namespace tessera::preprocess {

// Full-range BT.601, as JFIF defines it.
inline std::array<uint8_t, 3> ToYcbcr(const Rgb& rgb) {
  const double y = 0.299 * rgb.red + 0.587 * rgb.green + 0.114 * rgb.blue;
  const auto sample = [](double value) {
    return static_cast<uint8_t>(std::clamp<long>(std::lround(value), 0, 255));
  };
  return {sample(y), sample(128 + (rgb.blue - y) / 1.772), sample(128 + (rgb.red - y) / 1.402)};
}

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_YCBCR_H_
