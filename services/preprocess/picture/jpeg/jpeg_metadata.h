// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_METADATA_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_METADATA_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tessera::preprocess {

// What the segments before the pixels of a JPEG say about how to show them.
struct JpegMetadata {
  int orientation = 1;  // EXIF, 1 to 8.
  // Put together from its parts; empty when there is none or a part is missing.
  std::string icc_profile;
  // What there is of a profile, whole or not; 0 when there is none.
  size_t icc_profile_bytes = 0;
};

// Skips everything else: thumbnails, gain maps and texts are not looked at. A profile of more than
// `max_profile_bytes` is left out.
JpegMetadata ReadJpegMetadata(std::string_view file, size_t max_profile_bytes);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_METADATA_H_
