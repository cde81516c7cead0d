// SPDX-License-Identifier: Apache-2.0
//
// What a caller may choose about one prepared picture.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_OPTIONS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_OPTIONS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "services/preprocess/picture/resample/resize_filter.h"
#include "services/preprocess/picture/sizing/size_policy.h"
#include "services/preprocess/picture/tensor/tensor_spec.h"

namespace tessera::preprocess {

// How the prepared pixels are written down.
enum class PictureEncoding {
  kJpeg,  // Baseline JPEG, YCbCr 4:4:4, no metadata. What engines read fastest.
  kPng,   // 8-bit RGB PNG, no metadata. Lossless, several times larger and slower.
};

// "jpeg" or "png".
std::string_view EncodingName(PictureEncoding encoding);

// "image/jpeg" or "image/png".
std::string_view EncodingMediaType(PictureEncoding encoding);

// An sRGB colour.
struct Rgb {
  uint8_t red = 255;
  uint8_t green = 255;
  uint8_t blue = 255;

  friend bool operator==(const Rgb&, const Rgb&) = default;
};

struct PictureOptions {
  // For FitWithinSide and EngineFit. Range [1, 4096] px.
  uint32_t max_side_px = 768;

  // How the sides of the result are chosen.
  SizePolicy size = FitWithinSide{};

  // What shows through transparent pixels and fills padding.
  Rgb background;

  PictureEncoding encoding = PictureEncoding::kJpeg;

  // JPEG only. Range [1, 100]; 92 is visually lossless and what the engines were measured with.
  uint32_t jpeg_quality = 92;

  // Which frame of an animation, or page of a TIFF, counted from 0.
  uint32_t frame = 0;

  // kBicubic works on the picture at full size: no decoder reduces it beforehand.
  ResizeFilter filter = ResizeFilter::kLanczos3;

  // Asks for pixels, which a TensorWriter turns into numbers, instead of an encoded file.
  std::optional<TensorSpec> tensor;
  uint64_t max_tensor_bytes = std::numeric_limits<uint64_t>::max();
};

// OK, or InvalidField for the first field out of range.
absl::Status Validate(const PictureOptions& options);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_OPTIONS_H_
