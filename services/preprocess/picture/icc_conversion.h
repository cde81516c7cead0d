// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_ICC_CONVERSION_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_ICC_CONVERSION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "services/preprocess/picture/source_info.h"

namespace tessera::preprocess {

// Pixels to be converted: gray, RGB or CMYK (0 is no ink), interleaved, without alpha.
struct ProfiledPixels {
  ColorSpace color_space = ColorSpace::kRgb;
  int bits_per_channel = 8;  // 8 or 16.
  const void* samples = nullptr;
  size_t count = 0;
};

// The pixels as 8-bit sRGB, by LittleCMS: relative colorimetric, or what the profile has instead.
// Nothing when the profile is broken or describes other colours than the pixels have: browsers
// ignore such profiles, and so do we. Thread-safe.
std::optional<std::vector<uint8_t>> ConvertByProfile(std::string_view profile,
                                                     const ProfiledPixels& pixels);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_ICC_CONVERSION_H_
