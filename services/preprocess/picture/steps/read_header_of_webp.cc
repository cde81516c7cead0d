// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/icc_profile.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {

absl::Status ReadHeaderOfWebp(Work& work) {
  const WebpHeader& webp = *work.webp;
  SourceInfo& source = work.result.source;
  source.width_px = webp.width_px;
  source.height_px = webp.height_px;
  source.channels = webp.has_alpha ? 4 : 3;
  source.has_alpha = webp.has_alpha;
  source.color_space = ColorSpace::kRgb;
  source.orientation = webp.orientation;
  source.has_icc_profile = !webp.icc_profile.empty();
  if (webp.icc_profile.size() > kMaxProfileBytes) {
    return ProfileTooLargeError(source.format, kMaxProfileBytes);
  }
  work.icc_profile = std::string(webp.icc_profile);
  if (work.options.frame > 0) return FrameNotFoundError(work.options.frame, source.frames);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
