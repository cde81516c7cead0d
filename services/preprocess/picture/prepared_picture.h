// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PREPARED_PICTURE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PREPARED_PICTURE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/preprocess/picture/picture_options.h"
#include "services/preprocess/picture/pixel_buffer.h"
#include "services/preprocess/picture/sizing/engine_rule.h"
#include "services/preprocess/picture/source_info.h"
#include "services/preprocess/picture/stage_times.h"
#include "services/preprocess/picture/tensor/tensor_spec.h"
#include "services/preprocess/picture/transform.h"

namespace tessera::preprocess {

// How a picture was prepared: which code ran, and at which scale.
struct PreparationPlan {
  // "libvips", or "libjpeg-turbo" on the JPEG fast path.
  std::string_view path;
  // The decoder itself halved the picture this often while decoding: 1, 2, 4 or 8 (JPEG only).
  int shrink_on_load = 1;
  // What did the rest of the resizing: "lanczos3" or "bicubic", or "none" when the size was right
  // already.
  std::string_view kernel;
};

// A picture as an engine should see it: upright, sRGB, 8 bits, opaque, no larger than asked for,
// both sides at least 32 px, without metadata.
struct PreparedPicture {
  // The encoded file; empty when a tensor was asked for.
  std::string bytes;
  PictureEncoding encoding = PictureEncoding::kJpeg;
  uint32_t width_px = 0;
  uint32_t height_px = 0;

  // When a tensor was asked for: RGB of the sides, and what to make of it.
  PixelBuffer pixels;
  std::optional<TensorSpec> tensor;

  // Lower-case hex SHA-256 of `bytes`, or of the samples of `pixels`: see pixel_digest.h.
  std::string pixel_digest;

  // Where the resized picture lies within the sides; the rest is background.
  Placement content;

  PromptTokens prompt_tokens;
  SourceInfo source;
  Transform to_source;
  PreparationPlan plan;
  StageTimes stage_times;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PREPARED_PICTURE_H_
