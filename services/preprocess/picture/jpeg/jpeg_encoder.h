// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_ENCODER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_ENCODER_H_

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "services/preprocess/picture/pixel_buffer.h"

namespace tessera::preprocess {

// Writes a baseline 4:4:4 JPEG without metadata from three planes of equal size: Y, Cb, Cr, full
// range. No conversion, no subsampling: the planes go straight into the transform. Error:
// INTERNAL/IMAGE_ENCODE_FAILED.
absl::StatusOr<std::string> EncodeJpegPlanes(std::span<const PixelBuffer> planes, int quality);

// The same from interleaved sRGB.
absl::StatusOr<std::string> EncodeJpegRgb(const PixelBuffer& pixels, int quality);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_ENCODER_H_
