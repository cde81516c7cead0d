// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/rows/vips_rows.h"

#include <algorithm>
#include <cstring>

namespace tessera::preprocess {
namespace {

// Loaders work in strips of about this many rows.
constexpr int kStripRows = 16;

}  // namespace

VipsRows::VipsRows(const vips::VImage& image, double width_extent, double height_extent)
    : image_(image),
      shape_{.width_px = static_cast<uint32_t>(image.width()),
             .height_px = static_cast<uint32_t>(image.height()),
             .width_extent = width_extent,
             .height_extent = height_extent,
             .channels = static_cast<uint32_t>(image.bands()),
             .has_alpha = image.has_alpha()},
      region_(vips_region_new(image.get_image())) {}

absl::Status VipsRows::ReadRow(uint8_t* row) {
  VipsRegion* region = region_.get();
  if (next_row_ % kStripRows == 0) {
    const VipsRect strip = {0, next_row_, image_.width(),
                            std::min(kStripRows, image_.height() - next_row_)};
    if (vips_region_prepare(region, &strip) != 0) throw vips::VError();
  }
  std::memcpy(row, VIPS_REGION_ADDR(region, 0, next_row_), VIPS_REGION_SIZEOF_LINE(region));
  ++next_row_;
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
