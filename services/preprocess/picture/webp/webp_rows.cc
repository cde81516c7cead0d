// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/webp/webp_rows.h"

#include <cstring>

#include "common/status/status_macros.h"

namespace tessera::preprocess {

WebpRows::WebpRows(std::string_view file, const WebpHeader& header, CancelCheck cancelled)
    : shape_{.width_px = header.width_px,
             .height_px = header.height_px,
             .width_extent = static_cast<double>(header.width_px),
             .height_extent = static_cast<double>(header.height_px),
             .channels = header.has_alpha ? 4u : 3u,
             .has_alpha = header.has_alpha},
      decoder_(file, header.has_alpha ? MODE_RGBA : MODE_RGB, cancelled) {}

absl::Status WebpRows::ReadRow(uint8_t* row) {
  TESSERA_RETURN_IF_ERROR(decoder_.DecodeTo(next_row_ + 1));
  std::memcpy(row, decoder_.plane(0) + std::ptrdiff_t{decoder_.stride(0)} * next_row_,
              size_t{shape_.width_px} * shape_.channels);
  ++next_row_;
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
