// SPDX-License-Identifier: Apache-2.0
#include "common/status/status_macros.h"
#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/vips_evaluate.h"

namespace tessera::preprocess {
namespace {

vips::VImage Resample(vips::VImage image, OutputSize target, ResizeFilter filter) {
  const double across = static_cast<double>(target.width_px) / image.width();
  const double down = static_cast<double>(target.height_px) / image.height();
  // VIPS_KERNEL_CUBIC is cubic convolution with a = -0.5.
  const VipsKernel kernel =
      filter == ResizeFilter::kBicubic ? VIPS_KERNEL_CUBIC : VIPS_KERNEL_LANCZOS3;
  return image.resize(across, vips::VImage::option()->set("vscale", down)->set("kernel", kernel));
}

}  // namespace

absl::Status DecodeAndResize(Work& work) {
  vips::VImage image = work.image;
  work.image = vips::VImage();
  const bool resized = image.width() != static_cast<int>(work.target.width_px) ||
                       image.height() != static_cast<int>(work.target.height_px);
  if (resized && image.has_alpha()) {
    const VipsBandFormat samples = image.format();
    const VipsInterpretation interpretation = image.interpretation();
    image = Resample(image.premultiply(), work.target, work.options.filter)
                .unpremultiply()
                .cast(samples)
                .copy(vips::VImage::option()->set("interpretation", interpretation));
  } else if (resized) {
    image = Resample(image, work.target, work.options.filter);
  }
  TESSERA_ASSIGN_OR_RETURN(work.image, Evaluate(image, work.cancelled));
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
