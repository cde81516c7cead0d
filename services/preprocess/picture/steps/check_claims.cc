// SPDX-License-Identifier: Apache-2.0
//
// What a file could make libvips' decoders do before they tell us anything.
#include <optional>

#include "services/preprocess/picture/heif/coded_size.h"
#include "services/preprocess/picture/heif/heif_file.h"
#include "services/preprocess/picture/icc_profile.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/tiff/tiff_claims.h"

namespace tessera::preprocess {
namespace {

absl::Status CheckPixels(uint64_t width_px, uint64_t height_px, const Work& work) {
  if (height_px == 0 || width_px <= work.limits.max_pixels / height_px) return absl::OkStatus();
  return TooManyPixelsError(width_px, height_px, 1, work.limits.max_pixels);
}

absl::Status CheckProfile(uint64_t bytes, const Work& work) {
  if (bytes <= kMaxProfileBytes) return absl::OkStatus();
  return ProfileTooLargeError(work.result.source.format, kMaxProfileBytes);
}

absl::Status CheckHeif(const Work& work) {
  const HeifFile heif = ReadHeifFile(work.file);
  absl::Status status = CheckPixels(heif.stated_width_px, heif.stated_height_px, work);
  // Coded pictures are a little larger than shown ones: sides are rounded up to whole blocks.
  const CodedSize coded = LargestCodedSize(heif);
  if (status.ok() && coded.Pixels() > work.limits.max_pixels + work.limits.max_pixels / 8) {
    status = TooManyPixelsError(coded.width_px, coded.height_px, 1, work.limits.max_pixels);
  }
  if (status.ok()) status = CheckProfile(heif.icc_profile_bytes, work);
  if (status.ok() && heif.overfull) status = HeaderCorruptError(work.result.source.format);
  return status;
}

absl::Status CheckTiff(const Work& work) {
  const std::optional<TiffClaims> claims = ReadTiffClaims(work.file, work.options.frame);
  if (!claims) return absl::OkStatus();  // Its decoder will say what is wrong.
  absl::Status status = CheckPixels(claims->width_px, claims->height_px, work);
  if (status.ok()) status = CheckPixels(claims->tile_width_px, claims->tile_height_px, work);
  if (status.ok()) status = CheckProfile(claims->icc_profile_bytes, work);
  return status;
}

}  // namespace

absl::Status CheckClaims(const Work& work) {
  switch (work.result.source.format) {
    case PictureFormat::kTiff:
      return CheckTiff(work);
    case PictureFormat::kAvif:
    case PictureFormat::kHeic:
      return CheckHeif(work);
    default:
      return absl::OkStatus();
  }
}

}  // namespace tessera::preprocess
