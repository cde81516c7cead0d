// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/icc_profile.h"
#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/vips_evaluate.h"

namespace tessera::preprocess {
namespace {

// The picture converted by its own profile; nothing when the profile is broken or describes other
// colours than the picture has. Browsers ignore such profiles, and so do we.
std::optional<vips::VImage> ByProfile(const vips::VImage& color, const Work& work) {
  if (IccColorSpace(work.icc_profile) != work.result.source.color_space) return std::nullopt;
  vips::VImage tagged = color.copy();
  tagged.set(VIPS_META_ICC_NAME, nullptr, const_cast<char*>(work.icc_profile.data()),
             work.icc_profile.size());
  try {
    return tagged.icc_transform("srgb", vips::VImage::option()
                                            ->set("embedded", true)
                                            ->set("intent", VIPS_INTENT_RELATIVE)
                                            ->set("depth", 8));
  } catch (const vips::VError&) {
    vips_error_clear();
    return std::nullopt;
  }
}

}  // namespace

absl::Status ConvertToSrgb(Work& work) {
  const SourceInfo& source = work.result.source;
  const bool eight_bit_rgb =
      source.color_space == ColorSpace::kRgb && work.image.format() == VIPS_FORMAT_UCHAR;
  const bool foreign_profile = !work.icc_profile.empty() && !IsSrgbProfile(work.icc_profile);
  if (eight_bit_rgb && !foreign_profile) return absl::OkStatus();

  vips::VImage color = work.image;
  std::optional<vips::VImage> alpha;
  if (source.has_alpha) {
    const int colors = color.bands() - 1;
    // Every unit of alpha at 8 bits is 257 of them at 16.
    const double to_eight_bits = color.format() == VIPS_FORMAT_USHORT ? 1.0 / 257 : 1;
    alpha = color.extract_band(colors).linear(to_eight_bits, 0).rint().cast(VIPS_FORMAT_UCHAR);
    color = color.extract_band(0, vips::VImage::option()->set("n", colors));
  }
  std::optional<vips::VImage> converted;
  if (foreign_profile) converted = ByProfile(color, work);
  if (!converted) converted = color.colourspace(VIPS_INTERPRETATION_sRGB);
  color = converted->cast(VIPS_FORMAT_UCHAR);
  if (alpha) color = color.bandjoin(*alpha);
  TESSERA_ASSIGN_OR_RETURN(work.image, Evaluate(color, work.cancelled));
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
