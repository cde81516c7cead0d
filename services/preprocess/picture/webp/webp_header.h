// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_HEADER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_HEADER_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera::preprocess {

// What a WebP file with one still picture says before its pixels. The view points into the file.
struct WebpHeader {
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  bool has_alpha = false;
  bool lossless = false;
  int orientation = 1;  // EXIF, 1 to 8.
  std::string_view icc_profile;
};

// Nothing when the file is animated, damaged, or cut before its pixels.
std::optional<WebpHeader> ReadStillWebpHeader(std::string_view file);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_HEADER_H_
