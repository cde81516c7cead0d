// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/steps/vips_loader.h"
#include "services/preprocess/picture/vips_runtime.h"

namespace tessera::preprocess {
namespace {

ColorSpace ColorSpaceOf(const vips::VImage& image, int color_channels) {
  switch (image.interpretation()) {
    case VIPS_INTERPRETATION_CMYK:
      return ColorSpace::kCmyk;
    case VIPS_INTERPRETATION_LAB:
    case VIPS_INTERPRETATION_LABQ:
    case VIPS_INTERPRETATION_LABS:
      return ColorSpace::kLab;
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16:
      return ColorSpace::kGray;
    case VIPS_INTERPRETATION_sRGB:
    case VIPS_INTERPRETATION_RGB:
    case VIPS_INTERPRETATION_RGB16:
    case VIPS_INTERPRETATION_scRGB:
      return ColorSpace::kRgb;
    case VIPS_INTERPRETATION_MULTIBAND:
      return color_channels == 1   ? ColorSpace::kGray
             : color_channels == 3 ? ColorSpace::kRgb
                                   : ColorSpace::kOther;
    default:
      return ColorSpace::kOther;
  }
}

int IntegerField(const vips::VImage& image, const char* name, int fallback) {
  return image.get_typeof(name) != 0 ? image.get_int(name) : fallback;
}

// How many channels a colour has; -1 where that is anybody's guess.
int ColorChannels(ColorSpace color_space) {
  switch (color_space) {
    case ColorSpace::kGray:
      return 1;
    case ColorSpace::kRgb:
    case ColorSpace::kLab:
      return 3;
    case ColorSpace::kCmyk:
      return 4;
    case ColorSpace::kOther:
      return -1;
  }
  return -1;
}

// Whether the colour step knows what these samples mean.
bool IsPictureLike(const SourceInfo& source, VipsBandFormat format) {
  if (source.channels != ColorChannels(source.color_space) + (source.has_alpha ? 1 : 0)) {
    return false;
  }
  return format == VIPS_FORMAT_UCHAR || format == VIPS_FORMAT_USHORT ||
         format == VIPS_FORMAT_FLOAT || source.color_space == ColorSpace::kLab;
}

}  // namespace

absl::Status ReadHeader(Work& work) {
  SourceInfo& source = work.result.source;
  if (source.format == PictureFormat::kJpeg) return ReadHeaderOfJpeg(work);
  if (source.format == PictureFormat::kPng) return ReadHeaderOfPng(work);
  if (source.format == PictureFormat::kWebp) {
    work.webp = ReadStillWebpHeader(work.file);
    if (work.webp) return ReadHeaderOfWebp(work);
  }
  if (!VipsCanLoad(source.format)) {
    return FormatUnsupportedError("a picture whose decoder is not installed");
  }
  TESSERA_RETURN_IF_ERROR(CheckClaims(work));
  work.header = OpenWithVips(work.file, {.format = source.format});
  source.frames =
      static_cast<uint32_t>(std::max(1, IntegerField(work.header, VIPS_META_N_PAGES, 1)));
  if (work.options.frame >= source.frames) {
    return FrameNotFoundError(work.options.frame, source.frames);
  }
  if (work.options.frame > 0) {
    work.header = OpenWithVips(work.file, {.format = source.format, .frame = work.options.frame});
  }
  const vips::VImage& header = work.header;
  source.width_px = static_cast<uint32_t>(header.width());
  source.height_px = static_cast<uint32_t>(header.height());
  source.channels = header.bands();
  source.has_alpha = header.has_alpha();
  source.bits_per_channel = static_cast<int>(vips_format_sizeof(header.format())) * 8;
  source.color_space = ColorSpaceOf(header, source.channels - (source.has_alpha ? 1 : 0));
  if (header.get_typeof(VIPS_META_ICC_NAME) != 0) {
    size_t bytes = 0;
    const void* profile = header.get_blob(VIPS_META_ICC_NAME, &bytes);
    work.icc_profile.assign(static_cast<const char*>(profile), bytes);
    source.has_icc_profile = true;
  }
  const bool turned_by_decoder =
      source.format == PictureFormat::kAvif || source.format == PictureFormat::kHeic;
  source.orientation =
      turned_by_decoder ? 1 : std::clamp(vips_image_get_orientation(header.get_image()), 1, 8);
  if (!IsPictureLike(source, header.format())) {
    return FormatUnsupportedError("a picture with channels that are no colours");
  }
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
