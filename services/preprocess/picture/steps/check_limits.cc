// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {

absl::Status CheckLimits(Work& work) {
  const SourceInfo& source = work.result.source;
  const bool frames_build_on_each_other =
      source.format == PictureFormat::kGif || source.format == PictureFormat::kWebp;
  const uint64_t decoded_frames = frames_build_on_each_other ? work.options.frame + 1ull : 1;
  if (source.Pixels() > work.limits.max_pixels / decoded_frames) {
    return TooManyPixelsError(source.width_px, source.height_px, decoded_frames,
                              work.limits.max_pixels);
  }
  const auto [short_side, long_side] = std::minmax(source.width_px, source.height_px);
  if (long_side > uint64_t{short_side} * work.limits.max_aspect_ratio) {
    return AspectExtremeError(source.width_px, source.height_px, work.limits.max_aspect_ratio);
  }
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
