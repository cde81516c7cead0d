// SPDX-License-Identifier: Apache-2.0
//
// What a picture file may ask of this process. Everything here is checked on what the decoder
// reports about the header, before one pixel is decoded.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_LIMITS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_LIMITS_H_

#include <cstdint>

#include "absl/status/status.h"

namespace tessera::preprocess {

// A side shorter than this is padded with the background: some engines crash on smaller pictures.
inline constexpr uint32_t kMinPreparedSidePx = 32;

struct PictureLimits {
  // Size of the file. Range [1 KiB, 256 MiB].
  uint64_t max_file_bytes = 32ull << 20;

  // Width times height of one frame, and of all frames that must be decoded to reach the one
  // asked for (an animated GIF or WebP is a chain of differences). Range [1, 500,000,000].
  uint64_t max_pixels = 50'000'000;

  // Long side divided by short side. Range [1, 200]: engines refuse or crash beyond 200.
  uint32_t max_aspect_ratio = 200;
};

// OK, or InvalidField for the first limit out of range.
absl::Status Validate(const PictureLimits& limits);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_LIMITS_H_
