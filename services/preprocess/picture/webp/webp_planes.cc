// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/webp/webp_planes.h"

#include <algorithm>
#include <cstring>

#include "common/status/status_macros.h"

namespace tessera::preprocess {
namespace {

// A row of blocks; chroma has half of it.
constexpr int kBandRows = 16;

PlaneShape Luma(const WebpHeader& header) {
  return {.width_px = header.width_px,
          .height_px = header.height_px,
          .width_extent = static_cast<double>(header.width_px),
          .height_extent = static_cast<double>(header.height_px),
          .row_samples = header.width_px,
          .rows_per_read = kBandRows,
          .range = SampleRange::kVideoLuma};
}

PlaneShape Chroma(const WebpHeader& header) {
  return {.width_px = (header.width_px + 1) / 2,
          .height_px = (header.height_px + 1) / 2,
          .width_extent = header.width_px / 2.0,
          .height_extent = header.height_px / 2.0,
          .row_samples = (header.width_px + 1) / 2,
          .rows_per_read = kBandRows / 2,
          .half_width = true,
          .half_height = true,
          .range = SampleRange::kVideoChroma};
}

}  // namespace

WebpPlanes::WebpPlanes(std::string_view file, const WebpHeader& header, CancelCheck cancelled)
    : height_(static_cast<int>(header.height_px)),
      planes_{Luma(header), Chroma(header), Chroma(header)},
      decoder_(file, MODE_YUV, cancelled) {}

absl::Status WebpPlanes::ReadRows(uint8_t** const (&rows)[3]) {
  TESSERA_RETURN_IF_ERROR(decoder_.DecodeTo(std::min(next_row_ + kBandRows, height_)));
  for (size_t p = 0; p < planes_.size(); ++p) {
    const PlaneShape& plane = planes_[p];
    const int first = p == 0 ? next_row_ : next_row_ / 2;
    const int count =
        std::min(static_cast<int>(plane.rows_per_read), static_cast<int>(plane.height_px) - first);
    const int index = static_cast<int>(p);
    for (int i = 0; i < count; ++i) {
      std::memcpy(rows[p][i],
                  decoder_.plane(index) + std::ptrdiff_t{decoder_.stride(index)} * (first + i),
                  plane.width_px);
    }
  }
  next_row_ += kBandRows;
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
