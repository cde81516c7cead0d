// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "services/preprocess/picture/icc_profile.h"
#include "services/preprocess/picture/output_size.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
namespace {

// The decoder, ready to start, if this is a JPEG that the fast path prepares: gray or YCbCr, in
// sRGB, wanted as JPEG again. Everything else goes through libvips.
std::unique_ptr<JpegDecoder> OpenForFastPath(const Work& work) {
  if (work.result.source.format != PictureFormat::kJpeg) return nullptr;
  if (work.options.encoding != PictureEncoding::kJpeg) return nullptr;
  if (!work.icc_profile.empty() && !IsSrgbProfile(work.icc_profile)) return nullptr;
  auto decoder = std::make_unique<JpegDecoder>(work.file, work.cancelled);
  if (!decoder->ReadHeader() || !decoder->IsPlainGrayOrYcbcr()) return nullptr;
  return decoder;
}

}  // namespace

absl::Status Plan(Work& work) {
  const SourceInfo& source = work.result.source;
  work.target = FitWithin(source.width_px, source.height_px, work.options.max_side_px);
  work.jpeg = OpenForFastPath(work);
  const bool resized =
      work.target.width_px != source.width_px || work.target.height_px != source.height_px;
  work.result.plan = {
      .path = work.jpeg != nullptr ? "libjpeg-turbo" : "libvips",
      .shrink_on_load = source.format == PictureFormat::kJpeg
                            ? JpegShrink(source.width_px, source.height_px, work.target)
                            : 1,
      .kernel = resized ? "lanczos3" : "none"};
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
