// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_HEADER_PEEK_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_HEADER_PEEK_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/preprocess/picture/picture_format.h"
#include "services/preprocess/picture/picture_limits.h"

namespace tessera::preprocess {

// What the first bytes of a file claim about its picture, found in microseconds without a decoder.
struct HeaderPeek {
  PictureFormat format = PictureFormat::kJpeg;
  // 0 when these bytes do not tell.
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  // Progressive JPEG or interlaced PNG: the whole picture must be held in memory to decode it.
  bool progressive = false;
  // Samples of all components for each pixel of a JPEG: 1.5 where both sides of the colours are
  // halved.
  double samples_per_pixel = 3;
  // Whether the decoder reads the sides from the same bytes, so that a claim that is too large is
  // reason enough to refuse the file.
  bool binding = false;

  uint64_t Pixels() const { return uint64_t{width_px} * height_px; }
};

// Reads what there is of `first_bytes`, a file or its beginning. Errors as SniffFormat.
absl::StatusOr<HeaderPeek> PeekHeader(std::string_view first_bytes);

// Refuses what PicturePreparer would refuse as well once it had the whole file:
// IMAGE_TOO_MANY_PIXELS, IMAGE_ASPECT_EXTREME. OK says nothing.
absl::Status CheckPeek(const HeaderPeek& peek, const PictureLimits& limits);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_HEADER_PEEK_H_
