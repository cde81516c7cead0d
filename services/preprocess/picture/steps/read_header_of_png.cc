// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/icc_profile.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/png/inflater.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
namespace {

// As decoded: palettes are expanded, and a transparent colour becomes an alpha channel.
int DecodedChannels(const PngHeader& png) {
  const int colors = png.color == PngColor::kPalette ? 3 : PngChannels(png.color);
  return colors + (png.has_transparency ? 1 : 0);
}

}  // namespace

absl::Status ReadHeaderOfPng(Work& work) {
  TESSERA_ASSIGN_OR_RETURN(work.png, ReadPngHeader(work.file));
  const PngHeader& png = work.png;
  SourceInfo& source = work.result.source;
  source.width_px = png.width_px;
  source.height_px = png.height_px;
  source.channels = DecodedChannels(png);
  source.has_alpha = source.channels == 2 || source.channels == 4;
  source.bits_per_channel = png.bits == 16 ? 16 : 8;
  source.color_space = source.channels <= 2 ? ColorSpace::kGray : ColorSpace::kRgb;
  source.progressive = png.interlaced;
  source.orientation = png.orientation;
  if (work.options.frame > 0) return FrameNotFoundError(work.options.frame, source.frames);
  if (png.deflated_profile.empty()) return absl::OkStatus();
  source.has_icc_profile = true;
  // One that cannot be inflated is treated like any other broken profile: ignored.
  InflatedBytes profile = InflateAll(png.deflated_profile, kMaxProfileBytes);
  if (profile.too_long) return ProfileTooLargeError(source.format, kMaxProfileBytes);
  work.icc_profile = std::move(profile.bytes);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
