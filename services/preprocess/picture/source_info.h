// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_SOURCE_INFO_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_SOURCE_INFO_H_

#include <cstdint>
#include <string_view>

#include "services/preprocess/picture/picture_format.h"

namespace tessera::preprocess {

enum class ColorSpace { kGray, kRgb, kCmyk, kLab, kOther };

// "gray", "rgb", "cmyk", "lab", "other": fit for a metric label.
std::string_view ColorSpaceName(ColorSpace color_space);

// What the file says about its picture. Filled from the header, before any pixel.
struct SourceInfo {
  PictureFormat format = PictureFormat::kJpeg;
  uint64_t file_bytes = 0;

  // Sides of one frame as the pixels are stored, so before `orientation` is applied. AVIF and HEIC
  // are the exception: their rotation is part of decoding, so these are the upright sides and
  // `orientation` is 1.
  uint32_t width_px = 0;
  uint32_t height_px = 0;

  // EXIF orientation, 1 (upright) to 8.
  int orientation = 1;

  ColorSpace color_space = ColorSpace::kRgb;
  int channels = 0;          // With alpha, if there is any.
  int bits_per_channel = 8;  // As decoded: 8, 16 or 32. Palettes and 1, 2, 4 bits decode to 8.
  bool has_alpha = false;
  bool has_icc_profile = false;

  // Frames of an animation, pages of a TIFF, pictures of a HEIF file.
  uint32_t frames = 1;

  // Progressive JPEG or interlaced PNG: the whole picture must be held in memory to decode it.
  bool progressive = false;

  uint64_t Pixels() const { return uint64_t{width_px} * height_px; }
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_SOURCE_INFO_H_
