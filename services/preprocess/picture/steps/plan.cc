// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/icc_profile.h"
#include "services/preprocess/picture/jpeg/jpeg_planes.h"
#include "services/preprocess/picture/jpeg/jpeg_rows.h"
#include "services/preprocess/picture/jpeg/jpeg_scans.h"
#include "services/preprocess/picture/orientation.h"
#include "services/preprocess/picture/output_size.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/png/png_rows.h"
#include "services/preprocess/picture/rows/vips_rows.h"
#include "services/preprocess/picture/sizing/size_plan.h"
#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/steps/vips_loader.h"
#include "services/preprocess/picture/webp/webp_planes.h"
#include "services/preprocess/picture/webp/webp_rows.h"

namespace tessera::preprocess {
namespace {

void PlanSides(Work& work) {
  const SourceInfo& source = work.result.source;
  const bool on_its_side = OrientationFromExif(source.orientation).swap_axes;
  const auto turned = [on_its_side](OutputSize size) {
    return on_its_side ? OutputSize{size.height_px, size.width_px} : size;
  };
  work.size = PlanSize(turned({source.width_px, source.height_px}), work.options.size,
                       work.options.max_side_px);
  work.target = turned({work.size.content.width_px, work.size.content.height_px});
}

absl::Status CheckTensor(const Work& work) {
  const std::optional<TensorSpec>& tensor = work.options.tensor;
  if (!tensor) return absl::OkStatus();
  TESSERA_RETURN_IF_ERROR(CheckSides(*tensor, work.size.canvas));
  const uint64_t bytes = TensorBytes(*tensor, work.size.canvas);
  if (bytes > work.options.max_tensor_bytes) {
    return TensorTooLargeError(bytes, work.options.max_tensor_bytes);
  }
  return absl::OkStatus();
}

// Coded blocks that the picture consists of, all components together.
uint64_t Blocks(const JpegDecoder& decoder) {
  uint64_t blocks = 0;
  for (int i = 0; i < decoder.component_count(); ++i) blocks += decoder.BlocksOf(i);
  return blocks;
}

// Looking at the markers takes microseconds; decoding up to where it ends takes milliseconds, and
// for a progressive picture all the memory that its header claims.
absl::Status CheckJpegScans(const Work& work) {
  const JpegScans scans = FindJpegScans(work.file);
  if (scans.count > kMaxJpegScans) return CorruptError(PictureFormat::kJpeg);
  // Every block has a first coefficient, and no code is shorter than a bit.
  const bool too_short = Blocks(*work.jpeg) > work.file.size() * 8;
  if (!scans.has_end || (too_short && work.jpeg->HasHuffmanCodes())) {
    return TruncatedError(PictureFormat::kJpeg, work.file.size());
  }
  return absl::OkStatus();
}

// Pictures that are stored as YCbCr, are in sRGB already and are wanted as JPEG never become RGB.
bool StaysYcbcr(const Work& work) {
  return work.options.encoding == PictureEncoding::kJpeg && !work.options.tensor &&
         !work.has_foreign_profile;
}

// JPEGs that are gray or YCbCr. False when this is another kind.
bool PlanJpeg(Work& work) {
  std::unique_ptr<JpegDecoder> decoder = std::move(work.jpeg);
  if (!decoder->IsPlainGrayOrYcbcr()) return false;
  const int shrink = work.result.plan.shrink_on_load;
  const uint64_t bytes = work.file.size();
  if (StaysYcbcr(work)) {
    work.planes = std::make_unique<JpegPlanes>(std::move(decoder), shrink, bytes);
  } else {
    work.rows = std::make_unique<JpegRows>(std::move(decoder), shrink, bytes);
  }
  work.result.plan.path = "libjpeg-turbo";
  return true;
}

// Whether the samples mix with a background as they are.
bool AlphaIsSimple(const Work& work) {
  return !work.result.source.has_alpha || !work.has_foreign_profile;
}

bool PlanPng(Work& work) {
  if (!IsPlainPng(work.png) || !AlphaIsSimple(work)) return false;
  work.rows = std::make_unique<PngRows>(work.file, work.png, BestUnfilter());
  work.result.plan.path = "isa-l";
  return true;
}

bool PlanWebp(Work& work) {
  if (!work.webp || !AlphaIsSimple(work)) return false;
  if (!work.webp->lossless && !work.webp->has_alpha && StaysYcbcr(work)) {
    work.planes = std::make_unique<WebpPlanes>(work.file, *work.webp, work.cancelled);
  } else {
    work.rows = std::make_unique<WebpRows>(work.file, *work.webp, work.cancelled);
  }
  work.result.plan.path = "libwebp";
  return true;
}

vips::VImage OpenPicture(Work& work) {
  const PictureFormat format = work.result.source.format;
  const int shrink = work.result.plan.shrink_on_load;
  if (format == PictureFormat::kPng) {
    if (work.png.has_metadata) work.essential_file = WithoutPngMetadata(work.file);
    return OpenWithVips(work.png.has_metadata ? work.essential_file : work.file,
                        {.format = format});
  }
  // Other formats were opened to read their header.
  if (!work.header.is_null()) return work.header;
  return OpenWithVips(work.file, {.format = format, .shrink = shrink});
}

bool SamplesAreBytes(const vips::VImage& image, ColorSpace color_space) {
  return image.format() == VIPS_FORMAT_UCHAR && image.coding() == VIPS_CODING_NONE &&
         (color_space == ColorSpace::kGray || color_space == ColorSpace::kRgb ||
          color_space == ColorSpace::kCmyk);
}

// libvips decodes everything else; where it delivers bytes, they are resampled like all others.
void PlanVips(Work& work) {
  const SourceInfo& source = work.result.source;
  const double shrink = work.result.plan.shrink_on_load;
  const vips::VImage image = OpenPicture(work);
  if (SamplesAreBytes(image, source.color_space) && AlphaIsSimple(work)) {
    work.rows =
        std::make_unique<VipsRows>(image, source.width_px / shrink, source.height_px / shrink);
  } else {
    work.image = image;
  }
  work.result.plan.path = "libvips";
}

}  // namespace

absl::Status Plan(Work& work) {
  const SourceInfo& source = work.result.source;
  const bool is_jpeg = source.format == PictureFormat::kJpeg;
  if (is_jpeg) TESSERA_RETURN_IF_ERROR(CheckJpegScans(work));
  PlanSides(work);
  TESSERA_RETURN_IF_ERROR(CheckTensor(work));
  const bool may_shrink = is_jpeg && work.options.filter != ResizeFilter::kBicubic;
  const OutputSize stored{source.width_px, source.height_px};
  work.result.plan = {
      .shrink_on_load = may_shrink ? JpegShrink(source.width_px, source.height_px, work.target) : 1,
      .kernel = work.target == stored ? "none" : ResizeFilterName(work.options.filter)};
  work.has_foreign_profile = !work.icc_profile.empty() && !IsSrgbProfile(work.icc_profile);
  const bool planned = (is_jpeg && PlanJpeg(work)) ||
                       (source.format == PictureFormat::kPng && PlanPng(work)) ||
                       (source.format == PictureFormat::kWebp && PlanWebp(work));
  if (!planned) PlanVips(work);
  work.header = vips::VImage();
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
