// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "services/preprocess/picture/icc_profile.h"
#include "services/preprocess/picture/jpeg/jpeg_metadata.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/truncation.h"

namespace tessera::preprocess {
namespace {

ColorSpace ColorSpaceOf(const JpegDecoder& decoder) {
  switch (decoder.component_count()) {
    case 1:
      return ColorSpace::kGray;
    case 3:
      return ColorSpace::kRgb;
    case 4:
      return ColorSpace::kCmyk;
    default:
      return ColorSpace::kOther;
  }
}

}  // namespace

absl::Status ReadHeaderOfJpeg(Work& work) {
  auto decoder = std::make_unique<JpegDecoder>(work.file, work.cancelled);
  if (!decoder->ReadHeader()) {
    return decoder->failure() == JpegFailure::kTruncated ||
                   LooksTruncated(PictureFormat::kJpeg, work.file)
               ? TruncatedError(PictureFormat::kJpeg, work.file.size())
               : HeaderCorruptError(PictureFormat::kJpeg);
  }
  if (decoder->bits_per_sample() != 8) {
    return FormatUnsupportedError("a JPEG picture with more than 8 bits per channel");
  }
  SourceInfo& source = work.result.source;
  source.width_px = decoder->Size().width_px;
  source.height_px = decoder->Size().height_px;
  source.channels = decoder->component_count();
  source.color_space = ColorSpaceOf(*decoder);
  source.progressive = decoder->HasSeveralScans();
  if (source.color_space == ColorSpace::kOther) {
    return FormatUnsupportedError("a picture with channels that are no colours");
  }
  if (work.options.frame > 0) return FrameNotFoundError(work.options.frame, source.frames);
  JpegMetadata metadata = ReadJpegMetadata(work.file, kMaxProfileBytes);
  source.orientation = metadata.orientation;
  source.has_icc_profile = metadata.icc_profile_bytes != 0;
  if (metadata.icc_profile_bytes > kMaxProfileBytes) {
    return ProfileTooLargeError(source.format, kMaxProfileBytes);
  }
  work.icc_profile = std::move(metadata.icc_profile);
  work.jpeg = std::move(decoder);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
