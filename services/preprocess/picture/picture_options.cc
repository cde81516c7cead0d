// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/picture_options.h"

#include <fmt/format.h>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::preprocess {

std::string_view EncodingName(PictureEncoding encoding) {
  return encoding == PictureEncoding::kPng ? "png" : "jpeg";
}

std::string_view EncodingMediaType(PictureEncoding encoding) {
  return encoding == PictureEncoding::kPng ? "image/png" : "image/jpeg";
}

absl::Status Validate(const PictureOptions& options) {
  if (options.max_side_px < 1 || options.max_side_px > 4096) {
    return InvalidField("max_side_px",
                        fmt::format("is {}, but must be 1 to 4096", options.max_side_px));
  }
  if (options.jpeg_quality < 1 || options.jpeg_quality > 100) {
    return InvalidField("jpeg_quality",
                        fmt::format("is {}, but must be 1 to 100", options.jpeg_quality));
  }
  if (options.tensor) TESSERA_RETURN_IF_ERROR(Validate(*options.tensor, "tensor."));
  return Validate(options.size);
}

}  // namespace tessera::preprocess
