// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_RESIZE_FILTER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_RESIZE_FILTER_H_

#include <string_view>

namespace tessera::preprocess {

// Which neighbours of a pixel count how much. Both are stretched to the scale when reducing.
enum class ResizeFilter {
  kLanczos3,  // Three lobes: the sharpest.
  kBicubic,   // Cubic convolution with a = -0.5: what training pipelines use.
};

// "lanczos3" or "bicubic".
constexpr std::string_view ResizeFilterName(ResizeFilter filter) {
  return filter == ResizeFilter::kBicubic ? "bicubic" : "lanczos3";
}

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_RESIZE_FILTER_H_
